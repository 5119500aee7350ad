import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { testCertificates } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { registerRequest } from '../support/line-client.js';
import { hasNginx, type Nginx, startNginx } from '../support/nginx.js';
import { openWatchedGate, type WatchedGate } from './watched-gate.js';

const isThere = await hasNginx();
if (!isThere && process.env.CI) throw new Error('CI needs nginx (Debian: nginx-light)');

const token = 'correct-horse-battery-staple';
const host = 'gate.example';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser([`--host-resolver-rules=MAP ${host} 127.0.0.1`]);
});
afterAll(() => browser.close());

const contexts: BrowserContext[] = [];
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

/** The browser of another user: it shares nothing with the others. */
async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  contexts.push(context);
  return context;
}

/** The configuration of docs/operate.md. */
async function documented(): Promise<string> {
  const text = await readFile('docs/operate.md', 'utf8');
  const [, block = ''] = /```nginx\n(.*?)```/s.exec(text) ?? [];
  expect(block).toContain('proxy_pass http://127.0.0.1:7080/;');
  return block;
}

interface Site extends AsyncDisposable {
  readonly gate: WatchedGate;
  readonly nginx: Nginx;
  /** The public address of the page. */
  readonly url: string;
}

/** A gate behind nginx, configured as in docs/operate.md, with changes. */
async function openSite({
  path = '/ixgate/',
  change = (block: string) => block,
  knowsUrl = true,
  trustProxy = ['127.0.0.1'],
} = {}): Promise<Site> {
  const port = await freePort();
  const url = `https://${host}:${port}${path}`;
  const gate = await openWatchedGate({ token, trustProxy, ...(knowsUrl && { publicUrl: url }) });
  const { server } = await testCertificates();
  const nginx = await startNginx(port, async (folder) => {
    await writeFile(join(folder, 'cert.pem'), server.cert);
    await writeFile(join(folder, 'key.pem'), server.key);
    return change(await documented())
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replace('/etc/ssl/gate.example.pem', join(folder, 'cert.pem'))
      .replace('/etc/ssl/gate.example.key', join(folder, 'key.pem'))
      .replace('location /ixgate/ {', `location ${path} {`)
      .replace('http://127.0.0.1:7080/', gate.url);
  });
  const close = async () => {
    await nginx[Symbol.asyncDispose]();
    await gate.close();
  };
  return { gate, nginx, url, [Symbol.asyncDispose]: close };
}

const keepHost = (block: string) =>
  block.replace('proxy_http_version 1.1;', 'proxy_http_version 1.1;\nproxy_set_header Host $host;');

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Token of the gate').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('live from ixgate test').waitFor();
}

describe.skipIf(!isThere)('Behind nginx with TLS and a token, as in docs/operate.md', () => {
  it.each([
    ['/ixgate/', 'Host rewritten', (block: string) => block],
    ['/ixgate/', 'Host kept', keepHost],
    ['/', 'Host rewritten', (block: string) => block],
    ['/', 'Host kept', keepHost],
  ])('at %s with %s: page, feed and links work', async (path, _, change) => {
    await using site = await openSite({ path, change });
    await using desk = await site.gate.client();
    await desk.ask(registerRequest());
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 2 });
    const context = await newContext();
    const page = await context.newPage();
    await page.goto(site.url);
    await page.getByText('The gate asks for its token.').waitFor();
    await signIn(page);
    await page.getByText('live, step 5 of 5').waitFor();
    await page.locator('.ladder-step[data-seq="1"]').click();
    const link = page.url();
    expect(link.startsWith(`${site.url}#`)).toBe(true);
    await page.reload();
    await page.getByText('stopped at step 1 of 5').waitFor();

    const tab = await context.newPage();
    await tab.goto(link);
    await tab.getByText('stopped at step 1 of 5').waitFor();
    await tab.getByText('live from ixgate test').waitFor();

    const other = await (await newContext()).newPage();
    await other.goto(link);
    await signIn(other);
    await other.getByText('stopped at step 1 of 5').waitFor();
    expect(await site.nginx.accessLog()).not.toContain(token);
  });

  it('the page asks for the token again when it was wrong, and after Sign out in every tab', async () => {
    await using site = await openSite();
    const context = await newContext();
    const page = await context.newPage();
    await page.goto(site.url);
    const field = page.getByLabel('Token of the gate');
    for (const wrong of ['wrong', 'not a token', 'Schlüssel', `${token}x`]) {
      await field.fill(wrong);
      await field.press('Enter');
      await page.getByText('The gate does not accept this token.').waitFor();
    }
    await signIn(page);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({
      path: '/ixgate',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    });
    expect(cookie?.value).not.toContain(token);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('The gate asks for its token.').waitFor();
    expect(await context.cookies()).toEqual([]);
    const tab = await context.newPage();
    await tab.goto(site.url);
    await tab.getByText('The gate asks for its token.').waitFor();
  });

  it('a token after # signs in, and is in no address and no log afterwards', async () => {
    await using site = await openSite();
    const page = await (await newContext()).newPage();
    await page.goto(`${site.url}#token=${token}&filter=desk`);
    await page.getByText('live from ixgate test').waitFor();
    expect(page.url()).toBe(`${site.url}#filter=desk`);
    expect(await site.nginx.accessLog()).not.toContain(token);
  });

  it('a proxy may send the token, and the page does not ask the user for it', async () => {
    const change = (block: string) =>
      block.replace(
        'proxy_http_version 1.1;',
        `proxy_http_version 1.1;\nproxy_set_header Authorization "Bearer ${token}";`,
      );
    await using site = await openSite({ change });
    const page = await (await newContext()).newPage();
    await page.goto(site.url);
    await page.getByText('live from ixgate test').waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    expect(await page.getByRole('menuitem', { name: 'Sign out' }).count()).toBe(0);
  });

  it('without --admin-public-url the page or the gate names that option, and not the token', async () => {
    await using rewritten = await openSite({ knowsUrl: false });
    const page = await (await newContext()).newPage();
    await page.goto(rewritten.url);
    const told = `start it with --admin-public-url ${rewritten.url}`;
    await page.getByText(told).waitFor();
    await using kept = await openSite({ knowsUrl: false, change: keepHost });
    const response = await page.goto(kept.url);
    expect(response?.status()).toBe(403);
    expect(await response?.text()).toContain('--admin-public-url');
  });

  it('when the proxy does not forward WebSockets, the page reports that, and not that the gate is gone', async () => {
    const change = (block: string) => block.replace('proxy_set_header Upgrade $http_upgrade;', '');
    await using site = await openSite({ change });
    const page = await (await newContext()).newPage();
    await page.goto(`${site.url}#token=${token}`);
    await page.getByText('WebSockets do not reach it').waitFor();
  });
});
