import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { enableKeepAlive } from '../../adapters/net/transports/tcp.js';
import type { GateServer, ServerOptions } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const ack = { messageName: 'EventAck' };

async function opened(options: ServerOptions, autoPong = true) {
  const { server } = await openGate({ listen: ['ws://127.0.0.1:0'], ...options });
  const [endpoint] = server.endpoints;
  if (!endpoint) throw new Error('the server has no endpoint');
  const webSocket = new WebSocket(formatEndpoint(endpoint), { autoPong });
  await once(webSocket, 'open');
  return { server, webSocket };
}

async function register(webSocket: WebSocket): Promise<unknown> {
  webSocket.send(JSON.stringify(registerRequest()));
  const [data] = await once(webSocket, 'message');
  return JSON.parse(String(data));
}

/** Resolves after so many pings. */
async function pings(webSocket: WebSocket, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await once(webSocket, 'ping');
}

/** Resolves after a client of another server was pinged so often, every 20 ms: the time in which a ping would have come. */
async function pingsElsewhere(count: number): Promise<void> {
  const { webSocket } = await opened({ wsPing: 20 });
  await pings(webSocket, count);
  webSocket.terminate();
}

describe('a WebSocket client', () => {
  it('T75: is pinged while it is silent, registered or not, and stays when it answers', async () => {
    const { server, webSocket } = await opened({ wsPing: 30, wsPingTimeout: 2_000 });
    await pings(webSocket, 2);
    expect(await register(webSocket)).toMatchObject(ack);
    await pings(webSocket, 2);
    expect(server.sessions()).toMatchObject([{ state: 'registered' }]);
    webSocket.terminate();
  });

  it('T75: is disconnected when it sends nothing after a ping', async () => {
    const { server, webSocket } = await opened({ wsPing: 50, wsPingTimeout: 50 }, false);
    const disconnected = once(server, 'disconnected');
    await register(webSocket);
    const [session, ...rest] = await disconnected;
    expect(session.info()).toMatchObject({ state: 'disconnected', clientName: 'desk-1' });
    expect(rest).toMatchObject(['transport-error', { code: 'PING_TIMEOUT', timeout: 50 }]);
  });

  it('T75: stays without a pong while it sends messages', async () => {
    const { server, webSocket } = await opened({ wsPing: 20, wsPingTimeout: 1_000 }, false);
    await register(webSocket);
    for (let round = 0; round < 3; round += 1) {
      await once(webSocket, 'ping');
      webSocket.send(JSON.stringify({ messageName: 'RequestX' }));
    }
    expect(server.counts().registered).toBe(1);
    webSocket.terminate();
  });

  it('T75: is not disconnected while the server has paused reading to answer it first', async () => {
    let decide = (_isValid: boolean) => {};
    const validator = () =>
      new Promise<boolean>((resolve) => {
        decide = resolve;
      });
    const { server, webSocket } = await opened({ wsPing: 20, wsPingTimeout: 20, validator });
    const answer = register(webSocket);
    await expect.poll(() => server.sessions()[0]?.state).toBe('validating/registration');
    // Several times the interval and the timeout.
    await pingsElsewhere(8);
    decide(true);
    expect(await answer).toMatchObject(ack);
    webSocket.terminate();
  });

  it('T75: may answer any number of pings: they are not its own control frames', async () => {
    const { server, webSocket } = await opened({ wsPing: 1, wsPingTimeout: 5_000 });
    await register(webSocket);
    await pings(webSocket, 130);
    expect(server.counts().registered).toBe(1);
    webSocket.terminate();
  });

  it.each<[string, (server: GateServer) => void]>([
    ['from the start', () => {}],
    ['after a reconfiguration', (server) => server.reconfigure({ wsPing: 0 })],
  ])('T75: is not pinged with wsPing: 0, %s', async (when, change) => {
    const { server, webSocket } = await opened({ wsPing: when === 'from the start' ? 0 : 20 });
    change(server);
    await register(webSocket);
    let count = 0;
    webSocket.on('ping', () => {
      count += 1;
    });
    await pingsElsewhere(5);
    expect(count).toBe(0);
    webSocket.terminate();
  });
});

it('T75: a client on plain TCP is sent nothing', async () => {
  const { server, client } = await openGate({ wsPing: 10, wsPingTimeout: 10 });
  await using one = await client();
  await one.ask(registerRequest());
  await pingsElsewhere(5);
  expect(one.socket.bytesRead).toBe(`${JSON.stringify({ ...ack, referenceId: 1 })}\n`.length);
  expect(server.counts().registered).toBe(1);
});

it('T76: a socket without setKeepAlive, as a WebSocket client of Bun has it, is taken', () => {
  expect(() => enableKeepAlive({} as Socket, { maxFrame: 64, timeout: 1 })).not.toThrow();
});
