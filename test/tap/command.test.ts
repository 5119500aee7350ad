import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { createServer } from '../../adapters/server/index.js';
import { Command, ixgate } from '../cli/in-process.js';

test('ixgate tap shows what passes, records it, and ends with Ctrl-C', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ixgate-tap-'));
  await using gate = await createServer({ listen: ['tcp://127.0.0.1:0'] });
  const [to] = gate.endpoints.map(formatEndpoint);
  const args = ['tap', '--listen', 'tcp://127.0.0.1:0', '--to', to ?? '', '--port', '0'];
  await using tap = new Command([...args, '--record', join(folder, 'tap'), '--json']);
  const { endpoints } = (await tap.event('listening')) as { endpoints: string[] };
  const asked = ['register', endpoints[0] ?? '', '--name', 'desk-1', '--type', 'AgentApplication'];
  expect((await ixgate(asked)).code).toBe(0);
  expect(await tap.event('session')).toMatchObject({ client: 'desk-1', verdict: 'registered' });
  tap.kill('SIGINT');
  expect(await tap.ended).toBe(0);
  const { stdout } = await ixgate(['analyze', join(folder, 'tap'), '--json']);
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({
    client: 'desk-1',
    verdict: 'registered',
  });
  await rm(folder, { recursive: true });
});

test.each([
  [['--listen', 'tcp://127.0.0.1:0', '--to', 'ws://127.0.0.1:1'], 2, /expected tcp or tls/],
  [
    ['--listen', 'tls://127.0.0.1:0', '--to', 'tcp://127.0.0.1:1'],
    2,
    /needs a certificate and its key/,
  ],
  [['--listen', 'tcp://127.0.0.1:0', '--to', 'nowhere'], 2, /invalid endpoint/],
  [
    ['--listen', 'tcp://127.0.0.1:0', '--to', 'tcp://127.0.0.1:1', '--listen-key', 'k.pem'],
    2,
    /must be given together/,
  ],
  [['--listen', 'tcp://203.0.113.1:7014', '--to', 'tcp://127.0.0.1:1'], 5, /cannot listen on tcp:/],
])('ixgate tap %s ends with %i and one line', async (args, code, sentence) => {
  const ran = await ixgate(['tap', ...args]);
  expect(ran.stderr).toMatch(sentence);
  expect(ran.stderr.trim().split('\n')).toHaveLength(1);
  expect(ran.code).toBe(code);
});
