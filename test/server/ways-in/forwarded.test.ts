import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type SelfSigned, selfSigned } from '../../../adapters/net/transports/self-signed.js';
import type { ServerOptions } from '../../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';

closeGatesAfterEach();
const made: { tls?: SelfSigned } = {};
beforeAll(async () => {
  made.tls = await selfSigned();
});

describe.each(['ws', 'wss'] as const)('A listener over %s behind trusted proxies', (scheme) => {
  const gateBehindProxy = async (options: ServerOptions = {}) => {
    const { server, port } = await openGate({
      listen: [`${scheme}://127.0.0.1:0`],
      // The clients are not exempt, and the machine may be busy.
      maxLag: 60_000,
      trustProxy: ['127.0.0.1'],
      ...(made.tls && { tls: { cert: made.tls.cert, key: made.tls.key } }),
      ...options,
    });
    const failures: string[] = [];
    server.on('handshake-failed', ({ error }) =>
      failures.push((error as Error & { code: string }).code),
    );
    const upgrade = async (headers: Record<string, string>) => {
      const webSocket = new WebSocket(`${scheme}://127.0.0.1:${port}`, {
        headers,
        rejectUnauthorized: false,
      });
      webSocket.on('error', () => {});
      const refused = once(webSocket, 'unexpected-response').then(([request, response]) => {
        request.destroy();
        return response.statusCode as number;
      });
      const status = await Promise.race([once(webSocket, 'open').then(() => 101), refused]);
      return { webSocket, status };
    };
    return { server, port, failures, upgrade };
  };

  it('counts limits for the client that the proxy states', async () => {
    const { server, upgrade } = await gateBehindProxy({ maxUnregisteredPerAddress: 1 });
    const from = (address: string) => upgrade({ 'x-forwarded-for': address });
    const first = await from('192.0.2.1');
    const second = await from('192.0.2.1');
    const third = await from('192.0.2.2');
    expect([first.status, second.status, third.status]).toEqual([101, 503, 101]);
    expect(server.sessions().map(({ remoteAddress }) => remoteAddress)).toEqual([
      '192.0.2.1',
      '192.0.2.2',
    ]);
    expect(server.counts()).toMatchObject({ accepted: 2, rejected: { 'per-address': 1 } });
    for (const { webSocket } of [first, third]) webSocket.terminate();
    await expect.poll(() => server.counts().open).toBe(0);
  });

  it('takes no slot for a proxy that has not sent its request yet, and closes it at the deadline', async () => {
    const { server, port, failures } = await gateBehindProxy({ registrationTimeout: 200 });
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
    await once(socket, 'connect');
    expect(server.counts()).toMatchObject({ accepted: 0, open: 0 });
    await once(socket.resume(), 'close');
    await expect.poll(() => failures).toEqual(['HANDSHAKE_TIMEOUT']);
    expect(server.counts()).toMatchObject({ accepted: 0, open: 0 });
  });

  it('refuses headers that contradict each other', async () => {
    const { server, failures, upgrade } = await gateBehindProxy();
    const { status } = await upgrade({
      'x-forwarded-for': '192.0.2.1',
      forwarded: 'for=192.0.2.2',
    });
    expect(status).toBe(400);
    await expect.poll(() => failures).toEqual(['BAD_PROXY_HEADER']);
    expect(server.counts().accepted).toBe(0);
  });

  it('ignores the header of any other peer, and reports it', async () => {
    const { server, upgrade } = await gateBehindProxy({ trustProxy: ['10.0.0.0/8'] });
    const forged = once(server, 'forged-address');
    const { webSocket, status } = await upgrade({ forwarded: 'for=192.0.2.1' });
    expect(status).toBe(101);
    expect((await forged)[0]).toMatchObject({
      remoteAddress: '127.0.0.1',
      error: { code: 'UNTRUSTED_PROXY' },
    });
    expect(server.sessions()).toMatchObject([{ remoteAddress: '127.0.0.1' }]);
    webSocket.terminate();
  });

  it('reads the proxies of a changed configuration', async () => {
    const { server, upgrade } = await gateBehindProxy({ trustProxy: [] });
    server.reconfigure({ trustProxy: ['127.0.0.1'] });
    const { webSocket } = await upgrade({ 'x-forwarded-for': '192.0.2.1' });
    expect(server.sessions()).toMatchObject([{ remoteAddress: '192.0.2.1' }]);
    webSocket.terminate();
  });
});

it('At most 1,024 connections of a proxy wait for their request', async () => {
  const { server, port } = await openGate({
    listen: ['ws://127.0.0.1:0'],
    trustProxy: ['127.0.0.1'],
  });
  const failed = once(server, 'handshake-failed');
  const sockets = Array.from({ length: 1_025 }, () =>
    connect({ port, host: '127.0.0.1' }).on('error', () => {}),
  );
  const [{ error }] = await failed;
  expect(error.message).toBe(
    'more than 1024 connections of proxies wait for their WebSocket upgrade',
  );
  for (const socket of sockets) socket.destroy();
  await server.close();
});
