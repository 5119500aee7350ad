import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtExample, type Site, serveFolder } from '../support/example-site.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';
import { axeFaults } from '../viz/parts/axe.js';

describe('the example of StatechartView, in StrictMode', () => {
  let browser: Browser;
  let site: Site;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    const [opened, folder] = await Promise.all([
      openBrowser(),
      builtExample('examples/statechart-view'),
    ]);
    browser = opened;
    site = await serveFolder(folder);
  });
  afterEach(async () => {
    await page?.context().close();
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });

  const open = async (colorScheme: 'light' | 'dark' = 'light') => {
    const context = await browser.newContext({ colorScheme });
    page = await context.newPage();
    page.setDefaultTimeout(pageTimeout);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(site.url);
    await page.locator('[data-state="player.transport.stopped"]').waitFor();
    await page.locator('[data-state="multiStepForm.saved"]').waitFor();
  };
  const active = () =>
    page
      .locator('.leaf[data-active="true"] .chart-name')
      .evaluateAll((names) => names.map((name) => name.textContent));
  const send = (type: string) => page.getByRole('button', { name: type, exact: true }).first();

  it('shows two machines, one with the states of its actor as it runs', async () => {
    await open();
    expect(await page.locator('ixgate-statechart').count()).toBe(2);
    expect(await active()).toEqual(['stopped', 'audible']);
    await send('PLAY').click();
    await expect.poll(active).toEqual(['playing', 'audible']);
    await send('MUTE').click();
    await expect.poll(active).toEqual(['playing', 'muted']);
  });

  it('calls the component with the selected transition, once', async () => {
    await open();
    await page.locator('[data-edge="playing:PAUSE"]').click();
    await expect.poll(() => page.locator('output').textContent()).toBe('playing:PAUSE');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('output').textContent()).toBe('nothing');
  });

  it('goes with its component, and comes back with it', async () => {
    await open();
    await page.click('#toggle');
    await expect.poll(() => page.locator('ixgate-statechart').count()).toBe(1);
    await page.click('#toggle');
    await page.locator('[data-state="player.transport.stopped"]').waitFor();
    expect(await active()).toEqual(['stopped', 'audible']);
  });

  it('passes class and style on, and changes the theme', async () => {
    await open();
    const element = page.locator('ixgate-statechart').first();
    expect(await element.getAttribute('class')).toBe('chart');
    expect(await element.evaluate(({ clientHeight }) => clientHeight)).toBe(384);
    const panel = () =>
      element.locator('.view').evaluate((view) => getComputedStyle(view).backgroundColor);
    expect(await panel()).toBe('rgb(255, 255, 255)');
    await page.selectOption('select', 'dark');
    await expect.poll(panel).toBe('rgb(22, 27, 34)');
  });

  it.each(['light', 'dark'] as const)('has no violation that axe finds, in %s', async (scheme) => {
    await open(scheme);
    await page.locator('[data-edge="playing:PAUSE"]').click();
    expect(await axeFaults(page)).toEqual([]);
  });
});
