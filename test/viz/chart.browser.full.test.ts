import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configurations } from '../../machines/registration/chart/configurations.js';
import { registrationEdges } from '../../machines/registration/chart/edges.js';
import { registrationMachine } from '../../machines/registration/chart/registration.js';
import { figures, pathOf } from '../../machines/registration/figures/figures.js';
import { buildChartSite, type ChartSite, chartTools } from './chart-site.js';

const request = 'awaiting:RequestRegisterClient';
const refused = ['validating:EventError', 'registration:EventError'];

let site: ChartSite;
let page: Page;

beforeAll(async () => {
  site = await buildChartSite();
}, 60_000);

afterEach(async () => {
  await page?.context().close();
});

afterAll(async () => {
  await site?.close();
});

const { show, label, badges, line, style, colour } = chartTools(() => page);

describe('what is marked', () => {
  it.each(configurations)(
    'lights the states that are active in %s, and no others',
    async (configuration) => {
      page = await site.open();
      await show({ configuration });
      const [exchange, deadline] = configuration.split('/') as [string, string | undefined];
      const value = deadline
        ? { connected: { unregistered: { exchange, deadline } } }
        : exchange === 'registered'
          ? { connected: 'registered' }
          : exchange;
      const snapshot = registrationMachine.resolveState({
        // biome-ignore lint/suspicious/noExplicitAny: the chart itself checks whether the value is one of its states
        value: value as any,
        context: { reason: null },
      });
      const active = snapshot._nodes.map(({ id }) => id).filter((id) => id !== 'registration');
      const lit = await page
        .locator('[data-active="true"]')
        .evaluateAll((states) => states.map((state) => state.getAttribute('data-state')));
      expect(lit.toSorted()).toEqual(active.toSorted());
      expect(await style('.leaf.active .chart-box', 'fill')).toBe(await colour('--active-soft'));
    },
  );

  it('announces the state of the session to screen readers, politely', async () => {
    page = await site.open();
    await show({ configuration: 'awaiting/registration' });
    const words = page.locator('[aria-live="polite"]');
    expect(await words.textContent()).toBe(
      'Active: awaiting in exchange, registration in deadline.',
    );
    await show({ configuration: 'registered' });
    expect(await words.textContent()).toBe('Active: registered.');
    await show({});
    expect(await words.textContent()).toBe('No state is active.');
  });

  it('draws every step of the protocol once, with its text in its label', async () => {
    page = await site.open();
    await show({});
    const drawn = await page
      .locator('[data-edge]')
      .evaluateAll((labels) =>
        labels.map((each) => [
          each.getAttribute('data-edge'),
          each.querySelector('text')?.textContent,
        ]),
      );
    expect(drawn).toEqual(
      registrationEdges.filter(({ unexpected }) => !unexpected).map(({ id, event }) => [id, event]),
    );
  });

  it('fits every text into its box', async () => {
    page = await site.open();
    await show({ deadline: { kind: 'rejection', left: 599_000, total: 600_000, running: false } });
    const outside = await page.locator('[data-edge], .leaf').evaluateAll((groups) =>
      groups.flatMap((group) => {
        const box = group.querySelector<SVGGraphicsElement>('.chart-pill, .chart-box')?.getBBox();
        const texts = [
          ...group.querySelectorAll<SVGGraphicsElement>('.chart-event, .chart-name, .chart-left'),
        ];
        return texts
          .filter((text) => {
            const { x, width } = text.getBBox();
            return !box || x < box.x + 3 || x + width > box.x + box.width - 3;
          })
          .map((text) => text.textContent);
      }),
    );
    expect(outside).toEqual([]);
  });

  it('shows how often an edge was taken, and dashes edges that were never taken', async () => {
    page = await site.open();
    await show({
      configuration: 'validating/registration',
      counts: { 'connecting:Connected': 1, [request]: 12, 'registered:OtherMessage': 4_321 },
    });
    expect(await badges(request).locator('.chart-count').textContent()).toBe('12');
    expect(await badges('registered:OtherMessage').locator('.chart-count').textContent()).toBe(
      '4k',
    );
    expect(await badges('validating:EventAck').locator('.chart-count').count()).toBe(0);
    const dashes = (edge: string) =>
      line(edge).evaluate((path) => getComputedStyle(path).strokeDasharray);
    expect(await dashes(request)).toBe('none');
    expect(await dashes('validating:EventAck')).not.toBe('none');
  });

  it('dashes nothing without a session', async () => {
    page = await site.open();
    await show({});
    expect(await page.locator('.never').count()).toBe(0);
  });

  it('highlights what is selected', async () => {
    page = await site.open();
    await show({ configuration: 'awaiting/rejection', selected: refused });
    for (const edge of refused) {
      expect(await label(edge).getAttribute('aria-pressed')).toBe('true');
      expect(await line(edge).evaluate((path) => getComputedStyle(path).stroke)).toBe(
        await colour('--accent'),
      );
    }
    expect(await label(request).getAttribute('aria-pressed')).toBe('false');
    expect(await page.locator('[aria-pressed="true"]').count()).toBe(2);
  });

  it.each([
    ['1', { 'connecting:Connected': '1', [request]: '2', 'validating:EventAck': '3' }],
    [
      '2c',
      {
        'connecting:Connected': '1',
        [request]: '2',
        'validating:EventError': '3',
        'registration:EventError': '3',
        'awaiting:OtherMessage': '4',
        'refusing:EventError': '5',
        'rejection:rejectionTimeout': '6',
      },
    ],
  ])(
    'draws the path of figure %s thick and numbered, one number per event',
    async (id, numbers) => {
      page = await site.open();
      const figure = figures.find((candidate) => candidate.id === id);
      if (!figure) throw new Error(`no figure ${id}`);
      await show({ path: pathOf(figure) });
      const found = await page
        .locator('[data-badges]:has(.chart-step)')
        .evaluateAll((labels) =>
          labels.map((each) => [
            each.getAttribute('data-badges'),
            each.querySelector('.chart-step')?.textContent,
          ]),
        );
      expect(Object.fromEntries(found)).toEqual(numbers);
      expect(await page.locator('.chart-band').count()).toBe(Object.keys(numbers).length);
    },
  );
});

