import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../machines/index.js';
import {
  ack,
  client,
  codeOf,
  deadPort,
  error,
  granting,
  rejection,
  scripted,
  tidyAfterEach,
} from './scripted-server.js';

tidyAfterEach();

describe('a client', () => {
  it('connects at once, registers by itself, and tells when it is registered', async () => {
    const server = await scripted(granting());
    const { client: desk, journal } = client(server.endpoint, {
      mediaType: 'chat',
      proxyClientId: 4,
      extension: { event_properties_changed: 1 },
    });
    expect(desk.state).toBe('offline');
    const registration = await desk.registered;
    expect(desk.state).toBe('online');
    expect(registration).toMatchObject({
      endpoint: server.endpoint,
      referenceId: 1,
      ack: { messageName: 'EventAck', referenceId: 1 },
    });
    expect(registration.elapsedMs).toBeGreaterThan(0);
    expect(registration.elapsedMs).toBeLessThan(5_000);
    expect(server.heard).toEqual([
      {
        messageName: 'RequestRegisterClient',
        referenceId: 1,
        clientName: 'desk-1',
        clientType: 'AgentApplication',
        mediaType: 'chat',
        proxyClientId: 4,
        extension: { event_properties_changed: 1 },
      },
    ]);
    await desk.close();
    expect(journal).toEqual([
      `connecting ${server.port} 1`,
      'registered 1',
      'disconnected client-closed null',
      'stopped null',
    ]);
  });

  it('records each step in the seat of a client', async () => {
    const server = await scripted(granting());
    const { client: desk } = client(server.endpoint, { extension: { pin: '1234' } });
    const steps: StepRecord[] = [];
    desk.on('step', (step) => steps.push(step));
    await desk.registered;
    await desk.close();
    expect(
      steps.map(({ seq, direction, name, to }) => `${seq} ${direction} ${name} ${to}`),
    ).toEqual([
      '1 null Connected awaiting/registration',
      '2 out RequestRegisterClient validating/registration',
      '3 in EventAck registered',
      '4 null Disconnected disconnected',
    ]);
    expect(steps[1]?.payload?.extension).toEqual({ pin: '***' });
    expect(steps[3]?.reason).toBe('client-closed');
    // The server's deadlines are not the client's.
    expect(steps.map(({ deadline }) => deadline)).toEqual([null, null, null, null]);
  });

  it('T42: is refused with the code, its name and the text of the server, and stops', async () => {
    const server = await scripted((line, peer) =>
      peer.say(error(line, 2, 'client is not valid: unknown name')),
    );
    const { client: desk, journal } = client(server.endpoint, { reconnect: {} });
    const refused = once(desk, 'refused');
    const reason = await rejection(desk.registered);
    expect(reason).toMatchObject({
      name: 'RegistrationRefusedError',
      code: 'REGISTRATION_REFUSED',
      errorCode: 2,
      errorName: 'invalid-client',
      errorDescription: 'client is not valid: unknown name',
      endpoint: server.endpoint,
      message: `${server.endpoint} refused the registration: client is not valid: unknown name (error code 2, invalid-client)`,
    });
    expect(await refused).toEqual([reason]);
    await desk.close();
    expect(journal).toEqual([
      `connecting ${server.port} 1`,
      'refused 2',
      'disconnected client-closed REGISTRATION_REFUSED',
      'stopped REGISTRATION_REFUSED',
    ]);
    expect(server.peers).toHaveLength(1);
  });

  it('reads the error numbers of a site that has others, and takes an EventError as bare as it comes', async () => {
    const server = await scripted((_line, peer) =>
      peer.say({ messageName: 'EventError', errorCode: 107, errorDescription: 5 }),
    );
    const { client: desk } = client(server.endpoint, { errorCodes: { 'invalid-client': 107 } });
    expect(await rejection(desk.registered)).toMatchObject({
      errorCode: 107,
      errorName: 'invalid-client',
      errorDescription: 'no errorDescription was given',
    });
    const bare = await scripted((_line, peer) => peer.say({ messageName: 'EventError' }));
    expect(await rejection(client(bare.endpoint).client.registered)).toMatchObject({
      errorCode: null,
      errorName: null,
      message: `${bare.endpoint} refused the registration: no errorDescription was given (no error code)`,
    });
  });

  it('takes an EventAck without a reference id as its own', async () => {
    const server = await scripted((_line, peer) => peer.say({ messageName: 'EventAck' }));
    await client(server.endpoint).client.registered;
  });
});

