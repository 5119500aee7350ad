import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ixgate, serving } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';

/** A gate with a socket of live control. */
async function controlled(args: readonly string[] = []) {
  const folder = await temporaryFolder();
  const control = `unix://${join(folder.path, 'ctl')}`;
  const gate = await serving(['--control', control, ...args], { cwd: folder.path });
  return {
    gate,
    folder: folder.path,
    control,
    /** Runs `ixgate ctl` against the gate. */
    ctl: (...words: string[]) => ixgate(['ctl', ...words, '--control', control]),
    async json(...words: string[]) {
      const { code, stdout, stderr } = await ixgate([
        'ctl',
        ...words,
        '--json',
        '--control',
        control,
      ]);
      return { code, value: JSON.parse(stdout || stderr) };
    },
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('ixgate ctl', () => {
  test('shows the state of the gate', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const { code, stdout } = await it.ctl('status');
    expect(stdout).toContain('clients     1 registered, 0 unregistered, 1 connections');
    expect(code).toBe(0);
    const { value } = await it.json('status');
    expect(value).toMatchObject({ state: 'running', notReady: null, registered: 1 });
  });

  test('kicks a client, which gets EventError kicked and stays away', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const { value } = await it.json(
      'kick',
      '--where',
      'client~desk',
      '--retry-after',
      '30s',
      '--reason',
      'update',
    );
    expect(value).toMatchObject({ kicked: 1 });
    expect(await client.next()).toEqual({
      messageName: 'EventError',
      referenceId: null,
      errorCode: 14,
      errorDescription: 'disconnected by an operator: update',
      retryAfter: 30_000,
    });
    expect(await client.next()).toBeNull();
    expect(await it.gate.event('disconnected')).toMatchObject({ reason: 'kicked' });
    expect(await it.gate.event('control')).toMatchObject({
      action: 'kick',
      by: 'control socket',
      outcome: 'done',
    });
  });
});
