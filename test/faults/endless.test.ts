/** Endless frames, at a gate in a separate process whose memory is measured. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closedOf } from '../support/closed.js';
import { registerRequest } from '../support/line-client.js';
import { frameOf, opcodes, RawWebSocket, textFrame } from '../support/raw-web-socket.js';

const mebibyte = 1_048_576;
/** The beginning of a valid message: any other first byte is rejected. */
const chunk = Buffer.alloc(65_536, '{');
const running: { child?: ChildProcess; ports?: { tcp: number; ws: number } } = {};

beforeAll(async () => {
  const child = fork('test/faults/endless-child.mjs', { execArgv: ['--expose-gc'] });
  running.child = child;
  [running.ports] = (await once(child, 'message')) as [{ tcp: number; ws: number }];
});
afterAll(async () => {
  const { child } = running;
  if (!child) return;
  const gone = once(child, 'exit');
  child.kill();
  await gone;
});

async function told<Answer>(asked: string): Promise<Answer> {
  const answer = once(running.child as ChildProcess, 'message');
  running.child?.send(asked);
  return (await answer)[0];
}

/** Writes 64 MiB as fast as the socket accepts them, or until the end. @returns bytes that the system accepted */
async function flood(socket: Socket, piece: Buffer): Promise<number> {
  const gone = closedOf(socket);
  for (let sent = 0; sent < 64 * mebibyte && !socket.destroyed; sent += piece.length) {
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => {}), gone]);
  }
  socket.end();
  await gone;
  return socket.bytesWritten;
}

async function tcp(): Promise<Socket> {
  const socket = connect({ port: running.ports?.tcp ?? 0, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  return socket;
}

async function ws(...first: Uint8Array[]): Promise<Socket> {
  const client = await RawWebSocket.open(running.ports?.ws ?? 0);
  client.send(...first);
  return client.socket;
}

const announced = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]);

describe('64 MiB of one frame, from an unregistered client', () => {
  it.each<[string, () => Promise<Socket>, Buffer]>([
    ['an endless line', tcp, chunk],
    ['a WebSocket message announced as 64 MiB', () => ws(announced), chunk],
    [
      'a WebSocket message in fragments',
      () => ws(frameOf(opcodes.text, 'x')),
      frameOf(opcodes.continuation, Buffer.alloc(4_096)),
    ],
  ])(
    'T15: grow the gate by less than a MiB: %s',
    async (what, open, piece) => {
      // The first run creates what later ones reuse: compiled code, the system's buffers.
      await flood(await open(), piece);
      expect(await told('watch')).toBe('watching');
      const sent = await flood(await open(), piece);
      const { grown } = await told<{ grown: number }>('report');
      console.info(`T15: ${what}: ${Math.round(grown / 1_024)} KiB`);
      expect(sent).toBeGreaterThan(65_536);
      expect(grown).toBeLessThan(mebibyte);
    },
    60_000,
  );
});

describe('Endless messages behind a pending registration', () => {
  const request = JSON.stringify(registerRequest({ clientName: 'slow' }));
  it.each([
    ['a byte each', textFrame('x')],
    ['nothing each', textFrame('')],
  ])(
    'cost only what was read before the gate stopped reading: %s',
    async (_what, tiny) => {
      const count = 16;
      const behind = Buffer.concat(Array(Math.floor(60_000 / tiny.length)).fill(tiny));
      const clients: RawWebSocket[] = [];
      const open = async (wanted: number) => {
        while (clients.length < wanted) {
          const client = await RawWebSocket.open(running.ports?.ws ?? 0);
          clients.push(client);
          client.send(textFrame(request), behind);
        }
        await expect.poll(() => told('validating')).toBe(wanted);
      };
      await open(2);
      expect(await told('watch')).toBe('watching');
      await open(2 + count);
      const { grown } = await told<{ grown: number }>('report');
      for (const client of clients) await client[Symbol.asyncDispose]();
      // The gate has stopped reading: it notices that a client is gone when it resumes.
      await told('answer');
      await expect.poll(() => told('validating')).toBe(0);
      // An object for each would be 1.4 MiB a client. A session, its socket and its data are about 50 KiB.
      expect(grown / count).toBeLessThan(262_144);
    },
    60_000,
  );
});
