/** The proxy of proxy.test.ts that breaks connections, tested with two bare sockets. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closedOf } from '../support/closed.js';
import { type Direction, type Fault, FaultProxy } from '../support/fault-proxy.js';

const bytes = Buffer.from(Array.from({ length: 40 }, (_, n) => n));
const running: { server?: Server; port?: number } = {};
const directions = ['up', 'down'] as const;

beforeAll(async () => {
  const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.server = server;
  running.port = (server.address() as { port: number }).port;
});
afterAll(() => running.server?.close());

/** An end, and what it has received. */
class End {
  readonly chunks: Buffer[] = [];
  readonly closed: Promise<unknown>;
  readonly ended: Promise<unknown>;
  error: string | undefined;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      this.error = code;
    });
    this.closed = closedOf(socket);
    this.ended = new Promise((resolve) => socket.once('end', resolve));
  }

  get heard(): Buffer {
    return Buffer.concat(this.chunks);
  }

  async hears(length: number): Promise<void> {
    while (this.heard.length < length) await once(this.socket, 'data');
  }
}

/** A connection through a proxy: the sender and the receiver in the direction of the fault. */
async function through(fault: Fault | null, direction: Direction = fault?.direction ?? 'up') {
  const proxy = await FaultProxy.open(running.port ?? 0, fault);
  const arrived = once(running.server as Server, 'connection');
  const client = new End(
    connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }),
  );
  const server = new End(((await arrived) as [Socket])[0]);
  const [speaker, hearer] = direction === 'up' ? [client, server] : [server, client];
  const close = async () => {
    client.socket.destroy();
    server.socket.destroy();
    await Promise.all([client.closed, server.closed, proxy.close()]);
  };
  return { proxy, speaker, hearer, close };
}

describe.each(directions)('The fault proxy, %s', (direction) => {
  it('passes every byte once and in order, and the end', async () => {
    const { proxy, speaker, hearer, close } = await through(null, direction);
    for (const byte of bytes) speaker.socket.write(Uint8Array.of(byte));
    speaker.socket.end();
    await hearer.ended;
    expect(hearer.heard).toEqual(bytes);
    expect(proxy[direction].count).toBe(bytes.length);
    await close();
  });

  it('splits at any byte: two segments, each byte once', async () => {
    for (let at = 1; at < bytes.length; at += 1) {
      const { speaker, hearer, close } = await through({ direction, kind: 'split', at });
      speaker.socket.write(bytes);
      await hearer.hears(bytes.length);
      expect(hearer.chunks.map(({ length }) => length)).toEqual([at, bytes.length - at]);
      expect(hearer.heard).toEqual(bytes);
      await close();
    }
  });

  it('cuts off at any byte: the earlier bytes, then the end; the other direction continues', async () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      const { speaker, hearer, close } = await through({ direction, kind: 'cut', at });
      speaker.socket.write(bytes);
      await hearer.ended;
      expect(hearer.heard).toEqual(bytes.subarray(0, at));
      hearer.socket.write(bytes);
      await speaker.hears(bytes.length);
      await close();
    }
  });

  it('resets both sides at any byte, after the earlier bytes', async () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      const { speaker, hearer, close } = await through({ direction, kind: 'reset', at });
      speaker.socket.write(bytes);
      await Promise.all([speaker.closed, hearer.closed]);
      expect(hearer.heard).toEqual(bytes.subarray(0, at));
      expect([speaker.error, hearer.error]).toEqual(['ECONNRESET', 'ECONNRESET']);
      await close();
    }
  });

  it('stalls at any byte, the end too, until it is released', async () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      const { proxy, speaker, hearer, close } = await through({ direction, kind: 'stall', at });
      speaker.socket.end(bytes);
      // The other direction stays open: an answer through it shows that time has passed.
      await hearer.hears(at);
      hearer.socket.write('?');
      await speaker.hears(1);
      expect(proxy.struck).toBe(true);
      expect(hearer.heard).toEqual(bytes.subarray(0, at));
      proxy.release();
      await hearer.ended;
      expect(hearer.heard).toEqual(bytes);
      await close();
    }
  });
});
