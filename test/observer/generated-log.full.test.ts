import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExpectedSession, generatedLog } from '../../scripts/generated-log.js';
import { program } from '../cli/ixgate.js';

const sessions = 100_000;
/** Tells of itself, when it ends, how much memory it had at most. */
const telling = fileURLToPath(new URL('tell-memory.mjs', import.meta.url));

let folder: string;
const expected = new Map<string, ExpectedSession>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ixgate-made-'));
  const file = createWriteStream(join(folder, 'made.log'));
  for (const piece of generatedLog({ sessions, seed: 7 })) {
    if ('text' in piece) file.write(piece.text);
    else expected.set(piece.expected.session, piece.expected);
  }
  await finished(file.end());
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('The verdict of each of 100,000 sessions of a log is right, and so is its time to answer, in less than 300 MB', async () => {
  const args = ['--import', telling, program, 'analyze', join(folder, 'made.log'), '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  let right = 0;
  const wrong: unknown[] = [];
  let end: Record<string, unknown> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const found = JSON.parse(line);
    if (found.type === 'end') end = found;
    if (found.type !== 'session') continue;
    const wanted = expected.get(found.session);
    const { client, verdict, answeredAfter, error } = found;
    const isRight =
      wanted?.client === client &&
      wanted?.verdict === verdict &&
      wanted?.answeredAfter === answeredAfter &&
      wanted?.errorCode === (error?.code ?? null);
    if (isRight) right += 1;
    else if (wrong.length < 3) wrong.push({ found, wanted });
  }
  expect(wrong).toEqual([]);
  expect(right).toBe(sessions);
  // The only findings are those of clients that waited for an answer until the connection ended.
  const unanswered = [...expected.values()].filter(({ verdict }) =>
    ['closed-before-answer', 'never-answered'].includes(verdict),
  );
  expect(end).toMatchObject({ sessions, findings: unanswered.length });
  const [, megabytes] = /at most (\d+) MB/.exec(told) ?? [];
  expect(Number(megabytes)).toBeGreaterThan(50);
  expect(Number(megabytes)).toBeLessThan(300);
}, 120_000);