describe('the transition taken', () => {
  it('is lit, and a dot travels along it once, again when it is taken again', async () => {
    page = await site.open();
    await show({ configuration: 'awaiting/rejection', taken: { edges: refused, seq: 3 } });
    expect(await page.locator('.chart-edge.taken').count()).toBe(2);
    const travellers = page.locator('.chart-traveller');
    expect(await travellers.count()).toBe(2);
    const runs = () =>
      travellers.first().evaluate((dot) =>
        dot.getAnimations().map((animation) => {
          const { iterations } = animation.effect?.getTiming() ?? {};
          return { iterations, started: animation.startTime };
        }),
      );
    await travellers
      .first()
      .evaluate((dot) => Promise.all(dot.getAnimations().map((one) => one.ready)));
    const [first] = await runs();
    expect(first?.iterations).toBe(1);
    await travellers.first().evaluate((dot) => {
      for (const animation of dot.getAnimations()) animation.finish();
      dot.setAttribute('data-old', '');
    });
    await show({ configuration: 'awaiting/rejection', taken: { edges: refused, seq: 3 } });
    expect(await page.locator('[data-old]').count()).toBe(1);
    await show({ configuration: 'awaiting/rejection', taken: { edges: refused, seq: 5 } });
    expect(await page.locator('[data-old]').count()).toBe(0);
    expect(await runs()).toHaveLength(1);
  });

  it('does not move when the user prefers reduced motion', async () => {
    page = await site.open({ reducedMotion: 'reduce' });
    await show({ configuration: 'validating/registration', taken: { edges: [request], seq: 2 } });
    expect(await page.locator('.chart-edge.taken').count()).toBe(1);
    expect(await style('.chart-traveller', 'display')).toBe('none');
  });
});

describe('the deadline', () => {
  const ring = () =>
    page
      .locator('.chart-ring')
      .evaluate((path) => Number.parseFloat(path.getAttribute('stroke-dasharray') ?? ''));

  it('is a ring around the waiting state, as long as the remaining share, with the time', async () => {
    page = await site.open();
    await show({
      configuration: 'awaiting/rejection',
      deadline: { kind: 'rejection', left: 2_000, total: 5_000, running: false },
    });
    expect(await ring()).toBeCloseTo(0.4, 3);
    expect(await page.locator('[data-state$=".rejection"] .chart-left').textContent()).toBe(
      '2.0 s left',
    );
    expect(await style('.chart-ring', 'stroke')).toBe(await colour('--warn'));
    await show({
      configuration: 'awaiting/registration',
      deadline: { kind: 'registration', left: 1_000, total: 10_000, running: false },
    });
    expect(await ring()).toBeCloseTo(0.1, 3);
    expect(await style('.chart-ring', 'stroke')).toBe(await colour('--bad'));
    await show({ configuration: 'registered' });
    expect(await page.locator('.chart-ring').count()).toBe(0);
  });

  it('counts down while the deadline runs, and stops at zero', async () => {
    page = await site.open();
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1_000);
    const deadline = { kind: 'rejection', left: 4_000, total: 5_000, running: true } as const;
    await show({ configuration: 'awaiting/rejection', deadline });
    const left = page.locator('.chart-left');
    await page.clock.runFor(1_500);
    await expect.poll(() => left.textContent()).toBe('2.5 s left');
    expect(await ring()).toBeCloseTo(0.5, 2);
    // When drawn again for another reason, it continues.
    await show({ configuration: 'awaiting/rejection', deadline, selected: [request] });
    await page.clock.runFor(500);
    await expect.poll(() => left.textContent()).toBe('2.0 s left');
    await page.clock.runFor(60_000);
    await expect.poll(() => left.textContent()).toBe('0.0 s left');
    expect(await page.locator('.chart-ring').count()).toBe(0);
  });

  it('does not move while the deadline does not run', async () => {
    page = await site.open();
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1_000);
    const deadline = { kind: 'rejection', left: 4_000, total: 5_000, running: false } as const;
    await show({ configuration: 'awaiting/rejection', deadline });
    await page.clock.runFor(2_000);
    expect(await page.locator('.chart-left').textContent()).toBe('4.0 s left');
  });
});

describe('a page with the chart', () => {
  it('logs no errors', () => {
    expect(site.complaints).toEqual([]);
  });
});
