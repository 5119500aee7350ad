/** Servers that are gone silently, and how a client detects it. */
import { once } from 'node:events';
import { type AddressInfo, Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientOptions } from '../../adapters/client/index.js';
import { formatEndpoint } from '../../adapters/net/transports/index.js';
import {
  ack,
  client,
  codeOf,
  error,
  granting,
  type Line,
  rejection,
  scripted,
  tidyAfterEach,
} from '../client/scripted-server.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

tidyAfterEach();
closeGatesAfterEach();

const webSocketServers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of webSocketServers.splice(0)) {
    for (const webSocket of server.clients) webSocket.terminate();
    server.close();
  }
});

/** A server of the library that grants every registration. */
async function webSocketServer(autoPong: boolean) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, autoPong });
  webSocketServers.push(server);
  server.on('connection', (webSocket: WebSocket) => {
    webSocket.on('error', () => {});
    webSocket.on('message', (data) => {
      webSocket.send(JSON.stringify(ack(JSON.parse(String(data)) as Line)));
    });
  });
  await once(server, 'listening');
  return { server, endpoint: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const message = { messageName: 'RequestPing' };
const never = 2_147_483_647;

describe('Over WebSocket a client', () => {
  it('pings a silent server repeatedly, and stays while it answers', async () => {
    const { server, endpoint } = await webSocketServer(true);
    const accepted = once(server, 'connection');
    const { client: desk, journal } = client(endpoint, { ping: { interval: 20 } });
    const [webSocket] = (await accepted) as [WebSocket];
    for (let pings = 0; pings < 5; pings += 1) await once(webSocket, 'ping');
    expect(desk.state).toBe('online');
    expect(journal.slice(1)).toEqual(['registered 1']);
  });

  it('leaves a server that sends no pong, reports the reason, and reconnects', async () => {
    const { endpoint } = await webSocketServer(false);
    const { client: desk, journal } = client(endpoint, {
      ping: { interval: 30, timeout: 40 },
      reconnect: { initialDelay: 1, spread: 1 },
    });
    await desk.registered;
    const [reason, problem] = await once(desk, 'disconnected');
    expect(reason).toBe('transport-error');
    expect(problem).toMatchObject({
      code: 'DISCONNECTED',
      reason: 'transport-error',
      message: `the connection to ${endpoint} ended (transport-error): the connection broke: no reply within 40 ms after a ping, after 30 ms of silence`,
      cause: { name: 'PingTimeoutError', code: 'PING_TIMEOUT', interval: 30, timeout: 40 },
    });
    await once(desk, 'registered');
    expect(journal[4]).toMatch(/^connecting \d+ 1$/);
  });

  it('accepts any data instead of a pong', async () => {
    const { server, endpoint } = await webSocketServer(false);
    server.on('connection', (webSocket: WebSocket) => {
      webSocket.on('ping', () => webSocket.send('{"messageName":"EventNews"}'));
    });
    const { client: desk } = client(endpoint, { ping: { interval: 10, timeout: 10_000 } });
    await once(desk, 'event');
    expect(desk.state).toBe('online');
  });
});

describe('Over TCP a client', () => {
  const ping = { interval: 20, timeout: 10_000, message };

  it.each([
    ['acknowledges', ack],
    ['refuses', (line: Line) => error(line, 51, 'no such request')],
  ])('pings with a custom message, and stays with a server that %s it', async (_, answer) => {
    let pings = 0;
    const server = await scripted(
      granting((line, peer) => {
        pings += 1;
        peer.say(answer(line));
        if (pings === 4) peer.say({ messageName: 'EventFour' });
      }),
    );
    const { client: desk, journal } = client(server.endpoint, { ping });
    await once(desk, 'event');
    expect(server.heard.slice(1, 4)).toEqual(
      [2, 3, 4].map((referenceId) => ({ ...message, referenceId })),
    );
    // The answers are not events.
    expect(journal.slice(1)).toEqual(['registered 1', 'event EventFour']);
  });

  it('leaves a server that does not answer, and pending requests reject', async () => {
    const server = await scripted(granting());
    const { client: desk, journal } = client(server.endpoint, {
      ping: { interval: 30, timeout: 30, message },
      requestTimeout: Number.POSITIVE_INFINITY,
    });
    await desk.registered;
    const pending = rejection(desk.request({ messageName: 'RequestX' }));
    expect(await pending).toMatchObject({
      code: 'DISCONNECTED',
      reason: 'transport-error',
      cause: { code: 'PING_TIMEOUT' },
    });
    await once(desk, 'stopped');
    expect(journal.slice(2)).toEqual([
      'disconnected transport-error DISCONNECTED',
      'stopped DISCONNECTED',
    ]);
    // It pinged only once.
    const pings = server.heard.filter(({ messageName }) => messageName === 'RequestPing');
    expect(pings).toHaveLength(1);
  });

  it.each<[string, ClientOptions['ping']]>([
    ['without a ping message', { interval: 1, timeout: 1 }],
    ['whose ping is off', false],
  ])('%s sends nothing and waits', async (_, off) => {
    const server = await scripted(
      granting((_line, peer) => {
        // An event after a silence a hundred times longer than the ping would allow.
        setTimeout(() => peer.say({ messageName: 'EventNews' }), 200);
      }),
    );
    const { client: desk } = client(server.endpoint, { ping: off });
    await desk.registered;
    desk.send({ messageName: 'RequestNews' });
    await once(desk, 'event');
    expect(desk.state).toBe('online');
    expect(server.heard).toHaveLength(2);
  });

  it('can ping with a second registration, which every gate answers', async () => {
    let asked = 0;
    const { port, server } = await openGate();
    const enough = new Promise<void>((resolve) => {
      server.on('step', ({ name, from }) => {
        if (name === 'RequestRegisterClient' && from === 'registered' && ++asked === 3) resolve();
      });
    });
    const { client: desk, journal } = client(`tcp://127.0.0.1:${port}`, {
      ping: { ...ping, message: { messageName: 'RequestRegisterClient' } },
    });
    await enough;
    expect(desk.state).toBe('online');
    expect(journal.slice(1)).toEqual(['registered 1']);
  });
});

describe('TCP keep-alive', () => {
  let certificates: TestCertificates;
  beforeAll(async () => {
    certificates = await testCertificates();
  });

  it.each(['tcp', 'tls', 'ws', 'wss'])('is set on the socket over %s', async (scheme) => {
    const { cert, key } = certificates.server;
    const { server } = await openGate({
      listen: [`${scheme}://127.0.0.1:0`],
      tls: { cert, key },
    });
    const endpoint = server.endpoints.map(formatEndpoint)[0] as string;
    const asked = vi.spyOn(Socket.prototype, 'setKeepAlive');
    try {
      const tls = { ca: certificates.ca };
      for (const keepAlive of [5_000, Number.POSITIVE_INFINITY, undefined])
        await client(endpoint, { tls, keepAlive }).client.registered;
      expect(asked.mock.calls).toEqual([
        [true, 5_000],
        [true, 60_000],
      ]);
    } finally {
      asked.mockRestore();
    }
  });
});

it('A server that hangs while the client registers is left after replyTimeout, with or without ping', async () => {
  const server = await scripted(() => {});
  const { client: desk } = client(server.endpoint, {
    replyTimeout: 60,
    ping: { interval: 1, timeout: never, message },
  });
  expect(codeOf(await rejection(desk.registered))).toBe('REPLY_TIMEOUT');
  expect(server.heard).toHaveLength(1);
});
