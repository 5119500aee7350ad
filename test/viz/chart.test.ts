import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configurations } from '../../machines/configurations.js';
import { registrationEdges } from '../../machines/edges.js';
import { figures, pathOf } from '../../machines/figures.js';
import { registrationMachine } from '../../machines/registration.js';
import { buildChartSite, type ChartInput, type ChartSite } from './chart-site.js';

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

const show = (props: ChartInput) => page.evaluate((shown) => window.chartPage.show(shown), props);
const selectedByUser = () => page.evaluate(() => [...window.chartPage.selectedByUser]);
const label = (edge: string) => page.locator(`[data-edge="${edge}"]`);
const badges = (edge: string) => page.locator(`[data-badges="${edge}"]`);
const line = (edge: string) => page.locator(`[data-line="${edge}"] .chart-line`);

/** A computed style, of the first element that matches. */
const style = (selector: string, property: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);

/** A colour of the theme as the browser computes it. */
const colour = (name: string) =>
  page.evaluate((property) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = `var(${property})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }, name);

/** Middle of an element in the pane, in CSS pixels. */
const middleOf = async (selector: string) => {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not drawn`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width };
};
const awaiting = '[data-state$=".awaiting"] .chart-box';

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
        // biome-ignore lint/suspicious/noExplicitAny: the chart itself says whether the value is one of its own
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

  it('says in words where the session is, politely, to who cannot see it', async () => {
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

  it('draws every step of the protocol once, with its words in its label', async () => {
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

  it('writes how often an edge was taken, and dashes those that never were', async () => {
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

  it('dashes nothing where no session is shown', async () => {
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
  ])('draws the path of figure %s thick and numbered, one number an event', async (id, numbers) => {
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
  });
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

  it('stands still for who wants less motion', async () => {
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

  it('is a ring around the state that waits, as long as what is left, with the time', async () => {
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

  it('runs down by itself while it runs, to nothing and no further', async () => {
    page = await site.open();
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1_000);
    const deadline = { kind: 'rejection', left: 4_000, total: 5_000, running: true } as const;
    await show({ configuration: 'awaiting/rejection', deadline });
    const left = page.locator('.chart-left');
    await page.clock.runFor(1_500);
    await expect.poll(() => left.textContent()).toBe('2.5 s left');
    expect(await ring()).toBeCloseTo(0.5, 2);
    // Drawn again for another reason, it goes on from where it is.
    await show({ configuration: 'awaiting/rejection', deadline, selected: [request] });
    await page.clock.runFor(500);
    await expect.poll(() => left.textContent()).toBe('2.0 s left');
    await page.clock.runFor(60_000);
    await expect.poll(() => left.textContent()).toBe('0.0 s left');
    expect(await page.locator('.chart-ring').count()).toBe(0);
  });

  it('stands still while it does not', async () => {
    page = await site.open();
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1_000);
    const deadline = { kind: 'rejection', left: 4_000, total: 5_000, running: false } as const;
    await show({ configuration: 'awaiting/rejection', deadline });
    await page.clock.runFor(2_000);
    expect(await page.locator('.chart-left').textContent()).toBe('4.0 s left');
  });
});

describe('by mouse, keys and fingers', () => {
  const bounds = async () => {
    const box = await page.locator('.chart-canvas > g').boundingBox();
    if (!box) throw new Error('nothing is drawn');
    return box;
  };

  it('shows all of it at first, and again when its pane changes', async () => {
    page = await site.open();
    await show({});
    const inside = async (width: number, height: number) => {
      const { x, y, width: drawn, height: high } = await bounds();
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + drawn).toBeLessThanOrEqual(width);
      expect(y + high).toBeLessThanOrEqual(height);
      return drawn;
    };
    const first = await inside(640, 560);
    await page.setViewportSize({ width: 1280, height: 720 });
    await expect.poll(async () => (await bounds()).width).toBeGreaterThan(first * 1.1);
    await inside(1280, 720);
  });

  it('keeps what was zoomed when its pane changes', async () => {
    page = await site.open();
    await show({});
    await page.getByRole('button', { name: 'Zoom in' }).click();
    const { width } = await bounds();
    await page.setViewportSize({ width: 900, height: 700 });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect((await bounds()).width).toBeCloseTo(width, 0);
    await page.getByRole('button', { name: 'Show all of it' }).click();
    await expect.poll(async () => (await bounds()).width).not.toBeCloseTo(width, 0);
  });

  it('zooms with the wheel towards the pointer', async () => {
    page = await site.open();
    await show({});
    const before = await middleOf(awaiting);
    await page.mouse.move(before.x, before.y);
    await page.mouse.wheel(0, -400);
    await expect
      .poll(async () => (await middleOf(awaiting)).width)
      .toBeGreaterThan(before.width * 1.5);
    const after = await middleOf(awaiting);
    expect(after.x).toBeCloseTo(before.x, 0);
    expect(after.y).toBeCloseTo(before.y, 0);
  });

  it('is dragged about, and a drag that begins on a label selects nothing', async () => {
    page = await site.open();
    await show({});
    const before = await middleOf(awaiting);
    const from = await middleOf(`[data-edge="${request}"]`);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x - 60, from.y + 40, { steps: 4 });
    await page.mouse.up();
    const after = await middleOf(awaiting);
    expect(after.x - before.x).toBeCloseTo(-60, 0);
    expect(after.y - before.y).toBeCloseTo(40, 0);
    expect(await selectedByUser()).toEqual([]);
  });

  it('is pinched with two fingers', async () => {
    page = await site.open({ hasTouch: true, viewport: { width: 390, height: 844 } });
    await show({});
    const before = await middleOf(awaiting);
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints:
          type === 'touchEnd'
            ? []
            : [-apart, apart].map((dx, id) => ({ x: before.x + dx, y: before.y, id })),
      });
    await touch('touchStart', 30);
    for (const apart of [40, 50, 60]) await touch('touchMove', apart);
    await touch('touchEnd', 0);
    const after = await middleOf(awaiting);
    expect(after.width / before.width).toBeCloseTo(2, 1);
    expect(after.x).toBeCloseTo(before.x, -1);
  });

  it('selects the edge whose label is clicked, those on one loop apart', async () => {
    page = await site.open();
    await show({ configuration: 'registered' });
    await label(request).click();
    await label('registered:EventAck').click();
    await label('registered:OtherEvent').click();
    expect(await selectedByUser()).toEqual([
      request,
      'registered:EventAck',
      'registered:OtherEvent',
    ]);
  });

  it('is all reached with Tab, and Enter or Space selects', async () => {
    page = await site.open();
    await show({ configuration: 'validating/registration', counts: { [request]: 3 } });
    const reached: (string | null)[] = [];
    await page.keyboard.press('Tab');
    for (let tabs = 0; tabs < 20; tabs += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => {
          const focused = document.activeElement;
          return focused?.getAttribute('data-edge') ?? focused?.getAttribute('aria-label') ?? null;
        }),
      );
    }
    expect(reached).toEqual([
      ...registrationEdges.filter(({ unexpected }) => !unexpected).map(({ id }) => id),
      'Zoom out',
      'Zoom in',
      'Show all of it',
    ]);
    await label(request).focus();
    await page.keyboard.press('Enter');
    await label('validating:EventAck').focus();
    await page.keyboard.press('Space');
    expect(await selectedByUser()).toEqual([request, 'validating:EventAck']);
  });

  it('names an edge by its states, its event and how often it was taken', async () => {
    page = await site.open();
    await show({ configuration: 'validating/registration', counts: { [request]: 3 } });
    expect(await label(request).getAttribute('aria-label')).toBe(
      'awaiting, RequestRegisterClient to validating, taken 3 times: The client asks to register.',
    );
    expect(await label('registered:OtherMessage').getAttribute('aria-label')).toBe(
      'registered, OtherMessage stays, never taken: A message for the service.',
    );
  });

  it('brings a label into view when the keyboard reaches it', async () => {
    page = await site.open();
    await show({});
    await page.locator('.chart').focus();
    for (let times = 0; times < 20; times += 1) await page.keyboard.press('ArrowDown');
    expect((await middleOf('[data-edge="connecting:Connected"]')).y).toBeLessThan(0);
    await label('connecting:Connected').focus();
    await expect
      .poll(async () => (await middleOf('[data-edge="connecting:Connected"]')).y)
      .toBeGreaterThan(0);
  });

  it('moves with the arrows, zooms with plus and minus, and shows all of it with 0', async () => {
    page = await site.open();
    await show({});
    const first = await middleOf(awaiting);
    await page.locator('.chart').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
    const moved = await middleOf(awaiting);
    expect([moved.x - first.x, moved.y - first.y].map(Math.round)).toEqual([-40, 40]);
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    expect((await middleOf(awaiting)).width / first.width).toBeCloseTo(1.25 ** 2, 1);
    await page.keyboard.press('-');
    expect((await middleOf(awaiting)).width / first.width).toBeCloseTo(1.25, 1);
    await page.keyboard.press('0');
    expect(await middleOf(awaiting)).toEqual(first);
  });

  it('leaves to the browser what is pressed with Ctrl', async () => {
    page = await site.open();
    await show({});
    const first = await middleOf(awaiting);
    await page.locator('.chart').dispatchEvent('keydown', { key: '+', ctrlKey: true });
    expect(await middleOf(awaiting)).toEqual(first);
  });
});

