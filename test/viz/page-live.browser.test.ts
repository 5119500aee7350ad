import type { WebSocketRoute } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { lineClient, registerRequest } from '../support/line-client.js';
import { ServeChild } from '../support/load.js';
import { openWatchedGate, verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();
const login = (referenceId: number) => ({
  messageName: 'RequestAgentLogin',
  referenceId,
  agentId: '1001',
});

describe('A session while it happens', () => {
  it('appears on list, chart, ladder and verdict without a reload, as its bytes arrive', async () => {
    // A slow page must not meet the deadline of a client that waits for it.
    await using gate = await openWatchedGate({ registrationTimeout: 120_000 });
    const page = await browser.open(gate.url);
    await page.getByText('No client has connected').waitFor();
    await page.getByText('live from ixgate test').waitFor();
    const port = gate.server.endpoints[0]?.port;
    expect(await page.locator('.commands code').first().textContent()).toMatch(
      new RegExp(`^echo '\\{"messageName".*\\}' \\| nc 127\\.0\\.0\\.1 ${port}$`),
    );

    // The list, the steps and the verdict arrive in separate messages: wait for each.
    const position = (text: string) => page.locator('.position', { hasText: text }).waitFor();
    const active = (state: string) =>
      page.locator(`[data-state$=".${state}"][data-active="true"]`).waitFor();
    await using client = await gate.client();
    await page.locator('.session-row').waitFor();
    await active('awaiting');
    await position('live, step 1 of 1');
    expect(await page.locator('.ladder-step').count()).toBe(1);

    await client.ask(registerRequest({ clientName: 'desk-7' }));
    await page.locator('.session-row', { hasText: 'desk-7' }).waitFor();
    await page.locator('.ladder-step', { hasText: 'EventAck' }).waitFor();
    await active('registered');
    await verdictOf(page)
      // A busy machine may take a second.
      .getByText(/registered after (\d+ ms|\d+\.\d s)\.$/)
      .waitFor();
    await position('live, step 3 of 3');

    client.socket.end();
    await verdictOf(page).getByText('the client closed the connection').waitFor();
    await position('ended, step 4 of 4');
  });

  it('shows the deadline counting down, and its outcome', async () => {
    await using gate = await openWatchedGate({ rejectionTimeout: 2_000 });
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest({ clientName: 'stranger' }));
    await page.locator('.chart-countdown').waitFor();
    await verdictOf(page).getByText('did not register before the rejection deadline').waitFor();
    await page.locator('.chart-countdown').waitFor({ state: 'detached' });
    await client.ended;
  });

  it('is one cursor on chart, ladder and slider', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest());
    await client.ask(login(2));
    await page.getByText('live, step 5 of 5').waitFor();

    await page.locator('.ladder-step', { hasText: 'RequestRegisterClient' }).click();
    await page.getByText('stopped at step 2 of 5').waitFor();
    expect(await page.locator('[data-state$=".validating"]').getAttribute('data-active')).toBe(
      'true',
    );
    const edge = page.locator('[data-edge="awaiting:RequestRegisterClient"]');
    expect(await edge.getAttribute('aria-pressed')).toBe('true');

    await page.locator('[data-edge="registered:OtherMessage"]').click();
    expect(await edge.getAttribute('aria-pressed')).toBe('false');
    expect(await page.locator('.ladder-step.selected').count()).toBe(1);
    expect(await page.locator('.ladder-step.selected').textContent()).toContain(
      'RequestAgentLogin',
    );

    await page.getByRole('slider', { name: 'Step' }).fill('0');
    await page.getByText('stopped at step 1 of 5').waitFor();
    expect(await page.locator('.ladder-step.at-cursor').textContent()).toContain('connect');
    await page.getByRole('button', { name: 'Live' }).click();
    await page.getByText('live, step 5 of 5').waitFor();
  });

  it('can be stepped through with keys, and keeps its position while steps are added', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest());
    await page.getByText('live, step 3 of 3').waitFor();

    await page.locator('.verdict').click();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('stopped at step 2 of 3').waitFor();
    await page.keyboard.press('Home');
    await page.getByText('stopped at step 1 of 3').waitFor();
    await client.ask(login(2));
    await page.getByText('stopped at step 1 of 5').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByText('stopped at step 2 of 5').waitFor();
    await page.keyboard.press('End');
    await page.getByText('live, step 5 of 5').waitFor();
    await page.keyboard.press(' ');
    await page.getByText('stopped at step 5 of 5').waitFor();
  });

  it('is compared with its figure, and with another one', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(login(1));
    await page.getByRole('button', { name: 'Closest figure: 2b' }).click();
    await page.getByText('Figure 2b. Unsuccessful').waitFor();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('menuitem', { name: 'Figure 1:' }).click();
    await page.getByText('Figure 1.').waitFor();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('menuitem', { name: 'No figure' }).click();
    await page.getByText('Figure 1.').waitFor({ state: 'detached' });
  });
});

