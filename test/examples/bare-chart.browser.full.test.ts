import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtExample, type Site, serveFolder } from '../support/example-site.js';
import { openBrowser } from '../support/shared-browser.js';

describe('the bare chart in pages of other libraries', () => {
  let browser: Browser;
  const sites: Site[] = [];

  const open = async (example: string, query = '', standIn?: string) => {
    const site = await serveFolder(await builtExample(`examples/${example}`));
    sites.push(site);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    if (standIn)
      await page.route('https://stately.ai/**', (route) =>
        route.fulfill({ contentType: 'text/html', body: standIn }),
      );
    await page.goto(`${site.url}${query}`);
    const say = (text: string) => page.getByRole('button', { name: text, exact: true }).click();
    return { page, say, complaints };
  };

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    for (const { server } of sites) server.close();
    await browser?.close();
  });

  it('@xstate/react runs it, in StrictMode, with its deadlines', async () => {
    const { page, say, complaints } = await open('xstate-react', '?rejection=1500');
    const configuration = () => page.textContent('output');
    expect(await configuration()).toBe('connecting');
    await say('Connected');
    await say('OtherMessage');
    await say('EventError');
    expect(await configuration()).toBe('awaiting/rejection');
    expect(await page.getByRole('button', { name: 'EventAck' }).isDisabled()).toBe(true);
    await page.getByText('(rejection-timeout)').waitFor();
    expect(await configuration()).toBe('disconnected');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('@xstate/react registers it, and the deadline stops', async () => {
    const { page, say } = await open('xstate-react');
    for (const event of ['Connected', 'RequestRegisterClient', 'EventAck']) await say(event);
    expect(await page.textContent('output')).toBe('registered');
    await page.close();
  });

  it('@statelyai/inspect shows its events and states to the page of Stately, without secrets', async () => {
    const standIn = `<ol></ol><script>
      addEventListener('message', ({ data }) => {
        document.querySelector('ol').append(Object.assign(document.createElement('li'), {
          textContent: data.type + ' ' + JSON.stringify(data),
        }));
      });
      // The package takes events only when the frame has loaded.
      addEventListener('load', () =>
        setTimeout(() => parent.postMessage({ type: '@statelyai.connected' }, '*')));
    </script>`;
    const { page, say, complaints } = await open('stately-inspect', '', standIn);
    const frame = page.frameLocator('iframe');
    await frame.getByText('@xstate.actor').first().waitFor();
    for (const event of ['Connected', 'RequestRegisterClient', 'EventAck']) await say(event);
    await frame.locator('li', { hasText: '"registered"' }).first().waitFor();
    const told = (await frame.locator('li').allTextContents()).join('\n');
    for (const event of ['Connected', 'RequestRegisterClient', 'EventAck'])
      expect(told).toContain(`"type":"${event}"`);
    expect(told).not.toContain('pin-secret');
    expect(complaints).toEqual([]);
    await page.close();
  });
});
