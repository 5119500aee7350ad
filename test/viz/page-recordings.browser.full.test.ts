import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openPageServer, readRecording, reportOf } from '../../adapters/web/index.js';
import {
  findFigure,
  gapMark,
  parseRecording,
  playFigureOnChart,
  recordingText,
  type StepRecord,
  sessionsOf,
} from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { registerRequest } from '../support/line-client.js';
import { drop, saved } from './parts/files.js';
import { openWatchedGate, verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** The recording of a rejected client (2c) and of a registered one. */
const steps: StepRecord[] = (['2c', '1'] as const).flatMap((id) =>
  playFigureOnChart(findFigure(id)).steps.map((step) => ({ ...step, session: `played-${id}` })),
);
const recording = recordingText(steps);

describe('A recording', () => {
  it('can be dropped on the page: its sessions are listed, the first is shown, all steps are reachable', async () => {
    await using site = await openPageServer();
    const page = await browser.open(site.url);
    await page.getByText('No sessions yet').waitFor();
    await drop(page, 'monday.jsonl', recording);
    await page.getByRole('button', { name: 'monday.jsonl 2' }).waitFor();
    expect(await page.locator('.session-row').count()).toBe(2);
    expect(await verdictOf(page).textContent()).toContain('refused, then sent a message');
    await page.getByText('ended, step 6 of 6').waitFor();
    await page.getByRole('button', { name: 'First step' }).click();
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByText('playing step').waitFor();
    await page.getByText('ended, step 6 of 6').waitFor();
    await page.getByRole('button', { name: 'Close monday.jsonl' }).click();
    await page.getByText('No sessions yet').waitFor();
  });

  it('can be opened from a link: its session, step and filters stay, and before that there is a way back to the gate', async () => {
    await using gate = await openWatchedGate();
    await using client = await gate.client();
    await client.ask(registerRequest({ clientName: 'desk-live' }));
    const link = '#recording=monday.jsonl&session=played-1&step=2&filter=played&sort=name';
    const page = await browser.open(`${gate.url}${link}`);
    await page.getByText('is in the recording monday.jsonl, which is not open').waitFor();
    await drop(page, 'monday.jsonl', recording);
    await page.getByText('stopped at step 2 of').waitFor();
    const said = (hash: string) => Object.fromEntries(new URLSearchParams(hash.slice(1)));
    expect(said(new URL(page.url()).hash)).toEqual(said(link));
    expect(await page.getByRole('searchbox', { name: 'Find a session' }).inputValue()).toBe(
      'played',
    );

    await page.getByRole('button', { name: 'Close monday.jsonl' }).click();
    await page.goto(`${gate.url}#recording=other.jsonl&session=played-1`);
    await page.getByRole('button', { name: 'Back to the gate' }).click();
    await page.locator('.session-row', { hasText: 'desk-live' }).waitFor();
  });

  it('can be chosen in a dialog', async () => {
    await using site = await openPageServer();
    const page = await browser.open(site.url);
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open recording' }).click();
    await (await choosing).setFiles({
      name: 'tuesday.jsonl',
      mimeType: 'application/jsonl',
      buffer: Buffer.from(recording),
    });
    await page.getByRole('button', { name: 'tuesday.jsonl 2' }).waitFor();
  });

  it('that is invalid is rejected with the line and the reason', async () => {
    await using site = await openPageServer();
    const page = await browser.open(site.url);
    await drop(page, 'notes.txt', 'milk\nbread\n');
    const alert = page.getByRole('alert');
    await alert.getByText('notes.txt is not a recording.').waitFor();
    expect(await alert.textContent()).toContain('Line 1: not JSON');
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    await drop(page, 'empty.jsonl', '');
    await alert.getByText('The file is empty.').waitFor();
  });

  it('that is partly invalid opens with the valid lines and reports the others', async () => {
    await using site = await openPageServer();
    const page = await browser.open(site.url);
    const lines = recording.trimEnd().split('\n');
    lines[2] = '{"seq":"three"}';
    await drop(page, 'torn.jsonl', lines.join('\n').slice(0, -20));
    await page.getByText('torn.jsonl is open. 2 lines were skipped.').waitFor();
    expect(await page.locator('.notice').textContent()).toContain('Line 3: seq is "three"');
    await page.getByRole('button', { name: 'torn.jsonl 2' }).waitFor();
    expect(await page.locator('.ladder').textContent()).toContain('not in the recording');
  });

  it('with missing steps shows their number and the cause', async () => {
    await using site = await openPageServer();
    const page = await browser.open(site.url);
    const mark = gapMark({ steps: 7, at: 0 });
    const words = '7 steps are missing: the writer of the recording could not write them.';
    await drop(page, 'monday.jsonl', `${recording}${mark}\n`);
    await page.getByText('monday.jsonl is open.').waitFor();
    expect(await page.locator('.notice').textContent()).toContain(words);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await drop(page, 'gap.jsonl', mark);
    await page.getByText('gap.jsonl contains no steps.').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain(words);
  });

  it('given to `ixgate viz` is open when the page opens', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/given.jsonl`;
    await writeFile(path, recording);
    await using site = await openPageServer({ recordings: [await readRecording(path)] });
    const page = await browser.open(`${site.url}/#recording=given.jsonl&session=played-1&step=2`);
    await page.getByText('stopped at step 2 of 3').waitFor();
    expect(await verdictOf(page).textContent()).toContain('registered');
  });

  it('of the listed sessions of a gate contains every step of each', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    for (const clientName of ['desk-1', 'desk-2', 'stranger', 'desk-3']) {
      await using client = await gate.client();
      await client.ask(registerRequest({ clientName }));
    }
    await page.getByText('4 sessions').waitFor();
    await page.getByText('registered 3').waitFor();
    const all = await saved(page, 'More', 'Save the listed sessions');
    expect(all.name).toBe('ixgate-4-sessions.jsonl');
    const parsed = parseRecording(all.bytes.toString());
    expect(parsed.problems).toEqual([]);
    const sessions = [...sessionsOf(parsed.steps).values()];
    expect(sessions.map(({ summary }) => summary.clientName).sort()).toEqual([
      'desk-1',
      'desk-2',
      'desk-3',
      'stranger',
    ]);
    expect(sessions.every(({ steps: own, summary }) => own.length === summary.steps)).toBe(true);
  });

  it('of a session longer than the gate keeps has its beginning: saved and opened again it has its name, and the gap is visible', async () => {
    await using gate = await openWatchedGate({ limits: { stepsOfSession: 20 } });
    const page = await browser.open(gate.url);
    await using client = await gate.client();
    await client.ask(registerRequest({ clientName: 'desk-long' }));
    for (let referenceId = 2; referenceId < 32; referenceId += 1) {
      await client.ask({ messageName: 'RequestAgentLogin', referenceId });
    }
    await page.goto(`${gate.url}#follow=0`);
    await page.reload();
    await page.locator('.session-row', { hasText: 'desk-long' }).click();
    await page.getByText('live, step 20 of 20').waitFor();
    const gap = page.getByRole('img', { name: '43 steps are missing here: no longer available' });
    await gap.waitFor();
    const one = await saved(page, 'Save', 'Recording');
    await using site = await openPageServer();
    const other = await browser.open(site.url);
    await drop(other, 'long.jsonl', one.bytes.toString());
    await verdictOf(other).getByText('desk-long').waitFor();
    await verdictOf(other)
      .getByText(/registered after/)
      .waitFor();
    await other
      .getByRole('img', { name: '43 steps are missing here: not in the recording' })
      .waitFor();
    const registered = other.locator('[data-edge="awaiting:RequestRegisterClient"]');
    expect(await registered.getAttribute('aria-label')).not.toContain('never');
  });

  it('of sessions whose steps the gate has forgotten shows how many are missing', async () => {
    await using gate = await openWatchedGate({ limits: { steps: 5 } });
    const page = await browser.open(`${gate.url}#follow=0`);
    for (const clientName of ['desk-1', 'desk-2', 'desk-3']) {
      await using client = await gate.client();
      await client.ask(registerRequest({ clientName }));
    }
    await page.getByText('disconnected 3').waitFor();
    const all = await saved(page, 'More', 'Save the listed sessions');
    await page.getByText('The gate no longer has the steps of 2 sessions.').waitFor();
    const parsed = parseRecording(all.bytes.toString());
    expect(parsed.steps.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

describe('An export of a session', () => {
  it('is SVG that parses, PNG that has pixels, Mermaid text, JSON and a recording', async () => {
    await using site = await openPageServer();
    const page = await browser.open(site.url);
    await drop(page, 'monday.jsonl', recording);
    await page.getByText('ended, step 6 of 6').waitFor();

    for (const part of ['Chart', 'Ladder']) {
      const svg = await saved(page, 'Save', `${part} as SVG`);
      expect(svg.name).toBe(`played-2c-${part.toLowerCase()}.svg`);
      const parsed = await page.evaluate((text) => {
        const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
        return {
          name: root.nodeName,
          texts: root.textContent,
          shapes: root.querySelectorAll('path, line, rect').length,
        };
      }, svg.bytes.toString());
      expect(parsed.name).toBe('svg');
      expect(parsed.texts).toContain(part === 'Chart' ? 'validating' : 'RequestAgentLogin');
      expect(parsed.shapes).toBeGreaterThan(10);

      const png = await saved(page, 'Save', `${part} as PNG`);
      const colours = await page.evaluate(async (base64) => {
        const image = new Image();
        image.src = `data:image/png;base64,${base64}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, image.width, image.height);
        const seen = new Set<number>();
        for (let at = 0; at < data.length; at += 4) {
          seen.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
        }
        return { width: image.width, colours: seen.size };
      }, png.bytes.toString('base64'));
      expect(colours.width).toBeGreaterThan(600);
      expect(colours.colours).toBeGreaterThan(20);
    }

    const mermaid = await saved(page, 'Save', 'Mermaid');
    expect(mermaid.bytes.toString()).toMatch(/^sequenceDiagram\n/);
    const json = JSON.parse((await saved(page, 'Save', 'JSON')).bytes.toString());
    expect(json.summary.verdict).toBe('refused-then-spoke');
    await drop(page, 'session.json', JSON.stringify(json, null, 2));
    await page.getByRole('button', { name: 'session.json 1' }).waitFor();
    await page.getByText('ended, step 6 of 6').waitFor();
    const own = await saved(page, 'Save', 'Session as recording');
    expect(parseRecording(own.bytes.toString()).steps).toEqual(
      steps.filter(({ session }) => session === 'played-2c'),
    );
  });
});

describe('A report', () => {
  it('opens from disk with its session on chart and ladder, and makes no requests', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/report.html`;
    const nasty = {
      messageName: 'RequestAgentLogin',
      referenceId: 9,
      agentId: '</script><script>document.title="owned"</script><img src=http://example.com/x>',
    };
    const own = steps.filter(({ session }) => session === 'played-2c');
    const said = own.map((step) =>
      step.name === 'RequestAgentLogin' ? { ...step, payload: nasty } : step,
    );
    await writeFile(path, await reportOf(said));
    const page = await browser.open(`file://${path}`);
    await page.getByText('ended, step 6 of 6').waitFor();
    await page.locator('[data-state$=".disconnected"][data-active=true]').waitFor();
    await page.locator('.ladder-step', { hasText: 'RequestAgentLogin' }).click();
    await page.getByText('</script><script>').first().waitFor();
    expect(await page.title()).not.toBe('owned');
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.reload();
    // The address contains the step.
    await page.getByText('stopped at step 4 of 6').waitFor();
    expect(requests).toEqual([`file://${path}`]);
  });
});
