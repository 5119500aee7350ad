/** `ixgate viz --protocol`: the chart of a protocol. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Command, ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';

it('shows the chart of a protocol on the page, to walk through it', async () => {
  await using command = new Command(['viz', '--protocol', 'mqtt-connect', '--json']);
  const { url } = JSON.parse(await command.line());
  const shown = await (await fetch(`${url}machine.json`)).json();
  expect(shown.name).toBe('mqtt-connect');
  expect(JSON.stringify(shown.start)).toContain('awaiting');
});

it('draws it with --svg', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'mqtt.svg');
  const { code } = await ixgate(['viz', '--protocol', 'mqtt-connect', '--svg', file]);
  expect(code).toBe(0);
  expect(await readFile(file, 'utf8')).toContain('connect-refused');
});

it.each([
  [
    ['--protocol', 'mqtt-connect', '--machine', 'a.ts'],
    '--machine and --protocol exclude each other',
  ],
  [['--protocol', 'mqtt-connect', 'a.jsonl'], '--protocol shows a machine, without recordings'],
  [['--protocol', 'mqtt-connect', '--input', '{}'], '--input needs --machine FILE'],
  [['--protocol', 'mqtt'], 'unknown protocol "mqtt"; allowed: mqtt-connect'],
])('%j is a usage error', async (args, message) => {
  const { code, stderr } = await ixgate(['viz', ...args]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
