import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openTap } from '../../adapters/tap/index.js';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function throughTap(options: ConstructorParameters<typeof WebSocketServer>[0] = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  const to = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ix`;
  const tap = await openTap({ listen: 'ws://127.0.0.1:0', to });
  open.push(
    () => server.close(),
    () => tap.close(),
  );
  return { server, url: `ws://127.0.0.1:${tap.endpoints[0]?.port}/` };
}

async function pairOf(server: WebSocketServer, client: WebSocket) {
  const [[accepted, request]] = await Promise.all([
    once(server, 'connection'),
    once(client, 'open'),
  ]);
  open.push(() => client.terminate());
  return { accepted: accepted as WebSocket, request };
}

describe('A WebSocket through a tap', () => {
  it('has its frames passed as they are, text as text and binary as binary, in order', async () => {
    const { server, url } = await throughTap();
    const client = new WebSocket(url);
    const { accepted } = await pairOf(server, client);
    const frames = [
      '{"messageName":"RequestSubmit"}',
      Buffer.from([0, 255, 10]),
      '',
      'x'.repeat(99_999),
    ];
    for (const [from, to] of [
      [client, accepted],
      [accepted, client],
    ] as const) {
      const heard: [string, boolean][] = [];
      const all = new Promise<void>((resolve) => {
        to.on('message', (data, isBinary) => {
          heard.push([String(data), isBinary]);
          if (heard.length === frames.length) resolve();
        });
      });
      for (const frame of frames) from.send(frame);
      await all;
      expect(heard).toEqual(frames.map((frame) => [String(frame), typeof frame !== 'string']));
    }
  });

  it('has its pings, its close code and its reason passed', async () => {
    const { server, url } = await throughTap();
    const client = new WebSocket(url);
    const { accepted } = await pairOf(server, client);
    const ponged = once(client, 'pong');
    const pinged = once(accepted, 'ping');
    client.ping('here');
    expect(String((await pinged)[0])).toBe('here');
    expect(String((await ponged)[0])).toBe('here');
    const closed = once(client, 'close');
    accepted.close(4_008, 'too many errors');
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4_008, 'too many errors']);
  });

  it('has its headers and its subprotocol passed', async () => {
    const { server, url } = await throughTap({ handleProtocols: () => 'two' });
    const client = new WebSocket(url, ['one', 'two'], { headers: { authorization: 'Bearer x' } });
    const { request } = await pairOf(server, client);
    expect(client.protocol).toBe('two');
    expect(request.headers.authorization).toBe('Bearer x');
    expect(request.url).toBe('/ix');
  });

  it('is refused as the server refuses it', async () => {
    const { url } = await throughTap({ verifyClient: (_info, done) => done(false, 401) });
    const client = new WebSocket(url);
    client.on('error', () => {});
    const [, response] = await once(client, 'unexpected-response');
    expect(response.statusCode).toBe(401);
    response.destroy();
  });
});
