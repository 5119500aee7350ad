import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { files, openFile, openVisitedGate, type VisitedGate, views } from './page-views.js';
import { verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

interface Trail {
  readonly trail: HTMLElement[];
  readonly unseen: string[];
}

/**
 * Goes through the page with Tab once.
 * @returns the faults: an invisible focus, an order that differs from the screen, a control that Tab does not reach
 */
async function tabRound(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    const kept = window as unknown as { kept?: Trail };
    if (kept.kept) {
      kept.kept.trail.length = 0;
      kept.kept.unseen.length = 0;
      return;
    }
    const trail: HTMLElement[] = [];
    const unseen: string[] = [];
    kept.kept = { trail, unseen };
    document.addEventListener('focusin', ({ target }) => {
      if (!(target instanceof Element)) return;
      trail.push(target as HTMLElement);
      // The focus of a chart's label and of a hidden radio button is shown beside it.
      const shows = target.querySelector(':scope > .chart-pill') ?? target;
      const radio = target.matches('input[type=radio]') ? target.nextElementSibling : null;
      const { outlineStyle, outlineWidth, strokeWidth } = getComputedStyle(radio ?? shows);
      const isOutlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
      const isDrawn = shows !== target && Number.parseFloat(strokeWidth) >= 2;
      // The items of a menu are filled instead.
      if (!isOutlined && !isDrawn) unseen.push(target.outerHTML.slice(0, 120));
    });
  });
  for (let presses = 0; presses < 200; presses += 1) {
    await page.keyboard.press('Tab');
    const isRound = await page.evaluate(() => {
      const { trail } = (window as unknown as { kept: Trail }).kept;
      return trail.length > 1 && trail.at(-1) === trail[0];
    });
    if (isRound) break;
  }
  return page.evaluate(() => {
    const { trail, unseen } = (window as unknown as { kept: Trail }).kept;
    // Tab continues from the focused control; the order is that from the first control of the page.
    const round = [...new Set(trail)];
    const first = round.findIndex((element) =>
      element.matches('nav button:first-child, .close-list'),
    );
    const seen = first < 0 ? round : [...round.slice(first), ...round.slice(0, first)];
    for (const element of document.querySelectorAll('body *')) element.scrollTo(0, 0);
    const faults = unseen.map((html) => `the focus is not seen: ${html}`);
    const named = (element: Element | undefined) =>
      element?.getAttribute('aria-label') ?? element?.textContent?.slice(0, 40) ?? '';

    const parts =
      '.page-header, .page-aside, .verdict-bar, .page-chart, .coverage-bar, .coverage-chart, .splitter, .page-ladder';
    const order = seen.map((element) => element.closest(parts));
    const visited = order.filter((part, index) => part !== order[index - 1]);
    if (new Set(visited).size < visited.length) faults.push('Tab comes back to a part of the page');
    const place = (element: Element | null | undefined) => element?.getBoundingClientRect();
    const isBefore = (one: DOMRect | undefined, other: DOMRect | undefined) =>
      !one ||
      !other ||
      other.top >= one.bottom - 2 ||
      (other.left >= one.right - 2 && other.bottom > one.top);
    for (const [index, part] of visited.entries())
      if (index > 0 && !isBefore(place(visited[index - 1]), place(part)))
        faults.push(`${part?.className} is before ${visited[index - 1]?.className} on the screen`);
    for (const [index, element] of seen.entries()) {
      const before = seen[index - 1];
      const isInOrder = order[index]?.matches('.page-header, .page-aside, .verdict-bar');
      if (!before || !isInOrder || order[index] !== order[index - 1]) continue;
      // Rows of the list are options of it.
      if (!isBefore(place(before), place(element)) && !before.contains(element))
        faults.push(`${named(element)} is before ${named(before)} on the screen`);
    }

    const controls = document.querySelectorAll<HTMLInputElement>('button, input, select, summary');
    for (const control of controls) {
      const isReached = seen.includes(control) || control.disabled || control.tabIndex < 0;
      const isRadio = control.type === 'radio';
      if (!isReached && !isRadio && control.checkVisibility())
        faults.push(`Tab does not reach ${named(control)}`);
    }
    return faults;
  });
}

