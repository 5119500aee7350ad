import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { FeedMessage } from '../../machines/index.js';
import { registerRequest } from '../support/line-client.js';
import { StallingProxy } from '../support/stalling-proxy.js';
import { setHidden, watchPages } from './truth/watch.js';
import { openWatchedGate, verdictOf, type WatchedGate, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

const portOf = ({ admin }: WatchedGate) => Number(new URL(admin.url).port);

/** The time of day of a text. */
const timeIn = (text: string | null) => /\d\d:\d\d:\d\d/.exec(text ?? '')?.[0];

/** Sets the page's clock forward by an hour, as a user or a time server does. */
function setClockForward(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { now } = Date;
    Date.now = () => now.call(Date) + 3_600_000;
  });
}

describe('A gate that is connected again', () => {
  it('is not shown as live before its list has arrived', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open('about:blank');
    let lists = Promise.resolve();
    let release = () => {};
    const sockets: { close(options: { code: number }): Promise<void> }[] = [];
    await page.routeWebSocket('**/feed', (viewer) => {
      sockets.push(viewer);
      const server = viewer.connectToServer();
      server.onMessage((text) => {
        const { type } = JSON.parse(String(text)) as FeedMessage;
        if (type === 'sessions') void lists.then(() => viewer.send(text));
        else viewer.send(text);
      });
    });
    await page.goto(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest());
    await page.getByText('live, step 3 of 3').waitFor();

    lists = new Promise((resolve) => {
      release = resolve;
    });
    await sockets[0]?.close({ code: 1001 });
    await page.getByText('loading the sessions of ixgate test').waitFor();
    await page.getByText('last known, step 3 of 3').waitFor();
    expect(await page.getByText('live from').count()).toBe(0);
    release();
    await page.getByText('live from ixgate test').waitFor();
    await page.getByText('live, step 3 of 3').waitFor();
  });

  it('does not change the time of the last update of a session of another gate', async () => {
    await using proxy = await StallingProxy.open();
    await using first = await openWatchedGate();
    await using second = await openWatchedGate();
    const lose = () => {
      proxy.target = 0;
      proxy.reset();
      return page.getByText('retrying').waitFor();
    };
    const find = async (gate: WatchedGate) => {
      proxy.target = portOf(gate);
      await page.getByText('live from ixgate test').waitFor();
    };

    proxy.target = portOf(first);
    const page = await browser.open(`http://127.0.0.1:${proxy.port}/`, { refused: true });
    await using client = await first.client();
    await client.ask(registerRequest());
    await page.getByText('live, step 3 of 3').waitFor();
    await lose();
    await verdictOf(page).getByText('the gate is not reachable').waitFor();
    const lostAt = timeIn(await verdictOf(page).textContent());

    await find(second);
    await verdictOf(page).getByText('the gate has restarted since').waitFor();
    const since = Date.now();
    await expect.poll(() => Date.now() - since).toBeGreaterThan(1_500);
    await lose();
    await expect
      .poll(async () => timeIn(await page.locator('.connection').textContent()))
      .not.toBe(lostAt);
    const words = await verdictOf(page).textContent();
    expect(words).toContain('the gate has restarted since');
    expect(timeIn(words)).toBe(lostAt);
  });
});

describe('A page in the background', () => {
  it('does not mistake data of a lost gate for the list of the next one', async () => {
    await using proxy = await StallingProxy.open();
    await using first = await openWatchedGate();
    await using second = await openWatchedGate();
    proxy.target = portOf(first);
    const page = await browser.open('about:blank', { refused: true });
    await watchPages(page.context(), 0);
    await page.addInitScript(() => {
      const WebSocketOfBrowser = WebSocket;
      window.WebSocket = class extends WebSocketOfBrowser {
        constructor(url: string | URL) {
          super(url);
          this.addEventListener('message', ({ data }) => {
            const { type, sessions } = JSON.parse(data);
            if (type === 'sessions' && sessions.length > 0) console.info('sessions');
          });
        }
      };
    });
    await page.goto(`http://127.0.0.1:${proxy.port}/`);
    await page.getByText('live from ixgate test').waitFor();

    await setHidden(page, true);
    // The page has received it but not applied it: nothing is drawn in the background.
    const sent = page.waitForEvent('console', { predicate: (line) => line.text() === 'sessions' });
    await using client = await first.client();
    await client.ask(registerRequest());
    await sent;
    proxy.target = portOf(second);
    proxy.reset();
    await page.getByText('retrying').waitFor();
    await page.evaluate(() => {
      for (const button of document.querySelectorAll('button')) {
        if (button.textContent === 'Retry now') button.click();
      }
    });
    await page.getByText('live from ixgate test').waitFor();
    await setHidden(page, false);
    await page.locator('.session-row').waitFor({ state: 'detached' });
    await page.getByText('0 sessions', { exact: true }).waitFor();
  });
});

describe('A page whose clock is set', () => {
  it('requests the time from the gate, and computes durations and deadlines with it', async () => {
    await using gate = await openWatchedGate({ registrationTimeout: 300_000 });
    const page = await browser.open('about:blank');
    let answers = 0;
    await page.routeWebSocket('**/feed', (viewer) => {
      const server = viewer.connectToServer();
      server.onMessage((text) => {
        viewer.send(text);
        if ((JSON.parse(String(text)) as FeedMessage).type === 'pong') answers += 1;
      });
    });
    await page.goto(gate.url);
    await using _client = await gate.client();
    await page.locator('.chart-left', { hasText: /^4:\d\d min left$/ }).waitFor();
    await setClockForward(page);
    const before = answers;
    await expect.poll(() => answers, { timeout: 30_000 }).toBeGreaterThan(before + 1);
    await page
      .locator('.session-times', { hasText: /· (\d+ m?s|[\d.]+ s|1 min \d+ s)$/ })
      .waitFor();
    await page.locator('.chart-left', { hasText: /^[34]:\d\d min left$/ }).waitFor();
    // After a step the page computes the remaining time by its clock again.
    await using other = await gate.client();
    await other.ask(registerRequest());
    await page.locator('.session-times', { hasText: ' h' }).waitFor({ state: 'detached' });
  });
});

describe('A gate that shuts down', () => {
  it('is shown as shutting down, and stays live while sessions continue', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest());
    await page.getByText('live, step 3 of 3').waitFor();
    gate.feed.announceStop();
    await page.getByText('live from ixgate test, which is shutting down').waitFor();
    await client.ask({ messageName: 'RequestAgentLogin', referenceId: 2, agentId: '1001' });
    await page.getByText('live, step 5 of 5').waitFor();
    await page.reload();
    await page.getByText('live from ixgate test, which is shutting down').waitFor();
  });
});
