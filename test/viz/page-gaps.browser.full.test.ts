import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openPageServer } from '../../adapters/web/index.js';
import { recordingText, type StepRecord } from '../../machines/index.js';
import { registerRequest } from '../support/line-client.js';
import { drop, saved } from './parts/files.js';
import { openWatchedGate, verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** The count of each edge on the chart. */
async function marksOf(page: Page): Promise<string[]> {
  const labels = await page
    .locator('[data-edge]')
    .evaluateAll((edges) => edges.map((edge) => edge.getAttribute('aria-label') ?? ''));
  return labels.sort();
}

/** A client that registers and then sends requests until its session has this many steps, with a second registration in between. */
async function longSession(gate: Awaited<ReturnType<typeof openWatchedGate>>, count: number) {
  const steps: StepRecord[] = [];
  gate.server.on('step', (step) => steps.push(step));
  const client = await gate.client();
  await client.ask(registerRequest({ clientName: 'desk-long' }));
  for (let referenceId = 2; steps.length < count; referenceId += 1) {
    const isAgain = referenceId === 30;
    const request = { messageName: 'RequestAgentLogin', referenceId };
    await client.ask(isAgain ? registerRequest({ referenceId }) : request);
  }
  return { client, steps };
}

describe('A session of 5,000 steps', () => {
  it('has the marks of its full recording: live, loaded after a gap, saved and opened again', async () => {
    await using gate = await openWatchedGate();
    const { client, steps } = await longSession(gate, 5_000);
    await using _ = client;
    await using site = await openPageServer();
    const reader = await browser.open(site.url);
    await drop(reader, 'full.jsonl', recordingText(steps));
    await reader.getByRole('button', { name: 'full.jsonl 1' }).waitFor();
    const full = await marksOf(reader);
    expect(full.join('\n')).toMatch(/registered, RequestRegisterClient stays, taken once/);

    const page = await browser.open(`${gate.url}#follow=0`);
    await page.locator('.session-row', { hasText: 'desk-long' }).click();
    await page.getByRole('img', { name: 'steps are missing here: no longer available' }).waitFor();
    await page.getByText('live, step 2000 of 2000').waitFor();
    expect(await marksOf(page)).toEqual(full);

    const files = [
      await saved(page, 'Save', 'Session as recording'),
      await saved(page, 'Save', 'Session as JSON'),
      await saved(page, 'More', 'Save the listed sessions'),
    ];
    for (const { name, bytes } of files) {
      await drop(reader, name, bytes.toString());
      await reader.getByRole('button', { name: `${name} 1` }).waitFor();
      await reader.getByRole('img', { name: 'steps are missing here' }).waitFor();
      await verdictOf(reader).getByText('desk-long').waitFor();
      expect(await marksOf(reader), name).toEqual(full);
    }

    // As older versions saved it: without the summary of the gap.
    const old = files[0]?.bytes.toString().replace(/^\{"gap".*\n/gm, '') ?? '';
    await drop(reader, 'old.jsonl', old);
    await reader.getByRole('button', { name: 'old.jsonl 1' }).waitFor();
    const marks = (await marksOf(reader)).join('\n');
    expect(marks).not.toContain('never');
    expect(marks).toContain('may have been taken');
    expect(marks).toMatch(/RequestRegisterClient to validating, taken at least once/);
  });
});

describe('A session whose first steps the gate has forgotten', () => {
  it('keeps its name, verdict and marks when it is saved and opened again', async () => {
    await using gate = await openWatchedGate({ limits: { steps: 100 } });
    const { client, steps } = await longSession(gate, 150);
    await using _ = client;
    const page = await browser.open(`${gate.url}#follow=0`);
    await page.locator('.session-row', { hasText: 'desk-long' }).click();
    await page.getByRole('img', { name: 'steps are missing here: no longer available' }).waitFor();
    await page.locator(`.ladder-step[data-seq="${steps.length}"]`).waitFor();
    const live = await marksOf(page);
    const { bytes } = await saved(page, 'Save', 'Session as recording');
    const recording = bytes.toString();
    expect(recording).not.toContain('RequestRegisterClient","referenceId":1,');
    await drop(page, 'late.jsonl', recording);
    await page.getByRole('button', { name: 'late.jsonl 1' }).waitFor();
    await verdictOf(page).getByText('desk-long').waitFor();
    await verdictOf(page)
      .getByText(/registered after/)
      .waitFor();
    await page.locator('.session-row', { hasText: 'desk-long' }).waitFor();
    expect(await marksOf(page)).toEqual(live);
    expect(live.join('\n')).toMatch(/RequestRegisterClient to validating, taken once/);

    // A gap mark that is damaged is reported and changes nothing else.
    await drop(page, 'bad.jsonl', recording.replace('"transitions":{', '"transitions":{"x":"y",'));
    await page
      .locator('.notice', { hasText: 'bad.jsonl is open. One line was skipped.' })
      .waitFor();
  });
});