describe.each([
  [1280, 800],
  [390, 844],
])('With the keyboard alone, at %d x %d', (width, height) => {
  let gate: VisitedGate;
  let page: Page;

  beforeAll(async () => {
    gate = await openVisitedGate();
    page = await browser.open(gate.url, {
      kept: true,
      viewport: { width, height },
      reducedMotion: 'reduce',
    });
    await views['no session yet']?.(page, gate);
    await views['a live session']?.(page, gate);
    await openFile(page, 'today.json', files['today.json']);
    await openFile(page, 'monday.jsonl', files['monday.jsonl']);
    await verdictOf(page).getByText('refused').waitFor();
  });

  afterAll(async () => {
    await page?.context().close();
    await gate?.close();
  });

  const focused = () =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      if (element === document.body) return 'nothing';
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focus = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: true }).first().focus();

  it.each(['Coverage', 'Figures', 'Simulator', 'Sessions'])(
    'all of %s is reachable with Tab in the order on the screen, and the focus is visible',
    async (tab) => {
      await focus(tab);
      await press('Enter');
      await page.locator(`nav [aria-current=page]`, { hasText: tab }).waitFor();
      expect(await tabRound(page)).toEqual([]);
    },
  );

  it('a coverage, a figure and the simulator work', async () => {
    await focus('Coverage');
    await press('Enter');
    const transition = page.locator('.coverage-transition').first();
    await transition.focus();
    await press('Enter');
    expect(await transition.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.chart-label[aria-pressed=true]').count()).toBe(1);
    await press('Escape');
    expect(await transition.getAttribute('aria-pressed')).toBe('false');

    await focus('Figures');
    await press('Enter');
    // From the last speed the arrow wraps to the first.
    await page.getByRole('radio').first().focus();
    await press('ArrowUp');
    await focus('Play');
    await press('Enter');
    await page.getByText('Passed.').waitFor();

    await focus('Simulator');
    await press('Enter');
    await page.locator('[data-event]', { hasText: 'RequestRegisterClient' }).focus();
    await press('Enter');
    await page.locator('.ladder-step', { hasText: 'RequestRegisterClient' }).waitFor();
  });

  it('Escape closes a menu and restores the focus; the slider moves from step to step', async () => {
    await focus('Sessions');
    await press('Enter');
    for (const menu of ['More', 'Save', 'Compare']) {
      await focus(menu);
      await press('Enter');
      await page.locator('[role=menu]').waitFor();
      await press('ArrowDown', 'Home', 'End', 'Escape');
      expect(await page.locator('[role=menu]').count()).toBe(0);
      expect(await focused()).toContain(menu);
    }
    await page.getByRole('slider', { name: 'Step' }).focus();
    await press('End', 'ArrowLeft');
    await page.getByText('stopped at step 5 of 6').waitFor();
    await press('Home');
    await page.getByText('stopped at step 1 of 6').waitFor();
  });

  it('the arrows move through the list, and Enter leads to the steps of the session', async () => {
    const isDrawer = width < 820;
    if (isDrawer) {
      await focus('List');
      await press('Enter');
      expect(await focused()).toBe('Close the list');
      // Controls under the list are not reachable.
      expect((await tabRound(page)).filter((fault) => !fault.startsWith('Tab does not'))).toEqual(
        [],
      );
      const left = await page.evaluate(() =>
        (window as unknown as { kept: Trail }).kept.trail.some(
          (one) => !one.closest('.page-aside'),
        ),
      );
      expect(left).toBe(false);
      await focus('Close the list');
      await press('Escape');
      expect(await focused()).toBe('List');
      await press('Enter');
    }
    await page.getByRole('listbox', { name: 'Sessions' }).focus();
    await press('End', 'Home');
    const first = page.locator('.session-row').first();
    expect(await first.getAttribute('aria-selected')).toBe('true');
    expect(await first.isVisible()).toBe(true);
    await press('ArrowDown');
    expect(await first.getAttribute('aria-selected')).toBe('false');
    await press('Enter');
    expect(await page.locator('.ladder-step:focus').count()).toBe(1);
    if (isDrawer) expect(await first.isVisible()).toBe(false);
    await press('Home');
    await page.getByText('stopped at step 1 of').waitFor();
  });
});
