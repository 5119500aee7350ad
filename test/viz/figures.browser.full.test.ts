import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createServer, type GateServer } from '../../adapters/server/index.js';
import { allowList } from '../../adapters/validators/index.js';
import { figures, findFigure, pathOf, playFigureOnChart } from '../../machines/index.js';
import { figureView, lengthOf, playedSoFar, stepsUntil } from '../../viz/src/figures/playback.js';
import type { SessionView } from '../../viz/src/state/contracts.js';
import { temporaryFolder } from '../support/folder.js';
import { seriousFaults } from './parts/axe.js';
import { openParts, type Parts } from './parts/open-parts.js';
import type {} from './parts/window.js';

let parts: Parts;
let page: Page;
let gate: GateServer;

beforeAll(async () => {
  [parts, gate] = await Promise.all([
    openParts(),
    createServer({
      listen: ['ws://127.0.0.1:0'],
      rejectionTimeout: 400,
      maxLag: 60_000,
    }),
  ]);
}, 60_000);

afterAll(async () => {
  await Promise.all([parts?.close(), gate?.close()]);
});

const show = (
  address: string | null,
  delays: Parameters<Window['showFigures']>[0]['delays'] = null,
) => page.evaluate((props) => window.showFigures(props), { gate: address, delays });
const gateAddress = () => `ws://127.0.0.1:${gate.endpoints[0]?.port}`;
const card = (id: string) => page.getByRole('article', { name: `Figure ${id}` });
const play = (id: string) => card(id).getByRole('button', { name: 'Play', exact: true }).click();
const playLive = (id: string) =>
  card(id).getByRole('button', { name: 'Play against the gate' }).click();
const result = (id: string) => card(id).getByRole('status');
const rows = (id: string) =>
  card(id)
    .locator('ol > .figure-row')
    .evaluateAll((all) => all.map((one) => one.className.replace('figure-row', '').trim()));
const views = () =>
  page.evaluate(() =>
    window.said.filter(([what]) => what === 'view').map(([, view]) => view as SessionView),
  );
const speed = (name: string) => page.getByRole('radio', { name }).check();

beforeEach(async () => {
  await page?.close();
  page = await parts.page();
});

describe('a figure played step by step', () => {
  it('has taken the steps up to its time, and no more', () => {
    const run = playFigureOnChart(findFigure('2a'));
    expect(lengthOf(run)).toBe(6_250);
    const at = (time: number) => stepsUntil(run, time).map(({ name }) => name);
    expect(at(0)).toEqual(['Connected']);
    expect(at(1_250)).toEqual(['Connected', 'RequestRegisterClient', 'EventError']);
    expect(at(6_249)).toHaveLength(3);
    expect(at(6_250)).toHaveLength(4);
    expect(playedSoFar(run.figure, stepsUntil(run, 2_000)).map(({ verdict }) => verdict)).toEqual([
      'ok',
      'ok',
      'ok',
      'not-reached',
    ]);
    expect(figureView('2a', stepsUntil(run, 2_000), 2_000)).toMatchObject({
      origin: 'figure',
      now: 2_000,
      summary: { session: 'figure-2a', verdict: 'refused', state: 'awaiting/rejection' },
    });
    expect(figureView('2a', [], 0)).toBeNull();
  });
});

describe('the documented figures', () => {
  it('are drawn with their titles, their source and this project’s interpretation', async () => {
    await show(null);
    for (const figure of figures) {
      const labels = await card(figure.id).locator('.ladder-arrow-label').allTextContents();
      expect(labels.map((label) => label.split(': ').at(-1))).toEqual(
        figure.steps.flatMap((step) => (step.kind === 'note' ? [] : [step.label])),
      );
      await card(figure.id).getByText('Readings and path').click();
      const text = await card(figure.id).innerText();
      expect(text).toContain(figure.title);
      expect(text).toContain('Not in the Genesys document');
      for (const words of [...figure.readings, ...pathOf(figure), figure.source]) {
        expect(text).toContain(words);
      }
    }
  });

  it.each(figures)('$id plays on the chart and passes, its path drawn', async ({ id, steps }) => {
    await show(null);
    await speed('instant');
    await play(id);
    await expect.poll(() => result(id).textContent()).toContain('Passed.');
    expect((await rows(id)).filter((verdict) => verdict === 'ok')).toHaveLength(
      steps.filter(({ kind }) => kind !== 'note').length,
    );
    const said = await page.evaluate(() => window.said);
    expect(said.filter(([what]) => what === 'path').at(-1)?.[1]).toEqual(pathOf(findFigure(id)));
    const view = (await views()).at(-1);
    expect(view).toMatchObject({ origin: 'figure', summary: { figure: id } });
  });

  it('plays step by step on a simulated clock, at the chosen speed', async () => {
    await show(null);
    await speed('4×');
    await play('2c');
    await expect.poll(() => result('2c').textContent()).toContain('Passed.');
    const counts = (await views()).map(({ steps }) => steps.length);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBeGreaterThan(2);
    const times = await card('2c').locator('ol .figure-time').allInnerTexts();
    expect(times.filter(Boolean)).toEqual(['0.000', '1.250', '1.250', '2.500', '2.500', '6.250']);
  });

  it('can be stopped', async () => {
    await show(null);
    await speed('1×');
    await play('2a');
    await card('2a').getByRole('button', { name: 'Stop' }).click();
    await card('2a').getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect(await rows('2a')).toEqual(['', '', '', '', '']);
  });
});

