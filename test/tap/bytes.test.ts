import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openTap, type Tap, type TapOptions } from '../../adapters/tap/index.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A promise, and the way to keep it. */
function promised<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((keep) => {
    resolve = keep;
  });
  return { promise, resolve: (value: Value) => resolve(value) };
}

/** A server that does with each connection what a test wants. */
async function serverThat(takes: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    takes(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { server, to: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function tapTo(to: string, options: Partial<TapOptions> = {}): Promise<Tap> {
  const tap = await openTap({ listen: 'tcp://127.0.0.1:0', to, ...options });
  open.push(tap);
  return tap;
}

async function clientOf(tap: Tap): Promise<Socket> {
  const port = tap.endpoints[0]?.port ?? 0;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  open.push({ close: () => socket.destroy() });
  return socket;
}

async function everythingFrom(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

const chunks = fc.array(
  fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 3_000 }),
    fc.constantFrom(
      '{"messageName":"RequestSubmit"}\n',
      '\n',
      '{"messageName":',
      'x'.repeat(70_000),
    ),
  ),
  { maxLength: 8 },
);

describe('What passes through a tap', () => {
  it('is the same bytes in the same order, in both directions at once', async () => {
    let say: (socket: Socket) => void = () => {};
    const { to } = await serverThat((socket) => say(socket));
    const tap = await tapTo(to);
    await fc.assert(
      fc.asyncProperty(chunks, chunks, async (asked, answered) => {
        const heard = new Promise<Buffer>((resolve) => {
          say = (socket) => {
            resolve(everythingFrom(socket));
            for (const chunk of answered) socket.write(chunk);
            socket.end();
          };
        });
        const client = await clientOf(tap);
        const back = everythingFrom(client);
        for (const chunk of asked) client.write(chunk);
        client.end();
        const bytes = (said: typeof asked) => Buffer.concat(said.map((one) => Buffer.from(one)));
        expect((await heard).equals(bytes(asked))).toBe(true);
        expect((await back).equals(bytes(answered))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("is answered after the client's last word, and after the server's", async () => {
    const { to } = await serverThat((socket) => {
      socket.on('end', () => socket.end('after yours')).resume();
    });
    const client = await clientOf(await tapTo(to));
    client.end();
    expect(String(await everythingFrom(client))).toBe('after yours');

    const heard = promised<string>();
    const other = await serverThat((socket) => {
      socket.end();
      void everythingFrom(socket).then((bytes) => heard.resolve(String(bytes)));
    });
    const second = await clientOf(await tapTo(other.to));
    await once(second.resume(), 'end');
    second.end('after yours');
    expect(await heard.promise).toBe('after yours');
  });

  it('breaks where the other side breaks', async () => {
    const { to } = await serverThat((socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    );
    const client = await clientOf(await tapTo(to));
    client.write('x');
    const [error] = await once(client, 'error');
    expect(error.code).toBe('ECONNRESET');

    const broken = promised<string | undefined>();
    const other = await serverThat((socket) => {
      socket.resume().on('error', ({ code }: NodeJS.ErrnoException) => broken.resolve(code));
      socket.write('here');
    });
    const second = await clientOf(await tapTo(other.to));
    await once(second, 'data');
    second.resetAndDestroy();
    expect(await broken.promise).toBe('ECONNRESET');
  });

  it.each(['client', 'server'] as const)('waits while the %s does not read', async (silent) => {
    const taken = promised<Socket>();
    const { to } = await serverThat((socket) => taken.resolve(socket.pause()));
    const client = (await clientOf(await tapTo(to))).pause();
    const server = await taken.promise;
    const [writes, reads] = silent === 'server' ? [client, server] : [server, client];
    const megabyte = Buffer.alloc(1_048_576, 'x');
    let isFull = false;
    let written = 0;
    // The buffers of both sides and of the system take some bytes, and then no more.
    while (!isFull && written < 200) {
      written += 1;
      const isTaken = writes.write(megabyte) || (await drained(writes));
      isFull = !isTaken;
    }
    expect(isFull).toBe(true);
    expect(written).toBeLessThan(100);
    const rest = everythingFrom(reads.resume());
    writes.end();
    expect((await rest).length).toBe(written * megabyte.length);
  });
});

/** Whether what was written is taken within two turns in which others work. */
async function drained(socket: Socket): Promise<boolean> {
  const drain = once(socket, 'drain').then(() => true);
  const waited = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300));
  return Promise.race([drain, waited]);
}

describe('A tap', () => {
  it('disconnects the client when it cannot reach the server, and reports it', async () => {
    const { server, to } = await serverThat(() => {});
    server.close();
    await once(server, 'close');
    const tap = await tapTo(to);
    const told = once(tap, 'unreachable');
    const client = await clientOf(tap);
    await once(client.resume(), 'end');
    expect((await told)[0].message).toContain('ECONNREFUSED');
  });

  it('turns clients away when there are as many as it may have', async () => {
    const { to } = await serverThat((socket) => socket.write('here'));
    const tap = await tapTo(to, { maxConnections: 1 });
    await once(await clientOf(tap), 'data');
    const told = once(tap, 'connection-rejected');
    await once((await clientOf(tap)).resume(), 'end');
    await told;
  });

  it('does not mix bytes with frames', async () => {
    const mixed = openTap({ listen: 'ws://127.0.0.1:0', to: 'tcp://127.0.0.1:7004' });
    await expect(mixed).rejects.toThrow(/option to: expected ws or wss, as ws:.* is/);
  });

  it('says that a port is taken', async () => {
    const tap = await tapTo('tcp://127.0.0.1:1');
    const listen = `tcp://127.0.0.1:${tap.endpoints[0]?.port}`;
    await expect(openTap({ listen, to: 'tcp://127.0.0.1:1' })).rejects.toThrow(/the port is taken/);
  });

  it('lets what is in flight pass when it ends', async () => {
    const { to } = await serverThat((socket) => socket.pipe(socket));
    const tap = await tapTo(to);
    const client = await clientOf(tap);
    client.write('last');
    await once(client, 'data');
    const ended = once(client.resume(), 'end');
    const closing = tap.close();
    await ended;
    client.end();
    await closing;
  });
});
