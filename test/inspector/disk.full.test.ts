import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { temporaryFolder } from '../support/folder.js';

const command = resolve('adapters/cli/ixgate.mjs');

it.runIf(process.platform === 'linux')(
  'ixgate inspector reports a disk that fails while it records, goes on, and exits with 2',
  async () => {
    await using folder = await temporaryFolder();
    const record = join(folder.path, 'today.jsonl');
    // Files may have 32 KiB: later writes fail as on a full disk.
    const script = 'ulimit -f 32; exec "$0" "$@"';
    const args = ['inspector', '--listen', 'http://127.0.0.1:0', '--record', record, '--json'];
    const child = spawn('bash', ['-c', script, process.execPath, command, ...args]);
    const stderr: string[] = [];
    child.stderr.on('data', (data) => stderr.push(String(data)));
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url, appUrl } = JSON.parse(String(line)) as Record<string, string>;
    const app = new WebSocket(`${appUrl}?name=shop`);
    await once(app, 'open');
    const send = (count: number) => {
      const event = { type: 'GO', filler: 'x'.repeat(1_000) };
      const message = JSON.stringify({ type: '@xstate.event', sessionId: 'x:0', event });
      for (let number = 0; number < count; number += 1) app.send(message);
    };
    const messages = async () => {
      const answer = await fetch(`${url}/stately.json`);
      const { apps } = (await answer.json()) as { apps: { messages: number }[] };
      return apps[0]?.messages;
    };
    send(100);
    await expect.poll(() => stderr.join('')).toContain('RECORD_FAILED');
    send(10);
    await expect.poll(messages).toBe(110);
    app.terminate();
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(2);
    expect(stderr.join('').trim().split('\n')).toHaveLength(1);
    expect((await stat(record)).size).toBeLessThanOrEqual(32_768);
  },
);