describe('a figure played against a gate', () => {
  it.each(['1', '2a', '2b', '2c'])('%s passes against this project’s', async (id) => {
    await show(gateAddress(), { registrationTimeout: 10_000, rejectionTimeout: 400 });
    await playLive(id);
    await expect.poll(() => result(id).textContent()).toContain('Passed.');
    expect(await result(id).textContent()).toContain(gateAddress());
    const view = (await views()).at(-1);
    expect(view?.summary).toMatchObject({ session: `figure-${id}`, seat: 'tester', figure: id });
  });

  it('differs when the timeout is not the expected one', async () => {
    await show(gateAddress(), { registrationTimeout: 10_000, rejectionTimeout: 2_000 });
    await playLive('2a');
    await expect
      .poll(() => result('2a').textContent())
      .toMatch(
        /Differs\. The server disconnected \d+ ms after the first EventError; its rejection timeout is 2000 ms\./,
      );
    expect((await rows('2a')).at(-1)).toBe('differs');
  });

  it('reports when no gate answers', async () => {
    await show('ws://127.0.0.1:1');
    await playLive('1');
    await expect
      .poll(() => result('1').textContent())
      .toContain('No answer from ws://127.0.0.1:1.');
    await page.getByLabel('WebSocket of the gate').fill('127.0.0.1:7005');
    await playLive('1');
    await expect.poll(() => result('1').textContent()).toContain('expected a WebSocket address');
  });
});

describe('a figure played against a gate with an allow-list', () => {
  it('asks for a client that the gate accepts, and remembers it in this tab only', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/clients.json`;
    await writeFile(path, '{"clients": [{"name": "desk-1", "types": ["Proxy"]}]}');
    await using validator = await allowList(path);
    await using listed = await createServer({
      listen: ['ws://127.0.0.1:0'],
      rejectionTimeout: 400,
      // The browser and the build delay the event loop.
      maxLag: 60_000,
      validator,
    });
    const address = `ws://127.0.0.1:${listed.endpoints[0]?.port}`;
    await show(address);
    await playLive('1');
    await expect
      .poll(() => result('1').textContent())
      .toContain(
        "Inconclusive. The gate rejects 'ixgate-figures': enter the name of a client that it accepts.",
      );
    expect(await rows('1')).not.toContain('differs');

    await card('1').getByRole('button', { name: 'Enter a client name' }).click();
    const name = page.getByRole('textbox', { name: 'Name of a valid client' });
    await name.and(page.locator(':focus')).fill('desk-1');
    await page.getByText('Clients', { exact: true }).click();
    await page.getByLabel('Type of the valid client').selectOption('Proxy');
    for (const id of ['1', '2a']) {
      await playLive(id);
      await expect.poll(() => result(id).textContent()).toContain('Passed.');
    }

    await page.reload();
    await show(address);
    expect(await name.inputValue()).toBe('desk-1');
    expect(page.url()).not.toContain('desk-1');
    await playLive('1');
    await expect.poll(() => result('1').textContent()).toContain('Passed.');
    await page.evaluate(() => sessionStorage.setItem('ixgate-figures-client', '{"clientName":7}'));
    await page.reload();
    await show(address);
    expect(await name.inputValue()).toBe('ixgate-figures');
    const other = await parts.page();
    await other.evaluate((gate) => window.showFigures({ gate, delays: null }), address);
    const field = other.getByRole('textbox', { name: 'Name of a valid client' });
    expect(await field.inputValue()).toBe('ixgate-figures');
    await other.close();
  });
});

