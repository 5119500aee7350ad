import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { logFormats } from '../../../adapters/observer/formats.js';

const head = async (name: string) => {
  const text = await readFile(join(import.meta.dirname, 'logs', name), 'utf8');
  return text.split('\n').slice(0, 20);
};
const mapping = {
  time: 'ts',
  connection: 'id',
  event: 'what',
  client: 'in',
  server: 'out',
  message: 'data',
};
const theirs = ['{"ts":1,"id":1,"what":"in","data":{}}'];

it('ixgate’s own files are known as what they are, with a mapping or without', async () => {
  const [recording, log] = [await head('gate.jsonl'), await head('gate.log')];
  for (const formats of [logFormats(), logFormats({ mapping })]) {
    const knowing = (lines: string[]) =>
      formats.find((format) => format.recognises(lines))?.id ?? null;
    expect(knowing(recording)).toBe('ixgate-recording');
    expect(knowing(log)).toBe('ixgate-log');
  }
});

it('JSON lines of another program are a log only with a mapping', () => {
  const knowing = (formats: ReturnType<typeof logFormats>) =>
    formats.filter((format) => format.recognises(theirs)).map(({ id }) => id);
  expect(knowing(logFormats())).toEqual([]);
  expect(knowing(logFormats({ mapping }))).toEqual(['json']);
});

it('every format has a unique name', () => {
  expect(logFormats({ mapping }).map(({ id }) => id)).toEqual([
    'ixgate-recording',
    'ixgate-log',
    'json',
    'interaction-server',
    'outbound-contact-server',
  ]);
});
