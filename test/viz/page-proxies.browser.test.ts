import { describe, expect, it } from 'vitest';
import { registerRequest } from '../support/line-client.js';
import { openWatchedGate, verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

describe('A proxy on the page', () => {
  it('has its clients folded below it; click and arrow keys show them, each with its own ladder', async () => {
    await using gate = await openWatchedGate({ proxyClients: 10 });
    const page = await browser.open(gate.url);
    await using proxy = await gate.client();
    await proxy.ask(registerRequest({ clientName: 'desk-proxy', clientType: 'Proxy' }));
    for (const proxyClientId of [1, 2]) {
      await proxy.ask(registerRequest({ clientName: `desk-${proxyClientId}`, proxyClientId }));
    }
    await proxy.ask(registerRequest({ clientName: 'unknown', proxyClientId: 3 }));

    const rows = page.locator('.session-row');
    const row = (name: string) => page.locator('.session-row', { hasText: name });
    await page.getByText('4 sessions').waitFor();
    await page.getByText('1 connection', { exact: false }).first().waitFor();
    await row('desk-proxy').click();
    await row('desk-proxy').getByText('3 clients').waitFor();
    await expect.poll(() => rows.count()).toBe(1);

    await row('desk-proxy').getByText('3 clients').click();
    await row('desk-2').waitFor();
    expect(await rows.count()).toBe(4);
    expect(await row('unknown').textContent()).toContain('refused (2a)');
    await row('desk-2').click();
    await page.locator('.ladder-step', { hasText: 'EventAck' }).waitFor();
    expect(await page.locator('.ladder-step').count()).toBe(3);
    await verdictOf(page)
      .getByText(/registered after \d+ ms\.$/)
      .waitFor();

    await page.getByRole('listbox', { name: 'Sessions' }).focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => rows.count()).toBe(1);
    expect(await row('desk-proxy').getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => rows.count()).toBe(4);
    // With the proxy filtered out, its clients are still found.
    await page.getByRole('searchbox', { name: 'Find a session' }).fill('desk-2');
    await expect.poll(() => rows.count()).toBe(1);
    await row('desk-2').waitFor();
  });
});
