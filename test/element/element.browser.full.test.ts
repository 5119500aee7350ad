import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StatechartElement } from '../../adapters/element/index.js';
import { variants } from '../../viz/layout/elk-graph.js';
import { addLights, openPlainSite, type PlainSite } from './plain-page.js';

describe('<ixgate-statechart> in a page without a bundler and with a strict content security policy', () => {
  let site: PlainSite;
  let page: Page;

  beforeAll(async () => {
    site = await openPlainSite();
  });
  afterEach(async () => {
    await page?.context().close();
    expect(site.complaints).toEqual([]);
  });
  afterAll(() => site?.close());

  const state = (name: string) => page.locator(`[data-state="light.${name}"]`);
  const edge = (id: string) => page.locator(`[data-edge="${id}"]`);
  const active = () =>
    page
      .locator('.leaf[data-active="true"]')
      .evaluateAll((states) => states.map((one) => one.getAttribute('data-state')));
  const next = () => page.evaluate("window.light.send({ type: 'NEXT' })");
  /** Adds an element whose properties come as JSON. */
  const add = (properties: object, attributes: Readonly<Record<string, string>> = {}) =>
    page.evaluate(
      async ([own, texts]) => {
        await window.define();
        const element = Object.assign(document.createElement('ixgate-statechart'), own);
        for (const [name, text] of Object.entries(texts)) element.setAttribute(name, text);
        document.body.append(element);
      },
      [properties, attributes] as const,
    );
  const problem = () => page.locator('ixgate-statechart [role="alert"]').textContent();

  it('follows an actor without another layout, and keeps what is drawn', async () => {
    page = await site.open();
    await addLights(page, 1);
    await state('green').waitFor();
    expect(await active()).toEqual(['light.green']);
    const layouts = await page.evaluate(() => window.layouts);
    expect(layouts).toBeGreaterThan(0);
    const box = await state('yellow').elementHandle();
    await next();
    await expect.poll(active).toEqual(['light.yellow']);
    await next();
    await expect.poll(active).toEqual(['light.red']);
    expect(await page.evaluate(() => window.layouts)).toBe(layouts);
    expect(await box?.evaluate((element) => element.isConnected)).toBe(true);
  });

  it('lays a machine out once for ten elements', async () => {
    page = await site.open();
    await addLights(page, 9);
    await expect.poll(() => state('green').count()).toBe(9);
    await addLights(page, 1);
    await expect.poll(() => state('green').count()).toBe(10);
    expect(await page.evaluate(() => window.layouts)).toBe(variants.length);
  });

  it('reports the transition that is selected by mouse or keyboard, and that none is after Escape', async () => {
    page = await site.open();
    await addLights(page, 1);
    await page.evaluate(() => {
      const told: unknown[] = [];
      Object.assign(window, { told });
      document.body.addEventListener('transition-select', ({ detail }) =>
        told.push(detail.transition),
      );
    });
    const told = () => page.evaluate('window.told');
    await edge('green:NEXT').click();
    expect(await told()).toEqual(['green:NEXT']);
    await edge('yellow:NEXT').focus();
    await page.keyboard.press('Enter');
    expect(await told()).toEqual(['green:NEXT', 'yellow:NEXT']);
    expect(await edge('yellow:NEXT').getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Escape');
    expect(await told()).toEqual(['green:NEXT', 'yellow:NEXT', null]);
    expect(await edge('yellow:NEXT').getAttribute('aria-pressed')).toBe('false');
  });

  it('marks the transitions that were taken last', async () => {
    page = await site.open();
    await addLights(page, 1);
    await state('green').waitFor();
    await page.evaluate(() => {
      const element = document.querySelector('ixgate-statechart') as StatechartElement;
      element.transitions = ['green:NEXT'];
    });
    await page.locator('.chart-label.taken[data-edge="green:NEXT"]').waitFor();
    await page.locator('.chart-traveller').waitFor({ state: 'attached' });
  });

  it('is not changed by styles of the page, and changes none', async () => {
    page = await site.open();
    await page.evaluate(() => {
      Object.assign(window, { sheets: document.styleSheets.length });
    });
    await addLights(page, 1);
    await state('green').waitFor();
    const seen = await page.evaluate(() => {
      const root = document.querySelector('ixgate-statechart')?.shadowRoot as ShadowRoot;
      const style = (selector: string) => getComputedStyle(root.querySelector(selector) as Element);
      const name = style('.leaf .chart-name');
      return {
        size: name.fontSize,
        transform: name.textTransform,
        spacing: name.letterSpacing,
        fill: style('.leaf .chart-box').fill,
        line: style('.chart-line').fill,
        sheets: document.styleSheets.length - (window as unknown as { sheets: number }).sheets,
        heading: getComputedStyle(document.querySelector('h1') as Element).color,
      };
    });
    expect(seen).toEqual({
      size: '13px',
      transform: 'none',
      spacing: 'normal',
      fill: 'rgb(211, 240, 245)',
      line: 'none',
      sheets: 0,
      heading: 'rgb(255, 0, 0)',
    });
  });

  it('has a second name where a page defines one', async () => {
    page = await site.open();
    await page.evaluate(async () => {
      const { defineStatechart } = await window.define();
      defineStatechart('my-chart');
      defineStatechart('my-chart');
      document.body.innerHTML = `<my-chart definition='{"id":"light","initial":"on","states":{"on":{}}}'></my-chart>`;
    });
    await page.locator('my-chart [data-state="light.on"]').waitFor();
  });

  it('is dark by its attribute, and by the system', async () => {
    page = await site.open({ colorScheme: 'dark' });
    await addLights(page, 1);
    const fill = () =>
      state('red')
        .locator('.chart-box')
        .evaluate((box) => getComputedStyle(box).fill);
    expect(await fill()).toBe('rgb(30, 37, 46)');
    await page.evaluate("document.querySelector('ixgate-statechart').theme = 'light'");
    await expect.poll(fill).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.evaluate(
      "document.querySelector('ixgate-statechart').setAttribute('theme', 'dark')",
    );
    await expect.poll(fill).toBe('rgb(30, 37, 46)');
  });

  it('draws a definition as JSON, also with properties that were set before the element was defined', async () => {
    page = await site.open();
    await page.evaluate(() => {
      const element = document.createElement('ixgate-statechart');
      element.setAttribute(
        'definition',
        '{"id":"light","initial":"on","states":{"on":{},"off":{}}}',
      );
      Object.assign(element, { snapshot: 'off' });
      document.body.append(element);
    });
    await page.evaluate(() => window.define());
    await state('on').waitFor();
    expect(await active()).toEqual(['light.off']);
    await page.evaluate(
      "document.querySelector('ixgate-statechart').removeAttribute('definition')",
    );
    await state('on').waitFor({ state: 'detached' });
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['a definition that is not JSON', {}, { definition: '{id' }, 'the definition is not JSON'],
    [
      'a definition of another kind',
      {},
      { definition: '7' },
      'the definition is not a JSON object',
    ],
    [
      'a target that is missing',
      { machine: { initial: 'a', states: { a: { on: { GO: 'nowhere' } } } } },
      {},
      'nowhere',
    ],
    [
      'two states with the same id',
      { machine: { initial: 'a', states: { a: { id: 'x' }, b: { id: 'x' } } } },
      {},
      'x',
    ],
  ])('shows why it draws nothing: %s', async (_, properties, attributes, reason) => {
    page = await site.open();
    await add(properties, attributes);
    expect(await problem()).toMatch(/^The chart cannot be drawn: /);
    expect(await problem()).toContain(reason);
  });

  it('leaves nothing behind when it is removed, and keeps its view when it only moves', async () => {
    page = await site.open();
    await addLights(page, 1);
    const box = await state('green').elementHandle();
    await page.evaluate(() => {
      const element = document.querySelector('ixgate-statechart') as StatechartElement;
      document.body.prepend(element);
    });
    await next();
    await expect.poll(active).toEqual(['light.yellow']);
    expect(await box?.evaluate((element) => element.isConnected)).toBe(true);
    const left = await page.evaluate(async () => {
      const element = document.querySelector('ixgate-statechart') as StatechartElement;
      element.remove();
      await new Promise((done) => setTimeout(done, 0));
      return element.shadowRoot?.childElementCount;
    });
    expect(left).toBe(0);
    await next();
  });

  it('lets the page scroll, and zooms with Ctrl and the wheel', async () => {
    page = await site.open();
    await addLights(page, 3);
    await expect.poll(() => state('green').count()).toBe(3);
    const zoom = () => page.locator('.chart-canvas > g').first().getAttribute('transform');
    const before = await zoom();
    await state('green').first().hover();
    const scrolled = await page.evaluate(() => scrollY);
    await page.mouse.wheel(0, 100);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(scrolled);
    expect(await zoom()).toBe(before);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -100);
    await expect.poll(zoom).not.toBe(before);
  });
});
