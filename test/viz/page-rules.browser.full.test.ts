import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { registerRequest } from '../support/line-client.js';
import { staticSite } from './static-site.js';
import { openWatchedGate, verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

describe('Every user can use the page', () => {
  it('with the keyboard alone: from the list to the ladder, a step opened, a figure beside it, a file saved', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest());
    await verdictOf(page).getByText('desk-1').waitFor();
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press('Tab');
        const here = await page.evaluate(() => {
          const { activeElement: element } = document;
          return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
        });
        if (here.includes(name)) return;
      }
      throw new Error(`Tab does not reach ${name}`);
    };
    await tabTo('Sessions');
    await page.locator('.session-list').waitFor();
    while (!(await page.locator('.session-list:focus').count())) await page.keyboard.press('Tab');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    expect(await page.locator('.ladder-step:focus').count()).toBe(1);
    await page.keyboard.press('ArrowUp');
    await page.getByText('stopped at step 2 of 3').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.ladder-contents').waitFor();
    await page.reload();
    await page.getByText('step 2 of 3').waitFor();
    await tabTo('Closest figure: 1');
    await page.keyboard.press('Enter');
    await page.getByText('Figure 1. Successful').waitFor();
    await tabTo('Save');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    const saving = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    expect((await saving).suggestedFilename()).toMatch(/\.jsonl$/);
  });

  it('on a phone: nothing overflows, the list is a drawer, a session can be chosen and read', async () => {
    await using gate = await openWatchedGate();
    await using client = await gate.client();
    await client.ask(registerRequest({ clientName: 'desk-phone' }));
    await using other = await gate.client();
    await other.ask(registerRequest({ clientName: 'desk-other' }));
    const page = await browser.open(gate.url, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await verdictOf(page).getByText('desk-other').waitFor();
    await page.getByRole('button', { name: 'List' }).tap();
    await page.locator('.session-row', { hasText: 'desk-phone' }).tap();
    await verdictOf(page).getByText('desk-phone').waitFor();
    expect(await page.locator('.session-row').first().isVisible()).toBe(false);
    await page.locator('.ladder-step', { hasText: 'RequestRegisterClient' }).tap();
    await page.getByText('stopped at step 2 of 3').waitFor();
    for (const tab of ['Sessions', 'Figures', 'Simulator']) {
      await page.getByRole('button', { name: tab, exact: true }).tap();
      const [inside, wide] = await page.evaluate(() => [
        document.documentElement.clientWidth,
        document.documentElement.scrollWidth,
      ]);
      expect(wide, tab).toBe(inside);
    }
  });
});

describe('The page', () => {
  it.each(['1', '2a', '2b', '2c'])('plays figure %s and shows that it passed', async (id) => {
    await using gate = await openWatchedGate();
    const page = await browser.open(`${gate.url}#tab=figures&figure=${id}`);
    await page.getByRole('radio', { name: 'instant' }).check();
    const card = page.getByRole('article').filter({ hasText: `Figure ${id}` });
    await card.getByRole('button', { name: 'Play', exact: true }).click();
    await card.getByText('Passed.').waitFor();
    const last = id === '1' ? 'EventAck' : 'disconnect';
    await page.locator('.page-ladder .ladder-step', { hasText: last }).waitFor();
  });

  it('plays a figure against the gate that serves it, over its WebSocket', async () => {
    await using gate = await openWatchedGate({ rejectionTimeout: 300 });
    const page = await browser.open(`${gate.url}#tab=figures&figure=2a`);
    await page.getByText('live from ixgate test').waitFor();
    const [, webSocket] = gate.server.endpoints;
    await page.getByLabel('WebSocket of the gate').fill(`ws://127.0.0.1:${webSocket?.port}`);
    const card = page.getByRole('article').filter({ hasText: 'Figure 2a' });
    await card.getByRole('button', { name: 'Play against the gate' }).click();
    await card.getByText('Passed.').waitFor();
    // The gate has the session too.
    await page.getByRole('button', { name: 'Sessions', exact: true }).click();
    await page.locator('.session-row', { hasText: 'refused' }).waitFor();
  });

  it('loads less than 400 KB before it can be used', async () => {
    const html = await readFile('dist/viz/index.html', 'utf8');
    const files = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(
      ([, file]) => file ?? '',
    );
    expect(files.length).toBeGreaterThan(1);
    const sizes = await Promise.all(
      ['index.html', ...files].map(
        async (file) => gzipSync(await readFile(`dist/viz/${file}`)).length,
      ),
    );
    const first = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`first load: ${Math.round(first / 1024)} KB compressed`);
    expect(first).toBeLessThan(400 * 1024);
    expect((await readdir('dist/viz/assets')).length).toBeGreaterThan(files.length);
  });

  it('is served by any web server, from any folder, without a gate: no request fails, and the simulator is available', async () => {
    await using site = await staticSite('dist/viz', '/some/where/');
    const page = await browser.open(site.url);
    await page.getByText('No sessions yet').waitFor();
    await page.getByRole('button', { name: 'Open the simulator' }).click();
    await page.getByText('Server', { exact: true }).waitFor();
    expect(site.missed).toEqual([]);
  });
});
