import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileError } from '../../adapters/files/file-error.js';
import { analyzeLogs, logFormats } from '../../adapters/observer/index.js';
import { sampleSize } from '../support/sampling.js';

const corpus = fileURLToPath(new URL('../logs/', import.meta.url));
const logs = readdirSync(corpus)
  .filter((name) => /\.(log|jsonl)$/.test(name))
  .map((name) => readFileSync(join(corpus, name)));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ixgate-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Analyzes a log and counts the reported steps, sessions and findings; null when the format is unknown. */
async function analyzed(bytes: Uint8Array) {
  const path = join(folder, 'fuzzed.log');
  await writeFile(path, bytes);
  const told = { steps: 0, sessions: 0, findings: 0 };
  try {
    const read = await analyzeLogs([path], {
      formats: logFormats(),
      onStep: () => {
        told.steps += 1;
      },
      onSession: () => {
        told.sessions += 1;
      },
      onFinding: () => {
        told.findings += 1;
      },
    });
    return { ...read, ...told };
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return null;
  }
}

/** Lines as they are counted: the last one may have no end. */
function linesOf(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === 10) lines += 1;
  return bytes.length > 0 && bytes.at(-1) !== 10 ? lines + 1 : lines;
}

async function addsUp(bytes: Uint8Array): Promise<void> {
  const read = await analyzed(bytes);
  if (!read) return;
  const { counts } = read;
  expect(counts.used + counts.ignored + counts.damaged).toBe(counts.read);
  // UTF-16 has its line ends elsewhere.
  if (bytes[0] !== 0xff && bytes[0] !== 0xfe) expect(counts.read).toBe(linesOf(bytes));
}

const log = fc.constantFrom(...logs);

describe('A log that something has happened to is read, and every line of it counted,', () => {
  test('where it is cut', async () => {
    const cut = fc.tuple(log, fc.nat(), fc.nat()).map(([bytes, one, other]) => {
      const [from = 0, to = 0] = [one % bytes.length, other % bytes.length].sort((a, b) => a - b);
      return bytes.subarray(from, to);
    });
    await fc.assert(fc.asyncProperty(cut, addsUp), { numRuns: sampleSize(200) });
  });

  test('where bytes are others', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 });
    const changed = fc.tuple(log, changes).map(([bytes, others]) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, byte] of others) copy[at % copy.length] = byte;
      return copy;
    });
    await fc.assert(fc.asyncProperty(changed, addsUp), { numRuns: sampleSize(200) });
  });

  test('where lines of several are mixed', async () => {
    const line = fc.constantFrom(...logs.flatMap((bytes) => bytes.toString('latin1').split('\n')));
    const mixed = fc
      .array(line, { minLength: 1, maxLength: 60 })
      .map((lines) => Buffer.from(lines.join('\n'), 'latin1'));
    await fc.assert(fc.asyncProperty(mixed, addsUp), { numRuns: sampleSize(200) });
  });

  test('whatever it is', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), addsUp), {
      numRuns: sampleSize(100),
    });
  });
});