describe('A session that is like a figure and not the same', () => {
  it('is not shown as an instance of it', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest({ clientName: 'stranger' }));
    await page.getByRole('button', { name: 'Closest figure: 2a' }).waitFor();
    await client.ask(registerRequest({ clientName: 'stranger' }));
    await page.getByRole('button', { name: 'Closest figure: 2a (differs)' }).click();
    await page.locator('.ladder-compared.differs').waitFor();
  });
});

describe('A gate that goes away', () => {
  it('is reported and tried again; the page continues where it was after a reconnect', async () => {
    const gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest({ clientName: 'desk-before' }));
    await page.locator('.session-row', { hasText: 'desk-before' }).click();
    const adminPort = Number(new URL(gate.admin.url).port);
    await page.getByText('live, step 3 of 3').waitFor();
    await gate.close();
    await page.getByText(/the gate is not reachable since \d\d:\d\d:\d\d; retrying/).waitFor();

    await using again = await openWatchedGate({ adminPort });
    await page.getByText('live from ixgate test').waitFor();
    await using other = await again.client();
    await other.ask(registerRequest({ clientName: 'desk-after' }));
    await page.locator('.session-row', { hasText: 'desk-after' }).waitFor();
    // The new gate does not know the old one's sessions; the shown session stays visible.
    await page.locator('.session-row', { hasText: 'desk-before' }).waitFor({ state: 'detached' });
    expect(await verdictOf(page).textContent()).toContain('desk-before');
    // It was closed with the gate, which notified the page in time.
    await page.getByText('ended, step 5 of 5').waitFor();
    expect(await page.locator('.ladder-step', { hasText: 'EventAck' }).count()).toBe(1);
    await page.locator('.session-row', { hasText: 'desk-after' }).click();
    await verdictOf(page).getByText('desk-after').waitFor();
    await page.locator('.ladder-step', { hasText: 'EventAck' }).waitFor();
  });

  it('is not shown as live after a kill: the last known state stays, with its time, and a new run is separate', async () => {
    const gate = (admin: string) =>
      ServeChild.open(['--listen', 'tcp://127.0.0.1:0', '--admin', admin]);
    const first = await gate('http://127.0.0.1:0');
    const { admin } = first;
    const page = await browser.open(`${admin}/#sort=-duration`, { refused: true });
    await using client = await lineClient(first.ports[0] ?? 0);
    await client.ask(registerRequest({ clientName: 'desk-before' }));
    await page.locator('.session-row', { hasText: 'desk-before' }).click();
    await page.getByText('live, step 3 of 3').waitFor();
    // Time passes for an open session although nothing happens in it.
    await page.locator('.session-times', { hasText: /· [1-9](\.\d+)? s$/ }).waitFor();
    await first[Symbol.asyncDispose]();

    await page.getByText('last known, step 3 of 3').waitFor();
    await verdictOf(page)
      .getByText(/as last known at \d\d:\d\d:\d\d; the gate is not reachable/)
      .waitFor();
    const stands = await page.locator('.session-times').textContent();
    await using second = await gate(admin);
    await page.getByText('live from ixgate').waitFor();
    await page.locator('.session-row').waitFor({ state: 'detached' });
    await verdictOf(page).getByText('the gate has restarted since').waitFor();
    await page.getByText('last known, step 3 of 3').waitFor();
    expect(await page.locator('.position.live').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Live', exact: true }).count()).toBe(0);
    expect(stands).toMatch(/ s$/);

    await using other = await lineClient(second.ports[0] ?? 0);
    await other.ask(registerRequest({ clientName: 'desk-after' }));
    await page.locator('.session-row', { hasText: 'desk-after' }).click();
    await page.getByText('live, step 3 of 3').waitFor();
  });

  it('loses no step of a session that continued meanwhile', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open('about:blank');
    const viewers: WebSocketRoute[] = [];
    await page.routeWebSocket('**/feed', (viewer) => {
      viewers.push(viewer);
      viewer.connectToServer();
    });
    await page.goto(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest());
    await page.getByText('live, step 3 of 3').waitFor();
    await viewers[0]?.close({ code: 1001 });
    await page.getByText('last known, step 3 of 3').waitFor();
    await client.ask(login(2));
    await client.ask(login(3));
    await page.getByText('live, step 7 of 7').waitFor();
    expect(viewers).toHaveLength(2);
    const seqs = await page
      .locator('.ladder-step')
      .evaluateAll((steps) => steps.map((step) => Number((step as HTMLElement).dataset.seq)));
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
