/** The recording of a real gate, under a suite that plays every message in every state. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PassiveResult } from '../../../machines/engine/learning/passive.js';
import { ixgate, serving } from '../in-process.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ixgate-gate-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('A gate equals its figure, as far as the suite went', async () => {
  const clients = join(folder, 'clients.json');
  await writeFile(clients, JSON.stringify({ clients: [{ name: 'desk-1' }] }));
  const recordings = join(folder, 'recordings');
  {
    await using gate = await serving([
      ...['--clients', clients, '--record', recordings],
      ...['--registration-timeout', '2s', '--rejection-timeout', '1s'],
    ]);
    const client = (clientName: string) =>
      JSON.stringify({ clientName, clientType: 'AgentApplication' });
    await ixgate([
      ...['conform', gate.endpoint, '--criterion', 'transitions'],
      ...['--valid', client('desk-1'), '--invalid', client('unknown')],
    ]);
  }
  const { code, stdout } = await ixgate(['learn', '--from', recordings, '--json']);
  const { differences, edges, lengths } = JSON.parse(stdout) as PassiveResult;
  expect({ code, differences }).toEqual({ code: 0, differences: [] });
  const unseen = edges.filter(({ count }) => count === 0).map(({ input }) => input);
  // A recording does not tell frames apart, nor who is registered a second time.
  const told = ['no-name', 'too-long', 'register-invalid', 'register-malformed'];
  expect(unseen.filter((input) => !told.includes(input))).toEqual([]);
  expect(lengths['awaiting/registration']).toBeGreaterThan(1_900);
  expect(lengths['awaiting/registration']).toBeLessThan(2_600);
});