describe('the picture', () => {
  const props: ChartInput = {
    configuration: 'awaiting/rejection',
    taken: { edges: refused, seq: 3 },
    counts: { [request]: 1 },
    selected: [request],
    deadline: { kind: 'rejection', left: 2_500, total: 5_000, running: true },
    path: ['connecting:Connected', request],
  };
  const parsed = (text: string) =>
    page.evaluate((svg) => {
      const { documentElement: root } = new DOMParser().parseFromString(svg, 'image/svg+xml');
      return {
        faults: root.querySelectorAll('parsererror').length,
        name: root.nodeName,
        texts: [...root.querySelectorAll('text, title')].map((each) => each.textContent),
        scripts: root.querySelectorAll('script, [onclick], [onload], image, foreignObject').length,
        lines: root.querySelectorAll('.chart-line').length,
      };
    }, text);

  it('is XML that stands alone, with the colours in it', async () => {
    page = await site.open();
    const svg = await page.evaluate((shown) => window.chartPage.svg(shown), props);
    const found = await parsed(svg);
    expect(found).toMatchObject({ faults: 0, name: 'svg', scripts: 0, lines: 17 });
    expect(found.texts).toEqual(
      expect.arrayContaining(['awaiting', 'RequestRegisterClient', '2.5 s left']),
    );
    expect(svg).not.toMatch(/var\(|url\(|https?:(?!\/\/www\.w3\.org\/2000\/svg)|currentColor/);
    expect(svg).toContain('fill="#ffffff"');
  });

  it('is light unless it is to be dark', async () => {
    page = await site.open({ colorScheme: 'dark' });
    const [light, dark] = await page.evaluate(
      (shown) => [window.chartPage.svg(shown), window.chartPage.svg(shown, true)],
      props,
    );
    expect(light).toContain('fill="#ffffff"');
    expect(dark === light || dark?.includes('#ffffff')).toBe(false);
    expect((await parsed(dark ?? '')).faults).toBe(0);
  });

  it('is drawn by the browser as a picture: lit states, ring and all', async () => {
    page = await site.open();
    const colours = await page.evaluate(async (shown) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(window.chartPage.svg(shown))}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      const seen = new Set<string>();
      for (let at = 0; at < data.length; at += 4)
        seen.add([data[at], data[at + 1], data[at + 2]].join(' '));
      return [...seen];
    }, props);
    for (const name of ['--panel', '--active-soft', '--active', '--accent', '--warn', '--ink'])
      expect(colours, name).toContain((await colour(name)).match(/\d+/g)?.join(' '));
  });

  it('holds whatever another chart says as text', async () => {
    page = await site.open();
    const hostile = '</title><script>alert(1)</script>&"\'\u0000\ud800<!--';
    const box = { x: 0, y: 0, width: 100, height: 34 };
    const layout = {
      width: 200,
      height: 100,
      dividers: [],
      states: [
        {
          ...box,
          id: hostile,
          key: hostile,
          type: 'atomic',
          description: hostile,
          parent: null,
          region: false,
          timed: false,
          initial: null,
        },
      ],
      edges: [
        {
          id: 'edge',
          source: hostile,
          target: hostile,
          label: hostile,
          kind: 'event',
          stays: true,
          description: hostile,
          labelBox: box,
          path: 'M0,0L1,1',
          head: '',
        },
      ],
    };
    const svg = await page.evaluate((chart) => window.chartPage.foreignSvg(chart, []), layout);
    expect(await parsed(svg)).toMatchObject({ faults: 0, scripts: 0 });
    await page.evaluate(
      (chart) => window.chartPage.showForeign(chart, [chart.states[0]?.id ?? '']),
      layout,
    );
    expect(await page.locator('script:not([type=module])').count()).toBe(0);
    expect(await page.locator('[data-active="true"]').count()).toBe(1);
    await label('edge').click();
    expect(await selectedByUser()).toEqual(['edge']);
  });
});

