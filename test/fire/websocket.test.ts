import { describe, expect, it } from 'vitest';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { RawWebSocket } from '../support/raw-web-socket.js';

closeGatesAfterEach();

const ws = { listen: ['ws://127.0.0.1:0'] };

describe('Pages of elsewhere', () => {
  /** The status of the answer to an upgrade from a page. HOST is the endpoint's own. */
  async function statusOf(origin: string | null, host: string, allowOrigin: string[] = []) {
    const { server, port } = await openGate({ ...ws, allowOrigin });
    const failures: string[] = [];
    server.on('handshake-failed', ({ error }) => failures.push(error.message));
    const filled = (text: string) => text.replace('PORT', String(port));
    await using client = new RawWebSocket(port, {
      Host: filled(host),
      ...(origin !== null && { Origin: filled(origin) }),
    });
    await client.until(() => client.head !== '');
    const { status } = client;
    if (status !== 101) await expect.poll(() => failures.length).toBe(1);
    return { status, failures };
  }

  it.each([
    ['no page at all', null, '127.0.0.1:PORT', []],
    ['no page, under a name', null, 'gate.example:PORT', []],
    ["the page of the gate's own admin port", 'http://127.0.0.1:7080', '127.0.0.1:PORT', []],
    ['a page of localhost', 'http://localhost:5173', '127.0.0.1:PORT', []],
    ['a page of the other loopback', 'http://[::1]:8080', 'localhost:PORT', []],
    ['a page of the same host', 'http://gate.example:PORT', 'gate.example:PORT', []],
    ['a page of the same host behind a proxy', 'https://gate.example', 'Gate.Example', []],
    ['a listed page', 'https://desk.example', '127.0.0.1:PORT', ['https://desk.example/']],
    ['any page when all may', 'https://any.example', 'gate.example', ['*']],
    ['a page from a file when that is listed', 'null', '127.0.0.1:PORT', ['null']],
  ])('may connect: %s (GATE-1.5)', async (_what, origin, host, allowOrigin) => {
    expect(await statusOf(origin, host, allowOrigin)).toEqual({ status: 101, failures: [] });
  });

  it.each([
    ['of another host', 'https://evil.example', '127.0.0.1:PORT', []],
    ['of this machine, for a gate of another', 'http://localhost:5173', 'gate.example:PORT', []],
    ['of another port of the same host', 'http://gate.example:81', 'gate.example:PORT', []],
    ['whose host begins with localhost', 'http://localhost.evil.example', 'localhost:PORT', []],
    ['whose host begins with an address', 'http://127.0.0.1.evil.example', '127.0.0.1:PORT', []],
    ['that hides its host behind a name', 'http://127.0.0.1@evil.example', '127.0.0.1:PORT', []],
    ['from a file', 'null', '127.0.0.1:PORT', []],
    ['of an extension', 'chrome-extension://127.0.0.1', '127.0.0.1:PORT', []],
    ['of no origin that can be read', 'http://127.0.0.1, http://evil', '127.0.0.1:PORT', []],
    ['of another scheme than the listed', 'http://desk.example', 'x', ['https://desk.example']],
    ['of a subdomain of the listed', 'https://a.desk.example', 'x', ['https://desk.example']],
  ])('may not connect: one %s (GATE-1.5)', async (_what, origin, host, allowOrigin) => {
    const { status, failures } = await statusOf(origin, host, allowOrigin);
    expect(status).toBe(403);
    expect(failures[0]).toMatch(/^WebSocket upgrade failed: pages of ".*" may not connect \(allow/);
  });

  it('are told apart by a list that is checked: a wrong origin does not start', async () => {
    await expect(openGate({ ...ws, allowOrigin: ['desk.example'] })).rejects.toThrow(
      'option allowOrigin: expected origins such as https://desk.example, or *, not "desk.example"',
    );
  });
});
