/** 20,000 sessions of a made log: no false difference, and every seeded mistake of the server. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PassiveResult } from '../../../machines/engine/learning/passive.js';
import {
  type GeneratedLogOptions,
  generatedLog,
  type Mistake,
} from '../../../scripts/generated-log.js';
import { ixgate } from '../in-process.js';

const sessions = 20_000;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ixgate-made-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function learned(options: Omit<GeneratedLogOptions, 'sessions'>): Promise<PassiveResult> {
  const path = join(folder, 'made.log');
  const file = createWriteStream(path);
  for (const piece of generatedLog({ sessions, ...options })) {
    if ('text' in piece && !file.write(piece.text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  const stated = ['--registration-timeout', '10s', '--rejection-timeout', '5s'];
  const { stdout } = await ixgate(['learn', '--from', path, ...stated, '--json']);
  return JSON.parse(stdout) as PassiveResult;
}

it('has no false difference, for several logs', async () => {
  for (const seed of [1, 2, 3]) {
    const { differences, doubtful, unknown } = await learned({ seed, isClean: true });
    expect({ seed, differences, doubtful, unknown }).toEqual({
      seed,
      differences: [],
      doubtful: [],
      unknown: [],
    });
  }
});

it('finds the requests that the server never answers, and nothing else', async () => {
  const { differences } = await learned({ seed: 4 });
  expect(
    differences.map(({ input, expectedState, observed }) => [input, expectedState, observed]),
  ).toEqual([['register', 'awaiting/registration', 'nothing']]);
});

const found: Readonly<Record<Mistake, readonly string[]>> = {
  'acks-first': ['output other in awaiting/registration', 'output other in awaiting/rejection'],
  'restarts-deadline': [
    'clock other in awaiting/rejection',
    'clock register-invalid in awaiting/rejection',
  ],
  'short-deadline': ['length silence in awaiting/registration'],
  'closes-refused': ['output register-invalid in awaiting/registration'],
  'deadline-runs-on': ['clock register in awaiting/rejection'],
};

it.each(Object.entries(found))('finds a server that %s', async (mistake, expected) => {
  const { differences } = await learned({ seed: 6, isClean: true, mistakes: [mistake as Mistake] });
  const titles = differences.map((one) => `${one.kind} ${one.input} in ${one.expectedState}`);
  expect(titles.sort()).toEqual(expected);
  // Each kind of session is frequent.
  for (const { first } of differences) expect(first).toBeLessThan(500);
});
