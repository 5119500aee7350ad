import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createServer, type GateServer } from '../../adapters/server/index.js';
import { builtExample, type Site, serveFolder } from '../support/example-site.js';
import { openBrowser } from '../support/shared-browser.js';

describe('the example of useRegistration, in StrictMode', () => {
  let browser: Browser;
  let site: Site;
  let gate: GateServer;
  let page: Page;
  const complaints: string[] = [];
  /** The registrations that the gate was asked for. */
  const asked: { readonly name: string; readonly note: unknown }[] = [];

  /** The connections of the gate, as they came and went. */
  const opened: string[] = [];

  const openGate = async (port = 0) => {
    gate = await createServer({
      listen: [`ws://127.0.0.1:${port}`],
      validator: ({ clientName, extension }) => {
        asked.push({ name: clientName, note: extension?.note });
        return clientName.startsWith('page')
          ? { valid: true }
          : { valid: false, reason: 'not on the list' };
      },
      onMessage({ reply, session }) {
        reply.ack();
        session.send({ messageName: 'EventWelcome' });
      },
    });
    gate.on('connected', () => opened.push('connected'));
    gate.on('disconnected', () => opened.push('disconnected'));
    return gate.endpoints[0]?.port as number;
  };
  const names = () => [...gate.sessions()].map(({ clientName }) => clientName);
  const stateIs = (state: string) => page.locator(`[data-state="${state}"]`).waitFor();
  const open = async (port: number) => {
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('WebSocket'))
        complaints.push(message.text());
    });
    await page.goto(`${site.url}?gate=ws://127.0.0.1:${port}`);
  };

  beforeAll(async () => {
    const [opened, folder] = await Promise.all([openBrowser(), builtExample('examples/react')]);
    browser = opened;
    site = await serveFolder(folder);
  }, 60_000);
  beforeEach(() => {
    asked.length = opened.length = 0;
  });
  afterEach(async () => {
    await page?.close();
    await gate?.close();
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });

  it('registers once, although StrictMode runs each effect twice, and answers requests', async () => {
    await open(await openGate());
    await stateIs('online');
    expect(asked).toHaveLength(1);
    expect(gate.counts().accepted).toBe(1);
    await page.click('#login');
    await page.locator('li', { hasText: 'answered with EventAck' }).waitFor();
    await page.locator('li', { hasText: 'received EventWelcome' }).waitFor();
  });

  it('keeps its connection when the component renders again with equal options', async () => {
    await open(await openGate());
    await stateIs('online');
    await page.locator('#note').pressSequentially('twelve letters');
    await stateIs('online');
    expect(gate.counts().accepted).toBe(1);
  });

  it('registers again with the functions of the latest render', async () => {
    const port = await openGate();
    await open(port);
    await stateIs('online');
    await page.fill('#note', 'new');
    await gate.close();
    await openGate(port);
    await stateIs('online');
    await expect
      .poll(() => asked)
      .toEqual([
        { name: 'page-1', note: '' },
        { name: 'page-1', note: 'new' },
      ]);
  });

  it('closes the old client before a changed option makes a new one', async () => {
    await open(await openGate());
    await stateIs('online');
    await page.fill('#name', 'page-2');
    await expect.poll(names).toEqual(['page-2']);
    await stateIs('online');
    expect(asked.map(({ name }) => name)).toEqual(['page-1', 'page-2']);
    expect(opened).toEqual(['connected', 'disconnected', 'connected']);
  });

  it('leaves when the component is unmounted, and comes back with it', async () => {
    await open(await openGate());
    await stateIs('online');
    await page.click('#toggle');
    await expect.poll(names).toEqual([]);
    await page.click('#toggle');
    await stateIs('online');
    expect(names()).toEqual(['page-1']);
  });

  it('shows a refusal, and an invalid option', async () => {
    await open(await openGate());
    await stateIs('online');
    await page.fill('#name', 'desk-1');
    await stateIs('stopped');
    expect(await page.textContent('[role="alert"]')).toContain('not on the list');
    await page.fill('#name', '');
    await page.locator('[role="alert"]', { hasText: 'option clientName' }).waitFor();
    await page.fill('#name', 'page-3');
    await stateIs('online');
    expect(await page.locator('[role="alert"]').count()).toBe(0);
  });

  it('is without errors in the console', () => {
    expect(complaints).toEqual([]);
  });
});
