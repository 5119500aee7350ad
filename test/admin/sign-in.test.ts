import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminPort, openAdminPort } from '../../adapters/admin/admin-port.js';
import { TokenGuard } from '../../adapters/web/guard.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

closeGatesAfterEach();
const token = 'correct-horse-battery-staple';
const admins: AdminPort[] = [];
afterEach(async () => {
  await Promise.all(admins.splice(0).map((admin) => admin.close()));
});

async function openAdmin(options: Parameters<typeof openAdminPort>[1] = {}): Promise<string> {
  const { server } = await openGate();
  const admin = await openAdminPort(server, { listen: 'http://127.0.0.1:0', token, ...options });
  admins.push(admin);
  return admin.url;
}

const post = (url: string, headers: Record<string, string>) =>
  fetch(url, { method: 'POST', headers });

function requestWith(headers: Record<string, string>): IncomingMessage {
  return { headers, url: '/sessions' } as unknown as IncomingMessage;
}

describe('A browser that shows the token once', () => {
  it('is signed in by a cookie that scripts cannot read, other sites cannot send and which does not contain the token', async () => {
    const url = await openAdmin();
    const answer = await post(`${url}/sign-in`, { origin: url, 'ixgate-token': token });
    expect(answer.status).toBe(204);
    const set = answer.headers.get('set-cookie') ?? '';
    expect(set).toMatch(
      /^ixgate-[\w-]{8}=\d+\.[\w-]{43}; Max-Age=604800; HttpOnly; SameSite=Strict$/,
    );
    expect(set).not.toContain(token);
    const cookie = set.split(';')[0] ?? '';
    expect((await fetch(`${url}/sessions`)).status).toBe(401);
    expect((await fetch(`${url}/sessions`, { headers: { cookie } })).status).toBe(200);
    const beside = `theme=dark; ${cookie}; other=1`;
    expect((await fetch(`${url}/sessions`, { headers: { cookie: beside } })).status).toBe(200);
    const index = await fetch(`${url}/recordings.json`, { headers: { cookie } });
    expect(await index.json()).toMatchObject({ access: 'granted', isSignedIn: true });
  });

  it('gets a cookie for encrypted connections only where the page came over one', async () => {
    const url = await openAdmin({ publicUrl: 'https://gate.example/ops/' });
    const headers = { origin: 'https://gate.example', 'ixgate-token': token };
    const answer = await post(`${url}/sign-in`, headers);
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('is signed out by a cookie that ends at once', async () => {
    const url = await openAdmin();
    const answer = await post(`${url}/sign-out`, { origin: url });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toMatch(/^ixgate-[\w-]{8}=; Max-Age=0; /);
  });

  it.each([
    ['a wrong token', 401, { 'ixgate-token': `${token}x` }],
    ['no token', 401, {}],
    ['a page of another site', 403, { 'ixgate-token': token, origin: 'https://elsewhere.example' }],
    ['no page at all', 403, { 'ixgate-token': token, origin: '' }],
  ])('is not signed in with %s', async (_, status, headers: Record<string, string>) => {
    const url = await openAdmin();
    const answer = await post(`${url}/sign-in`, { origin: url, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('is signed out when the cookie is 7 days old, forged, or of a gate with another token', () => {
    let now = Date.UTC(2026, 0, 1);
    const guard = new TokenGuard(token, () => now);
    const other = new TokenGuard(`${token}-of-another-gate`, () => now);
    const cookieOf = (one: TokenGuard, text: string) =>
      one.signIn(requestWith({ 'ixgate-token': text }))?.split(';')[0] ?? '';
    const cookie = cookieOf(guard, token);
    expect(guard.admits(requestWith({ cookie }))).toBe(true);
    expect(other.admits(requestWith({ cookie }))).toBe(false);
    const [name = '', value = ''] = cookie.split('=');
    const [expiry = '', signature = ''] = value.split('.');
    const [otherName] = cookieOf(other, `${token}-of-another-gate`).split('=');
    expect(otherName).not.toBe(name);
    for (const forged of [
      `${name}=${Number(expiry) + 1}.${signature}`,
      `${name}=${expiry}.${signature.slice(0, -1)}x`,
      `${name}=${expiry}.`,
      `${name}=.${signature}`,
      `${name}=`,
      `${name}`,
      `x${cookie}`,
      '',
    ])
      expect(guard.admits(requestWith({ cookie: forged })), forged).toBe(false);
    now += 7 * 24 * 3_600_000 - 1;
    expect(guard.admits(requestWith({ cookie }))).toBe(true);
    now += 1;
    expect(guard.admits(requestWith({ cookie }))).toBe(false);
  });

  it('is not needed where there is no token', async () => {
    const url = await openAdmin({ token: undefined });
    expect((await fetch(`${url}/sessions`)).status).toBe(200);
    const index = await (await fetch(`${url}/recordings.json`)).json();
    expect(index).toMatchObject({ access: 'granted', isSignedIn: false });
    expect((await post(`${url}/sign-in`, { origin: url })).status).toBe(405);
  });
});