describe('a server that is wrong', () => {
  let server: WebSocketServer | null = null;
  afterEach(() => {
    for (const client of server?.clients ?? []) client.terminate();
    server?.close();
    server = null;
  });

  type Said = { messageName: string; referenceId: number };
  const wrong = async (behave: (message: Said, socket: WebSocket) => void) => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => {
      socket.on('message', (data) => behave(JSON.parse(String(data)), socket));
    });
    await once(server, 'listening');
    await show(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  };
  const ack = ({ referenceId }: Said) => JSON.stringify({ messageName: 'EventAck', referenceId });

  it.each([
    ['2a', 'acknowledges every client', 'The server acknowledged a client that is not valid.'],
    [
      '2b',
      'acknowledges every client',
      'The server acknowledged a message of a client that is not registered.',
    ],
    [
      '1',
      'answers twice',
      'The server answered RequestRegisterClient (reference id 1) twice: EventAck came after the answer.',
    ],
    [
      '1',
      'sends an invalid frame',
      'The server sent an invalid frame: the frame is not JSON; it must be one JSON object.',
    ],
    [
      '1',
      'sends bytes',
      'The server sent an invalid frame: the frame is binary; it must be a text frame.',
    ],
    [
      '1',
      'forgets the name',
      'The server sent an invalid frame: the message has no messageName; it must be a text that is not empty.',
    ],
  ])('%s against one that %s gives the sentence', async (id, how, sentence) => {
    await wrong((message, socket) => {
      if (how === 'sends an invalid frame') socket.send('hello');
      else if (how === 'sends bytes') socket.send(Buffer.from(ack(message)), { binary: true });
      else if (how === 'forgets the name') socket.send('{"referenceId":1}');
      else socket.send(ack(message));
      if (how === 'answers twice') socket.send(ack(message));
    });
    await playLive(id);
    await expect.poll(() => result(id).textContent()).toContain(`Differs. ${sentence}`);
  });

  it.each([
    ['1', 8],
    ['2b', 2],
  ])('%s against one that rejects with error %d is judged', async (id, errorCode) => {
    await wrong(({ referenceId }, socket) => {
      const errorDescription = 'no';
      socket.send(
        JSON.stringify({ messageName: 'EventError', referenceId, errorCode, errorDescription }),
      );
      socket.close();
    });
    await playLive(id);
    await expect.poll(() => result(id).textContent()).toMatch(/Passed|Differs/);
    expect(await result(id).textContent()).toContain(id === '1' ? 'Differs' : 'Passed');
  });

  it('reports a server that closes instead of answering', async () => {
    await wrong((_, socket) => socket.close());
    await playLive('1');
    await expect
      .poll(() => result('1').textContent())
      .toMatch(
        /Differs\. The server disconnected \d+ ms after RequestRegisterClient instead of sending EventAck\./,
      );
    expect(await rows('1')).toEqual(['ok', 'ok', 'differs']);
  });

  it('is disconnected when the figure is stopped', async () => {
    await wrong(() => {});
    await playLive('1');
    await card('1').getByRole('button', { name: 'Stop' }).waitFor();
    await expect.poll(() => server?.clients.size).toBe(1);
    await card('1').getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => server?.clients.size).toBe(0);
    expect(await result('1').textContent()).not.toContain('Differs');
  });
});

describe('the figures’ page', () => {
  it.each(['light', 'dark'] as const)(
    'has no serious axe violation, in %s, wide and narrow',
    async (theme) => {
      for (const size of [
        { width: 1280, height: 720 },
        { width: 390, height: 844 },
      ]) {
        await page.close();
        page = await parts.page(size, theme);
        await show(gateAddress());
        await speed('instant');
        for (const id of ['1', '2c']) {
          await play(id);
          await expect.poll(() => result(id).textContent()).toContain('Passed.');
        }
        await page.getByText('Clients', { exact: true }).click();
        await card('1').getByText('Readings and path').click();
        expect(await seriousFaults(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide).toBeLessThanOrEqual(size.width);
      }
    },
  );

  it('logs no errors except the missing gate', () => {
    expect(parts.complaints.filter((text) => !text.includes('ws://127.0.0.1:1/'))).toEqual([]);
  });
});
