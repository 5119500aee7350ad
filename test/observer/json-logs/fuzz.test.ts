import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ixgateLogFormat,
  jsonFormat,
  recordingFormat,
} from '../../../adapters/observer/json-logs/index.js';
import { observeText } from './reading.js';

const read = (name: string) => readFile(join(import.meta.dirname, 'logs', name), 'utf8');
const json = jsonFormat({
  time: 'time',
  connection: 'session',
  event: ['event', 'direction', 'name'],
  connected: 'Connected',
  disconnected: ['disconnected', 'Disconnected'],
  client: ['refused', 'in'],
  server: 'out',
  message: 'payload',
});
const formats = [
  { format: recordingFormat, text: (await read('gate.jsonl')).slice(0, 12_000) },
  { format: ixgateLogFormat, text: (await read('gate.log')).slice(0, 9_000) },
  { format: json, text: (await read('gate.jsonl')).slice(0, 12_000).replaceAll('"at"', '"time"') },
];

/** For any text, the reader throws nothing, counts every line once and reports every damage. */
function holds(format: (typeof formats)[number]['format'], text: string): void {
  const { counts, damages, events } = observeText(format, text);
  const lines = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0);
  expect(counts.read).toBe(lines);
  expect(counts.used + counts.ignored + counts.damaged).toBe(lines);
  expect(damages).toHaveLength(counts.damaged);
  for (const { at } of events) expect(at).toBeTypeOf('number');
  for (const { at } of events) expect(Number.isFinite(at)).toBe(true);
  const head = text.split('\n');
  expect(format.recognises(head)).toBeTypeOf('boolean');
  const start = format.startOf(head, { file: 'a', name: 'a' });
  expect(start === null || Number.isFinite(start)).toBe(true);
}

describe.each(formats)('The reader of $format.id', ({ format, text }) => {
  it('holds for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
        holds(format, Buffer.from(bytes).toString('latin1')),
      ),
    );
  });

  it('holds for any JSON in a line, and for any value instead of a valid one', () => {
    const lines = text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.json(),
            fc
              .tuple(fc.constantFrom(...lines), fc.nat(30), fc.jsonValue())
              .map(([line, index, value]) => {
                const object = JSON.parse(line);
                const keys = Object.keys(object);
                return JSON.stringify({ ...object, [keys[index % keys.length] ?? '']: value });
              }),
          ),
          { maxLength: 12 },
        ),
        (made) => holds(format, made.map((line) => `${line}\n`).join('')),
      ),
    );
  });

  it('holds wherever a file is cut, and whatever is cut out of it', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        holds(format, text.slice(from, to));
        holds(format, text.slice(0, from) + text.slice(to));
      }),
      { numRuns: 60 },
    );
  });

  it('holds for a line that is nested deeper than a stack is', () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    holds(
      format,
      `${text.split('\n')[0]?.replace(/"payload":null/, `"payload":{"messageName":"x","a":${deep}}`)}\n${deep}\n`,
    );
    holds(format, `${'['.repeat(100_000)}\n`);
  });
});
