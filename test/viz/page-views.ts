/** Every view of the page, with content, for tests that apply the same rules to all of them. */
import type { Page } from 'playwright-core';
import { learnedText } from '../../adapters/tester/learning/learned-files.js';
import {
  Coverage,
  coverageText,
  findFigure,
  playFigureOnChart,
  recordingText,
} from '../../machines/index.js';
import { type Line, type LineClient, registerRequest } from '../support/line-client.js';
import { wrongServer } from './learned-machine.js';
import { openWatchedGate, verdictOf, type WatchedGate } from './watched-gate.js';

const played = (['2c', '1'] as const).flatMap((id) =>
  playFigureOnChart(findFigure(id)).steps.map((step) => ({ ...step, session: `played-${id}` })),
);
const coverage = new Coverage();
for (const step of played) coverage.add(step);

export const files = {
  'monday.jsonl': recordingText(played),
  'today.json': coverageText(coverage),
  'learned.json': learnedText(wrongServer),
} as const;

/** Opens a file in the page as the button in the header does. */
export async function openFile(page: Page, name: string, text: string): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open recording' }).click();
  await (await choosing).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
}

export type Action = (page: Page, gate: VisitedGate) => Promise<unknown>;

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).click();

/**
 * The views of the page, in the order in which one page shows them: each starts where the one before ended.
 */
export const views: Readonly<Record<string, Action>> = {
  'no session yet': async (page) => {
    await page.getByText('No client has connected').waitFor();
  },
  'a live session': async (page, gate) => {
    await gate.visit(registerRequest({ clientName: 'stranger' }));
    await gate.visit({ messageName: 'RequestAgentLogin', referenceId: 2 });
    await gate.visit(registerRequest());
    await verdictOf(page).getByText('desk-1').waitFor();
  },
  'a step opened, a figure beside it': async (page) => {
    await page.locator('.ladder-step', { hasText: 'EventAck' }).click();
    await page.locator('.ladder-contents').waitFor();
    await page.locator('.beside > button').click();
    await page.locator('.ladder-compared').waitFor();
  },
  'a search in the contents': async (page) => {
    await page.locator('.find').fill('desk');
    await page.locator('.ladder-find').waitFor();
  },
  'the Save menu': async (page) => {
    await press(page, 'Save');
    await page.locator('.menu-items').waitFor();
  },
  'the Compare menu': async (page) => {
    await page.keyboard.press('Escape');
    await page.locator('.find').fill('');
    await press(page, 'Compare');
    await page.locator('.menu-items').waitFor();
  },
  'the More menu': async (page) => {
    await page.keyboard.press('Escape');
    await press(page, 'More');
    await page.locator('.menu-items').waitFor();
  },
  'a recording': async (page) => {
    await page.keyboard.press('Escape');
    await openFile(page, 'monday.jsonl', files['monday.jsonl']);
    await verdictOf(page).getByText('refused').waitFor();
  },
  'a notice': async (page) => {
    await openFile(page, 'notes.txt', 'milk');
    await page.getByRole('alert').waitFor();
  },
  'the list': async (page) => {
    await page.getByRole('button', { name: 'Dismiss' }).click();
    const button = page.locator('.open-list');
    if (await button.isVisible()) await button.click();
    await page.locator('.session-row').first().waitFor();
  },
  figures: async (page) => {
    const close = page.locator('.close-list');
    if (await close.isVisible()) await close.click();
    await press(page, 'Figures');
    const card = page.getByRole('article').filter({ hasText: 'Figure 2c' });
    await page.getByRole('radio').last().check({ force: true });
    await card.getByRole('button', { name: 'Play', exact: true }).click();
    await card.getByText('Passed.').waitFor();
    await page.locator('.page-ladder .ladder-step', { hasText: 'disconnect' }).waitFor();
  },
  simulator: async (page) => {
    await press(page, 'Simulator');
    await page.locator('[data-event]').first().click();
  },
  coverage: async (page) => {
    await openFile(page, 'today.json', files['today.json']);
    await page.getByRole('heading', { name: 'Coverage of today.json' }).waitFor();
    await page.getByText('Pairs of steps never taken').click();
    await page.getByText('Unexpected events never seen').click();
  },
  'a learned machine, with the session of a difference': async (page) => {
    await openFile(page, 'learned.json', files['learned.json']);
    await page.locator('.learned-chart .chart-state').first().waitFor();
    await page.locator('.learned-differences button').first().click();
    await page.getByLabel('Shortest session').waitFor();
  },
  'how to watch XState 4': async (page) => {
    await press(page, 'More');
    await page.getByRole('menuitem', { name: 'XState 4' }).click();
    await page.locator('.foreign-hint').waitFor();
  },
  'a service of XState 4': async (page, gate) => {
    await press(page, /\/xstate$/);
    await page.locator('.foreign .chart-state').first().waitFor();
    await gate.visit(registerRequest({ clientName: 'desk-2' }));
    await page.locator('.foreign-event button').first().click();
    await page.locator('.foreign-event pre').waitFor();
  },
};

export interface VisitedGate extends WatchedGate {
  /** Another client, which stays as long as the gate. */
  visit(message: Line): Promise<void>;
}

/** A gate whose clients the views send. */
export async function openVisitedGate(): Promise<VisitedGate> {
  const gate = await openWatchedGate({ xstate: true });
  const clients: LineClient[] = [];
  const visit = async (message: Line) => {
    const client = await gate.client();
    clients.push(client);
    await client.ask(message);
  };
  const close = async () => {
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    await gate.close();
  };
  return { ...gate, visit, close, [Symbol.asyncDispose]: close };
}
