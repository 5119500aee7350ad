import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openInspector } from '../../adapters/inspector/index.js';
import { anInspector } from './apps.js';

/** How an attempt to connect ended: `open`, or the status of the refusal. */
async function attempt(url: string, headers: Record<string, string> = {}): Promise<string> {
  const socket = new WebSocket(url, { headers });
  const refused = new Promise<string>((resolve) =>
    socket.once('unexpected-response', (_, response) => {
      resolve(String(response.statusCode));
      socket.terminate();
    }),
  );
  socket.on('error', () => {});
  const outcome = await Promise.race([once(socket, 'open').then(() => 'open'), refused]);
  socket.terminate();
  return outcome;
}

describe('The access rules of the inspector', () => {
  it('let programs of this machine in, and pages only from this machine with the token in the address', async () => {
    await using server = await anInspector();
    const { appUrl, browserAppUrl, url } = server;
    const page = (origin: string, address: string) => attempt(address, { origin });
    expect(await attempt(appUrl)).toBe('open');
    expect(await page(url, appUrl)).toBe('open');
    expect(await page('http://localhost:5173', browserAppUrl)).toBe('open');
    expect(await page('http://localhost:5173', appUrl)).toBe('403');
    expect(await page('http://localhost:5173', `${appUrl}?token=${'x'.repeat(24)}`)).toBe('403');
    expect(await page('https://evil.example', browserAppUrl)).toBe('403');
    expect(await page('https://localhost.evil.example', browserAppUrl)).toBe('403');
    expect(await page('null', browserAppUrl)).toBe('403');
    expect(await page('file://', browserAppUrl)).toBe('403');
    // A name that an attacker lets resolve to this machine.
    expect(await attempt(appUrl, { host: 'evil.example' })).toBe('403');
  });

  it('ask every app and reader for a token that was set', async () => {
    const token = 'a-token-of-the-user';
    await using server = await anInspector({ token });
    const bare = server.appUrl.replace(/\?.*/, '');
    expect(await attempt(server.appUrl)).toBe('open');
    expect(await attempt(bare)).toBe('401');
    expect((await fetch(`${server.url}/stately.json`)).status).toBe(401);
    expect((await fetch(`${server.url}/stately.json?token=${token}`)).status).toBe(200);
  });

  it('give apps and states to programs, and to no page of another origin', async () => {
    await using server = await anInspector();
    const response = await fetch(`${server.url}/stately.json`, {
      headers: { origin: 'http://localhost:5173' },
    });
    expect(await response.json()).toEqual({ apps: [] });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect((await fetch(`${server.url}/stately.json`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${server.url}/other`)).status).toBe(404);
  });

  it.each([
    [{ listen: 'tcp://127.0.0.1:1' }, 'BAD_OPTION', /listen: expected http:\/\/host:port/],
    [{ listen: 'http://0.0.0.0:0' }, 'BAD_OPTION', /listen: expected a token/],
    [{ token: 'short' }, 'BAD_OPTION', /token: expected 16 to 512/],
    [{ limits: { apps: 0 } }, 'BAD_OPTION', /limits.apps: expected a whole number from 1/],
    [{ limits: { app: 1 } as object }, 'BAD_OPTION', /limits: expected apps, actors/],
    [{ record: '/no/such/folder/x.jsonl' }, 'RECORD_FAILED', /folder does not exist/],
  ])('reject the options %j', async (options, code, message) => {
    const opening = openInspector(options);
    await expect(opening).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('tell that the port is in use', async () => {
    await using server = await anInspector();
    const opening = openInspector({ listen: server.url });
    await expect(opening).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  });
});
