import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type GateServer } from '../../adapters/server/index.js';
import { builtExample, type Site, serveFolder } from '../support/example-site.js';
import { openBrowser } from '../support/shared-browser.js';

describe('the example page of the browser client', () => {
  let browser: Browser;
  let site: Site;
  let gate: GateServer;
  let page: Page;
  const complaints: string[] = [];

  const openGate = async (port = 0) => {
    gate = await createServer({
      listen: [`ws://127.0.0.1:${port}`],
      validator: ({ clientName }) =>
        clientName.startsWith('page')
          ? { valid: true }
          : { valid: false, reason: 'not on the list' },
      onMessage: ({ reply }) => reply.ack(),
    });
    return gate.endpoints[0]?.port as number;
  };
  const register = async (port: number, name = 'page-1') => {
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(site.url);
    await page.fill('#endpoint', `ws://127.0.0.1:${port}`);
    await page.fill('#name', name);
    await page.click('#register button');
  };
  const stateIs = (state: string) => page.locator(`#state[data-state="${state}"]`).waitFor();
  const events = () => page.locator('#events li').allTextContents();

  beforeAll(async () => {
    const [opened, folder] = await Promise.all([
      openBrowser(),
      builtExample('examples/browser-client'),
    ]);
    browser = opened;
    site = await serveFolder(folder);
  }, 60_000);
  afterEach(async () => {
    await page?.close();
    await gate?.close();
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });

  it('registers at a real gate and gets the answer to a request', async () => {
    await register(await openGate());
    await stateIs('online');
    expect([...gate.sessions()].map(({ clientName }) => clientName)).toEqual(['page-1']);
    await page.click('#send');
    await page.locator('#events li', { hasText: 'answered with EventAck' }).waitFor();
  });

  it('shows why it was refused, and stops', async () => {
    await register(await openGate(), 'desk-1');
    await stateIs('stopped');
    expect(await page.textContent('#problem')).toBe('client is not valid: not on the list (2)');
    expect((await events()).filter((text) => text.startsWith('refused'))).toHaveLength(1);
  });

  it('registers again when the gate has restarted', async () => {
    const port = await openGate();
    await register(port);
    await stateIs('online');
    await gate.close();
    await page.locator('#events li', { hasText: 'disconnected' }).first().waitFor();
    await openGate(port);
    await page.locator('#events li', { hasText: 'registered in' }).nth(1).waitFor();
    await stateIs('online');
    expect(gate.sessions()).toHaveLength(1);
  });

  it.each([
    ['tcp://127.0.0.1:7004', 'a browser has only WebSockets (ws, wss), not tcp'],
    ['ws://127.0.0.1', 'it has no port'],
  ])('shows that %s is an invalid endpoint', async (endpoint, problem) => {
    await register(await openGate());
    await stateIs('online');
    await page.fill('#endpoint', endpoint);
    await page.click('#register button');
    expect(await page.textContent('#problem')).toContain(problem);
  });

  it('throws no errors', () => {
    expect(complaints).toEqual([]);
  });
});