describe('a server that does not answer the registration', () => {
  const terms = { replyTimeout: 150 };

  it('T42: is left after replyTimeout', async () => {
    const server = await scripted(() => {});
    const { client: desk, journal } = client(server.endpoint, terms);
    const start = performance.now();
    expect(await rejection(desk.registered)).toMatchObject({
      code: 'REPLY_TIMEOUT',
      messageName: 'RequestRegisterClient',
      timeout: 150,
      message: 'RequestRegisterClient (reference id 1) was not answered within 150 ms',
    });
    expect(performance.now() - start).toBeGreaterThan(140);
    await desk.close();
    expect(journal.slice(1)).toEqual([
      'disconnected reply-timeout REPLY_TIMEOUT',
      'stopped REPLY_TIMEOUT',
    ]);
  });

  it.each([
    ['half of it', '{"messageName":"EventAck","refer'],
    ['with another reference id', { messageName: 'EventAck', referenceId: 99 }],
    ['with an error to another reference id', error({ referenceId: 99 }, 2, 'not you')],
    ['with something unknown', { messageName: 'EventAgentLogin', referenceId: 1 }],
    [
      'with a message that is a registration',
      { messageName: 'RequestRegisterClient', referenceId: 1 },
    ],
    ['with names that only the runtime says', { messageName: 'Disconnected', reason: 'drained' }],
    ['with an empty line', '\n\r\n'],
  ])('T42: but says %s is left after replyTimeout too', async (_, said) => {
    const server = await scripted((_line, peer) => peer.say(said));
    const { client: desk, journal } = client(server.endpoint, terms);
    expect(codeOf(await rejection(desk.registered))).toBe('REPLY_TIMEOUT');
    expect(journal.some((line) => line.startsWith('event'))).toBe(false);
  });

  it('T42: at first, and says other things before, is waited for', async () => {
    const server = await scripted((line, peer) =>
      peer.say(
        { messageName: 'EventAck', referenceId: 99 },
        { messageName: 'EventHello' },
        ack(line),
      ),
    );
    await client(server.endpoint, terms).client.registered;
  });

  it('byte by byte, is understood all the same', async () => {
    const server = await scripted((line, peer) => {
      const bytes = Buffer.from(`${JSON.stringify(ack(line, { text: 'grüß' }))}\n`);
      peer.socket.setNoDelay(true);
      let next = 0;
      const drip = () => {
        if (next === bytes.length) return;
        peer.socket.write(bytes.subarray(next, ++next), () => setImmediate(drip));
      };
      drip();
    });
    expect((await client(server.endpoint).client.registered).ack.text).toBe('grüß');
  });

  it('T42: but closes is reported as gone, at once', async () => {
    const server = await scripted((_line, peer) => peer.socket.end());
    const { client: desk, journal } = client(server.endpoint);
    expect(await rejection(desk.registered)).toMatchObject({
      code: 'DISCONNECTED',
      reason: 'peer-closed',
      message: `the connection to ${server.endpoint} ended (peer-closed): the server closed the connection`,
    });
    await desk.close();
    expect(journal.slice(1)).toEqual([
      'disconnected peer-closed DISCONNECTED',
      'stopped DISCONNECTED',
    ]);
  });

  it('T42: but closes in the middle of its answer is reported as gone', async () => {
    const server = await scripted((_line, peer) => peer.socket.end('{"messageName":"EventA'));
    expect(await rejection(client(server.endpoint).client.registered)).toMatchObject({
      reason: 'peer-closed',
    });
  });

  it('T42: but resets the connection is reported as broken, with the cause', async () => {
    const server = await scripted((_line, peer) => peer.socket.resetAndDestroy());
    expect(await rejection(client(server.endpoint).client.registered)).toMatchObject({
      reason: 'transport-error',
      cause: { code: 'ECONNRESET' },
    });
  });

  it('T42: but answers and closes in one breath has registered the client, which then is lost', async () => {
    const server = await scripted((line, peer) => {
      peer.say(ack(line));
      peer.socket.end();
    });
    const { client: desk, journal } = client(server.endpoint);
    await once(desk, 'stopped');
    await desk.registered;
    expect(journal.slice(1)).toEqual([
      'registered 1',
      'disconnected peer-closed DISCONNECTED',
      'stopped DISCONNECTED',
    ]);
  });

  it.each([
    ['no JSON', 'HTTP/1.1 400 Bad Request\r\n', 'not JSON'],
    ['an array', '[]\n', 'not an object'],
    ['no messageName', '{}\n', 'no messageName'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x0a]), 'not UTF-8'],
    ['a frame that never ends', Buffer.alloc(2_000, 0x20), 'too long'],
  ])('T42: but sends %s gets no second chance', async (_, bytes, problem) => {
    const server = await scripted((_line, peer) => peer.socket.write(bytes));
    const { client: desk, journal } = client(server.endpoint, { maxFrame: 1_000 });
    const reason = await rejection(desk.registered);
    expect(reason).toMatchObject({ code: 'PROTOCOL_ERROR', endpoint: server.endpoint });
    expect((reason as Error).message).toContain(problem);
    await desk.close();
    expect(journal[1]).toBe('disconnected protocol-error PROTOCOL_ERROR');
  });
});

describe('a connection that cannot be set up', () => {
  it('is reported with the cause when no server listens', async () => {
    const port = await deadPort();
    const { client: desk, journal } = client(`tcp://127.0.0.1:${port}`);
    expect(await rejection(desk.registered)).toMatchObject({
      code: 'CONNECT_FAILED',
      endpoint: `tcp://127.0.0.1:${port}`,
      cause: { code: 'ECONNREFUSED' },
    });
    await desk.close();
    expect(journal).toEqual([
      `connecting ${port} 1`,
      'disconnected connect-failed CONNECT_FAILED',
      'stopped CONNECT_FAILED',
    ]);
  });

  it.each(['tls', 'ws', 'wss'])(
    'is given up after connectTimeout when a %s handshake hangs',
    async (scheme) => {
      const server = await scripted(null);
      const { client: desk } = client(`${scheme}://127.0.0.1:${server.port}`, {
        connectTimeout: 150,
      });
      expect(await rejection(desk.registered)).toMatchObject({
        code: 'CONNECT_FAILED',
        cause: { code: 'ETIMEDOUT' },
      });
    },
  );
});
