import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openStately, StatelyMissingError } from '../../adapters/xstate-inspector/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { openBrowser } from '../support/shared-browser.js';

closeGatesAfterEach();

interface Told {
  readonly type: string;
  readonly sessionId: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly status: string; readonly value: unknown };
}

describe('Sessions in the hosted inspector', () => {
  it('appear with their chart, their events and their states, sent by the genuine package', async () => {
    const { server, client } = await openGate();
    await using stately = await openStately(server);
    const viewer = new WebSocket(stately.url.replace('http', 'ws'));
    const told: Told[] = [];
    viewer.on('message', (data) => told.push(JSON.parse(String(data))));
    await once(viewer, 'open');
    await using desk = await client();
    await desk.ask(registerRequest({ extension: { pin: 'pin-secret' } }));
    desk.socket.end();
    await desk.ended;
    while (told.at(-1)?.snapshot?.status !== 'done') await once(viewer, 'message');
    const [actor] = told;
    expect(actor).toMatchObject({ type: '@xstate.actor', snapshot: { value: 'connecting' } });
    expect(JSON.parse(actor?.definition ?? '')).toMatchObject({
      id: 'registration',
      initial: 'connecting',
    });
    expect(
      told.flatMap(({ type, event }) => (type === '@xstate.event' ? [event?.type] : [])),
    ).toEqual(['Connected', 'RequestRegisterClient', 'EventAck', 'Disconnected']);
    const values = told.flatMap(({ type, snapshot }) =>
      type === '@xstate.snapshot' ? [snapshot?.value] : [],
    );
    expect(values.slice(-2)).toEqual([{ connected: 'registered' }, 'disconnected']);
    // Secrets are masked before anything leaves the gate.
    expect(JSON.stringify(told)).not.toContain('pin-secret');
    viewer.terminate();
  });

  it('are asked for with the command to install, where the package is not', async () => {
    const { server } = await openGate();
    const opening = openStately(server, { package: '@statelyai/not-installed' });
    await expect(opening).rejects.toThrow(StatelyMissingError);
    await expect(opening).rejects.toThrow(
      '@statelyai/inspect is not installed. Install it: npm install @statelyai/inspect',
    );
    expect(server.listenerCount('step')).toBe(0);
  });

  describe('in a browser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser?.close());

    it('are handed to the page of Stately, and to no other', async () => {
      const { server, client } = await openGate();
      await using stately = await openStately(server);
      await using desk = await client();
      const page = await browser.newPage();
      const asked: string[] = [];
      await page.route('**/*', async (route) => {
        const url = route.request().url();
        asked.push(url);
        if (!url.startsWith('https://stately.ai/')) return route.continue();
        // Stands in for the hosted page: says that it is there, and shows what it is handed.
        return route.fulfill({
          contentType: 'text/html',
          body: `<ol></ol><script>
            addEventListener('message', ({ data }) => {
              document.querySelector('ol').append(Object.assign(document.createElement('li'), {
                textContent: data.type + ' ' + JSON.stringify(data.event?.type ?? data.snapshot?.value),
              }));
            });
            parent.postMessage({ type: '@statelyai.connected' }, '*');
          </script>`,
        });
      });
      await page.goto(stately.url);
      const frame = page.frameLocator('iframe');
      await frame.getByText('@xstate.actor {"connected":{"unregistered"').waitFor();
      await desk.ask(registerRequest());
      await frame.getByText('@xstate.event "EventAck"').waitFor();
      expect(await page.getByRole('status').isVisible()).toBe(false);
      expect(asked.filter((url) => !url.startsWith(stately.url))).toEqual([
        'https://stately.ai/inspect',
      ]);
      await stately.close();
      await page.getByText('The gate is gone').waitFor();
    });
  });
});
