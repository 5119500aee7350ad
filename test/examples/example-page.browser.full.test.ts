import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtExample, type Site, serveFolder } from '../support/example-site.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';

describe('the chart in a browser page', () => {
  let site: Site;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    const [opened, folder] = await Promise.all([openBrowser(), builtExample('examples/browser')]);
    browser = opened;
    site = await serveFolder(folder);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });

  const open = async (query = '') => {
    page = await browser.newPage();
    page.setDefaultTimeout(pageTimeout);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${site.url}${query}`);
  };
  const say = (speaker: string, event: string) => page.click(`#${speaker} [data-event="${event}"]`);
  const configuration = () => page.textContent('#configuration');
  const lastStep = () => page.locator('#steps tr').first().textContent();

  it('registers a client when both sides send the right messages', async () => {
    await open();
    expect(await configuration()).toBe('connecting');
    await say('transport', 'Connected');
    expect(await configuration()).toBe('awaiting/registration');
    expect(Number(await page.textContent('#left'))).toBeGreaterThan(5);
    await say('client', 'RequestRegisterClient');
    await say('server', 'EventAck');
    expect(await configuration()).toBe('registered');
    expect(await page.textContent('#deadline')).toBe('no deadline runs');
    expect(await page.textContent('#configurations [aria-current]')).toBe('registered');
  });

  it('shows which messages have no transition, and keeps the state when one is sent', async () => {
    await open();
    await say('transport', 'Connected');
    const legal = await page.locator('button[data-legal="yes"]').allTextContents();
    expect(legal).toEqual([
      'RequestRegisterClient',
      'any other message',
      'EventError',
      'disconnect',
    ]);
    await say('server', 'EventAck');
    expect(await configuration()).toBe('awaiting/registration');
    expect(await lastStep()).toContain('no transition for this in awaiting/registration');
  });

  it('disconnects a refused client when the clock has run out, and can start again', async () => {
    // Long enough for the messages before it, also on a busy machine.
    await open('?rejection=3000');
    await say('transport', 'Connected');
    await say('client', 'OtherMessage');
    await say('server', 'EventError');
    await say('server', 'EventAck');
    await page.locator('#configuration', { hasText: 'disconnected' }).waitFor();
    expect(await lastStep()).toContain('rejectionTimeout is over');
    expect(await page.locator('#steps .unexpected').count()).toBe(1);
    await page.click('.again');
    expect(await configuration()).toBe('connecting');
    expect(await page.locator('#steps tr').count()).toBe(0);
  });

  it('logs no errors', () => {
    expect(complaints).toEqual([]);
  });
});