describe('the page around it', () => {
  it.each(['light', 'dark'] as const)(
    'has no serious fault that axe finds, in %s',
    async (colorScheme) => {
      page = await site.open({ colorScheme });
      await show({
        configuration: 'awaiting/rejection',
        counts: { [request]: 2 },
        selected: [request],
        deadline: { kind: 'rejection', left: 2_500, total: 5_000, running: false },
      });
      await page.addScriptTag({ path: 'node_modules/axe-core/axe.min.js' });
      const faults = await page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: axe puts itself on the window
        const { violations } = await (window as any).axe.run();
        return (violations as { id: string; impact: string; nodes: { html: string }[] }[])
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => [id, nodes.map(({ html }) => html).slice(0, 2)]);
      });
      expect(faults).toEqual([]);
    },
  );

  it('does not shift anything while the session goes on', async () => {
    page = await site.open();
    await page.evaluate(() => {
      const shifts: number[] = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          shifts.push((entry as { value?: number }).value ?? 0);
      }).observe({ type: 'layout-shift', buffered: true });
      Object.assign(window, { shifts });
    });
    for (const configuration of configurations) {
      const deadline = configuration.endsWith('/rejection')
        ? ({ kind: 'rejection', left: 900, total: 1_000, running: false } as const)
        : null;
      await show({ configuration, deadline });
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    expect(await page.evaluate(() => (window as { shifts?: number[] }).shifts)).toEqual([]);
  });

  it('does not carry what lays a chart out', async () => {
    expect(await site.scripts()).not.toContain('org.eclipse.elk');
  });

  it('has nothing to complain of', () => {
    expect(site.complaints).toEqual([]);
  });
});
