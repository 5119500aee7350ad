import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createServer } from '../../adapters/server/index.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const shuttingDown = {
  messageName: 'EventError',
  referenceId: null,
  errorCode: 7,
  errorDescription: 'the server is shutting down',
};

describe('closing the server', () => {
  it('notifies all clients, disconnects unregistered ones at once and lets registered ones leave', async () => {
    const server = await createServer({
      listen: ['tcp://127.0.0.1:0'],
      onMessage: ({ reply }) => void reply.ack(),
    });
    const port = server.endpoints[0]?.port ?? 0;
    await using unregistered = await lineClient(port);
    await using desk = await lineClient(port);
    await desk.ask(registerRequest());
    const reasons: string[] = [];
    server.on('disconnected', (session, reason) =>
      reasons.push(`${session.info().clientName} ${reason}`),
    );

    const closed = server.close({ drainMs: 60_000 });
    expect(await unregistered.next()).toEqual(shuttingDown);
    expect(await unregistered.next()).toBeNull();
    unregistered.socket.end();
    expect(await desk.next()).toEqual(shuttingDown);
    expect(await desk.ask({ messageName: 'RequestLast', referenceId: 9 })).toMatchObject({
      messageName: 'EventAck',
      referenceId: 9,
    });
    const refused = connect(port, '127.0.0.1');
    const [error] = await once(refused, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    desk.socket.end();
    await closed;
    expect(reasons).toEqual(['null drained', 'desk-1 peer-closed']);
    expect(server.sessions()).toEqual([]);
  });

  it('ends when the time is over for those who do not leave, and at once when it is called again', async () => {
    for (const hurry of [false, true]) {
      const server = await createServer({ listen: ['tcp://127.0.0.1:0'] });
      await using desk = await lineClient(server.endpoints[0]?.port ?? 0);
      await desk.ask(registerRequest());
      const gone = once(server, 'disconnected');
      const closed = server.close({ drainMs: hurry ? 60_000 : 100 });
      expect(await desk.next()).toEqual(shuttingDown);
      if (hurry) void server.close();
      expect(await desk.next()).toBeNull();
      expect((await gone)[1]).toBe('drained');
      desk.socket.end();
      await closed;
    }
  });

  it('waits a second at most for a client that never closes its side', async () => {
    const server = await createServer({ listen: ['tcp://127.0.0.1:0'] });
    await using unregistered = await lineClient(server.endpoints[0]?.port ?? 0);
    await unregistered.ask({ messageName: 'Hello' });
    const start = performance.now();
    await server.close();
    expect(performance.now() - start).toBeLessThan(1_900);
  });

  it('happens by itself at the end of an `await using` block, and frees the port', async () => {
    let port = 0;
    {
      await using server = await createServer({ listen: ['tcp://127.0.0.1:0'] });
      port = server.endpoints[0]?.port ?? 0;
    }
    const next = createPlainServer().listen(port, '127.0.0.1');
    await once(next, 'listening');
    next.close();
  });
});

describe('starting the server', () => {
  it('says which endpoint cannot be listened on and why, and leaves no other open', async () => {
    await using first = await createServer({ listen: ['tcp://127.0.0.1:0'] });
    const taken = `tcp://127.0.0.1:${first.endpoints[0]?.port}`;
    await expect(createServer({ listen: ['ws://127.0.0.1:0', taken] })).rejects.toMatchObject({
      name: 'ListenError',
      code: 'LISTEN_FAILED',
      message: `cannot listen on ${taken}: the port is taken. Stop what listens there, or choose another port`,
    });
  });

  it('T48: listens on 0.0.0.0 and on :: of one port, in either order', async () => {
    const free = createPlainServer().listen(0);
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const endpoints = [`tcp://0.0.0.0:${port}`, `tcp://[::]:${port}`];
    for (const listen of [endpoints, endpoints.toReversed()]) {
      await using _server = await createServer({ listen });
      for (const host of ['127.0.0.1', '::1']) {
        await using client = await lineClient(port, host);
        expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      }
    }
  });

  it('T48: names the own endpoint that uses the port already', async () => {
    const free = createPlainServer().listen(0);
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const pairs = [
      ['tcp://127.0.0.1', 'ws://127.0.0.1'],
      ['tcp://0.0.0.0', 'tcp://127.0.0.1'],
      ['tcp://127.0.0.1', 'tcp://localhost'],
    ].map((pair) => pair.map((endpoint) => `${endpoint}:${port}`));
    for (const [first = '', second = ''] of pairs) {
      await expect(createServer({ listen: [first, second] })).rejects.toMatchObject({
        code: 'LISTEN_FAILED',
        message: `cannot listen on ${second}: the port is in use by ${first} of the same server. Choose another port for one of them`,
      });
    }
    await using other = await createServer({ listen: ['tcp://127.0.0.2:0'] });
    const taken = other.endpoints[0]?.port;
    await expect(
      createServer({ listen: [`tcp://127.0.0.1:${taken}`, `tcp://127.0.0.2:${taken}`] }),
    ).rejects.toThrow('the port is taken. Stop what listens there');
  });

  it.each([
    [
      { registrationTimeout: 0 },
      'option registrationTimeout: expected a whole number of milliseconds from 1 to 2147483647, not 0',
    ],
    [
      { rejectionTimeout: '5s' as never },
      'option rejectionTimeout: expected a whole number of milliseconds from 1 to 2147483647, not "5s"',
    ],
    [
      { maxFrame: Number.NaN },
      'option maxFrame: expected a whole number of bytes from 64 to 2147483647, not NaN',
    ],
    [
      { errorCodes: { 'not-registerd': 1 } as never },
      'option errorCodes: expected names among not-registered, invalid-client, malformed-request, already-registered, malformed-frame, server-busy, shutting-down, validation-failed, name-in-use, internal-error, session-replaced, registration-revoked, invalid-attribute, kicked, not "not-registerd"',
    ],
    [
      { errorCodes: { 'not-registered': 2 } },
      'option errorCodes: expected a different number for each name, not {"not-registered":2}',
    ],
    [
      { listen: ['tls://127.0.0.1:0'] },
      'option tls: expected a cert and a key for tls://127.0.0.1:0, not undefined',
    ],
    [
      { listen: ['udp://127.0.0.1:1'] },
      'invalid endpoint "udp://127.0.0.1:1": the scheme is udp; expected tcp://host:port, tls://host:port, ws://host:port, wss://host:port or unix:///path',
    ],
  ])(
    'refuses %j with a message that names the value and what is allowed',
    async (options, message) => {
      await expect(createServer(options)).rejects.toMatchObject({ message });
    },
  );
});
