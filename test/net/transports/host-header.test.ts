import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { selfSigned } from '../../../adapters/net/transports/self-signed.js';
import { createServer, type ServerOptions } from '../../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { RawWebSocket } from '../../support/raw-web-socket.js';

closeGatesAfterEach();

/** The status of the answer to an upgrade with a Host header, in which PORT is the gate's port, and the handshake failures. */
async function upgraded(host: string, options: ServerOptions = {}, origin?: string) {
  const { server, port } = await openGate({ listen: ['ws://127.0.0.1:0'], ...options });
  const failures: string[] = [];
  server.on('handshake-failed', ({ error }) => failures.push(error.message));
  const filled = (text: string) => text.replace('PORT', String(port));
  await using client = new RawWebSocket(port, {
    Host: filled(host),
    ...(origin !== undefined && { Origin: filled(origin) }),
  });
  await client.until(() => client.head !== '');
  if (client.status !== 101) await expect.poll(() => failures.length).toBe(1);
  return { status: client.status, failures };
}

describe('T83: at a WebSocket endpoint on a loopback address (GATE-1.6)', () => {
  it.each([
    'evil.example:PORT',
    'evil.example',
    '10.0.0.1:PORT',
    '127.0.0.1.evil.example:PORT',
    'localhost.evil.example:PORT',
    '127.0.0.1@evil.example',
  ])('an upgrade for the host %s gets 403, from a page of that host too', async (host) => {
    for (const origin of [undefined, `http://${host}`]) {
      const { status, failures } = await upgraded(host, {}, origin);
      expect(status).toBe(403);
      expect(failures[0]).toMatch(
        /^WebSocket upgrade failed: the Host header ".*" names another machine \(allowedHosts\)$/,
      );
    }
  });

  it('the failure tells the Host header, cut when it is long', async () => {
    const told = async (host: string) => (await upgraded(host)).failures[0];
    expect(await told('evil.example')).toContain(' "evil.example" ');
    expect(await told('%"')).toContain(String.raw` "%\"" `);
    expect(await told('e'.repeat(4_000))).toContain(` "${'e'.repeat(200)}" `);
  });

  it.each(['127.0.0.1:PORT', '127.9.9.9', 'localhost:PORT', 'LOCALHOST', '[::1]:PORT'])(
    'an upgrade for the host %s is accepted',
    async (host) => {
      expect(await upgraded(host)).toEqual({ status: 101, failures: [] });
    },
  );

  it.each([
    ['gate.example', 'gate.example:PORT'],
    ['Gate.Example', 'GATE.example'],
    ['::2', '[::2]:PORT'],
    ['[::2]', '[::2]'],
  ])('an upgrade for an allowed host is accepted: %s', async (allowed, host) => {
    expect((await upgraded(host, { allowedHosts: [allowed] })).status).toBe(101);
    expect((await upgraded('other.example', { allowedHosts: [allowed] })).status).toBe(403);
  });

  it('allowed hosts can be changed while the server runs', async () => {
    const { server, port } = await openGate({ listen: ['ws://127.0.0.1:0'] });
    const status = async () => {
      await using client = new RawWebSocket(port, { Host: 'gate.example' });
      await client.until(() => client.head !== '');
      return client.status;
    };
    expect(await status()).toBe(403);
    server.reconfigure({ allowedHosts: ['gate.example'] });
    expect(await status()).toBe(101);
    server.reconfigure({ allowedHosts: null });
    expect(await status()).toBe(403);
  });

  it('wss has the same check', async () => {
    const { cert, key } = await selfSigned();
    const { port } = await openGate({ listen: ['wss://127.0.0.1:0'], tls: { cert, key } });
    const opened = async (host: string) => {
      const client = new WebSocket(`wss://127.0.0.1:${port}`, {
        headers: { host },
        rejectUnauthorized: false,
      });
      await once(client, 'open');
      client.terminate();
    };
    await opened('localhost');
    await expect(opened('evil.example')).rejects.toThrow('403');
  });
});

it('T83: an endpoint that other machines reach takes any host', async () => {
  const listen = ['ws://0.0.0.0:0'];
  expect((await upgraded('gate.example', { listen })).status).toBe(101);
});

it.each(['gate.example:80', 'http://gate.example', 'gate.example/', 'a b', '', '*', 'a@b'])(
  'T83: %j cannot be an allowed host',
  async (name) => {
    const expected = 'option allowedHosts: expected names without a port such as gate.example';
    await expect(createServer({ allowedHosts: [name] })).rejects.toThrow(expected);
  },
);
