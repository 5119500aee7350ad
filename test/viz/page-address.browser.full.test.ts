import { describe, expect, it } from 'vitest';
import { registerRequest } from '../support/line-client.js';
import { openWatchedGate, verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

describe('The address', () => {
  it('shows another user the same arrow and view', async () => {
    await using gate = await openWatchedGate({ rejectionTimeout: 600_000 });
    await using client = await gate.client();
    await client.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
    const page = await browser.open(gate.url);
    await page.getByText('live, step 3 of 3').waitFor();
    await page.locator('.ladder-step[data-seq="2"]').click();
    await page.getByRole('button', { name: 'Closest figure: 2b' }).click();
    await page.getByRole('searchbox', { name: 'Find in' }).fill('Login');
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('dark');
    const link = await page.evaluate(() => location.href);

    const other = await browser.open(link);
    await other.getByText('stopped at step 2 of 3').waitFor();
    expect(await other.locator('.ladder-step.at-cursor').textContent()).toContain(
      'RequestAgentLogin',
    );
    await other.getByText('Figure 2b. Unsuccessful').waitFor();
    expect(await other.getByRole('searchbox', { name: 'Find in' }).inputValue()).toBe('Login');
    expect(await other.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(other.url()).toBe(link);
  });

  it('does not contain the theme: the browser remembers it', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url, { colorScheme: 'light' });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('dark');
    await expect.poll(ground).not.toBe(light);
    await page.goto(`${gate.url}?again`);
    await page.getByText('No client has connected').waitFor();
    expect(await ground()).not.toBe(light);
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('auto');
    await expect.poll(ground).toBe(light);
  });

  it('goes back and forward between sessions and tabs, not between keys of a filter', async () => {
    await using gate = await openWatchedGate();
    await using one = await gate.client();
    await one.ask(registerRequest({ clientName: 'desk-one' }));
    await using two = await gate.client();
    await two.ask(registerRequest({ clientName: 'desk-two' }));
    const page = await browser.open(gate.url);
    const row = (name: string) => page.locator('.session-row', { hasText: name });
    await row('desk-one').click();
    await verdictOf(page).getByText('desk-one').waitFor();
    await row('desk-two').click();
    await verdictOf(page).getByText('desk-two').waitFor();
    await page.getByRole('searchbox', { name: 'Find a session' }).pressSequentially('desk');
    await page.getByRole('button', { name: 'Simulator' }).click();
    await page.getByText('simulator', { exact: true }).waitFor();
    await page.goBack();
    await verdictOf(page).getByText('desk-two').waitFor();
    await page.goBack();
    await verdictOf(page).getByText('desk-one').waitFor();
    await page.goForward();
    await verdictOf(page).getByText('desk-two').waitFor();
  });

  it('that names an unknown session shows a message', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(`${gate.url}#session=long-gone`);
    await page.getByText('The gate does not know session long-gone').waitFor();
  });

  it('that is invalid opens the default page', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(`${gate.url}#tab=x&step=-4&figure=9&sort=zzz&theme=&=&%`);
    await page.getByText('No client has connected').waitFor();
  });

  it('copies a link to the exact step, live or not', async () => {
    await using gate = await openWatchedGate();
    await using client = await gate.client();
    await client.ask(registerRequest());
    const page = await browser.open(gate.url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByText('live, step 3 of 3').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Copy link' }).click();
    await page.getByText('Link copied.').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const other = await browser.open(link);
    await other.getByText('stopped at step 3 of 3').waitFor();
  });

  it.each(['?token=secret-of-the-gate#filter=desk', '#filter=desk&token=secret-of-the-gate'])(
    'loses the token as soon as the page has read it, and the browser stays signed in: %s',
    async (end) => {
      await using gate = await openWatchedGate({ token: 'secret-of-the-gate' });
      const page = await browser.open(`${gate.url}${end}`);
      await page.getByText('live from ixgate test').waitFor();
      expect(page.url()).toBe(`${gate.url}#filter=desk`);
      await page.reload();
      await page.getByText('live from ixgate test').waitFor();
      const tab = await page.context().newPage();
      await tab.goto(gate.url);
      await tab.getByText('live from ixgate test').waitFor();
    },
  );

  it('without the token shows the sign-in form, and again when the token of the gate changes', async () => {
    await using gate = await openWatchedGate({ token: 'secret-of-the-gate' });
    const page = await browser.open(gate.url, { refused: true });
    await page.getByText('The gate asks for its token.').waitFor();
    await page.getByRole('heading', { name: 'The gate asks for its token' }).waitFor();
    await page.getByLabel('Token of the gate').fill('secret-of-the-gate');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('live from ixgate test').waitFor();
    const port = Number(new URL(gate.url).port);
    await gate.close();
    await page.getByText('the gate is not reachable').waitFor();
    await using next = await openWatchedGate({ token: 'another-secret', adminPort: port });
    await page
      .getByText(/^The connection was lost at .*; the gate asks for its token\.$/)
      .waitFor();
    await page.getByLabel('Token of the gate').fill('another-secret');
    await page.getByLabel('Token of the gate').press('Enter');
    await page.getByText('live from ixgate test').waitFor();
    expect(next.url).toBe(gate.url);
  });
});
