/** Faults around a gate: its log cannot be written, or the gate itself fails. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Line, program, serving } from '../cli/ixgate.js';
import { freePort } from '../support/free-port.js';
import { type LineClient, lineClient, registerRequest } from '../support/line-client.js';

const ack = { messageName: 'EventAck' };

describe('a log', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'on a full disk does not prevent the gate from answering or exiting',
    async () => {
      const port = await freePort();
      const full = openSync('/dev/full', 'w');
      const listen = ['--listen', `tcp://127.0.0.1:${port}`, '--admin', 'off'];
      const child = spawn(process.execPath, [program, 'serve', ...listen], {
        cwd: tmpdir(),
        stdio: ['ignore', full, 'pipe'],
      });
      const ended = once(child, 'close');
      let stderr = '';
      child.stderr?.on('data', (text) => {
        stderr += text;
      });
      for (let round = 0; round < 20; round += 1) {
        await using client = await listening(port, () => child.exitCode === null);
        expect(await client.ask(registerRequest())).toMatchObject(ack);
      }
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(stderr).toBe('');
    },
  );

  it('with a full pipe and a stopped reader does not either', async () => {
    await using gate = await serving(['--registration-rate', '1000000:1000000']);
    gate.child.stdout?.pause();
    // Two lines per registration: more in total than the pipe and the gate can buffer.
    const clientName = 'x'.repeat(255);
    for (let round = 0; round < 1_200; round += 1) {
      await using client = await lineClient(gate.port);
      expect(await client.ask(registerRequest({ clientName }))).toMatchObject(ack);
    }
    await using last = await lineClient(gate.port);
    expect(await last.ask(registerRequest())).toMatchObject(ack);
    gate.child.kill('SIGTERM');
    expect(await last.next()).toMatchObject({ errorCode: 7 });
    last.socket.end();
    const [code] = await once(gate.child, 'exit');
    expect(code).toBe(0);
    gate.child.stdout?.resume();
    await gate.ended;
    // Only whole lines were dropped.
    const lines = gate.stdout.trim().split('\n').slice(0, -1);
    const registered = lines.filter((line) => JSON.parse(line).event === 'registered');
    expect(registered.length).toBeLessThan(1_201);
  }, 60_000);
});

describe('a fault of the gate itself', () => {
  it.each([
    ['thrown', 'throw new TypeError("secret-lorem")'],
    ['thrown as a string', 'throw "secret-lorem"'],
    ['in a promise', 'Promise.reject(new TypeError("secret-lorem"))'],
  ])(
    'T32: %s ends it with 1 and one line that has the location, and nothing that a client sent',
    async (_what, fault) => {
      const preload = `process.on("SIGUSR2", () => { ${fault} })`;
      await using gate = await serving([], {
        // Encoded, because the error's location contains this address.
        env: {
          NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(preload).toString('base64')}`,
        },
      });
      await using client = await lineClient(gate.port);
      await client.ask(registerRequest());
      gate.child.kill('SIGUSR2');
      expect(await gate.ended).toBe(1);
      // The system closes open sockets: the client notices.
      await client.ended;
      const lines = gate.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      expect(lines.filter(({ event }) => event === 'crashed')).toMatchObject([
        { level: 'fatal', msg: expect.stringMatching(/^internal error, the process exits: /) },
      ]);
      expect(lines.at(-1)).toMatchObject({ event: 'crashed' });
      expect(gate.stdout + gate.stderr).not.toContain('secret');
    },
  );
});

/** A client, as soon as the gate listens. */
async function listening(port: number, mayCome: () => boolean): Promise<LineClient> {
  for (;;) {
    const client = await lineClient(port).catch(() => null);
    if (client) return client;
    if (!mayCome()) throw new Error('the gate has ended');
  }
}
