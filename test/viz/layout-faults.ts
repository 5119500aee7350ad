/** Layout faults of a page. */
import type { Page } from 'playwright-core';

export interface Rules {
  /** Pixels of the smallest text, the chart's included. */
  readonly text: number;
  /** Minimum width and height of a control in pixels. */
  readonly target: number;
}

/**
 * Finds layout faults: horizontal scrolling, controls that cannot be scrolled into view, are covered or too small
 * for a finger, and texts that are too small.
 */
export function layoutFaults(page: Page, rules: Rules): Promise<string[]> {
  return page.evaluate(({ text, target }) => {
    const faults = new Set<string>();
    const named = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').slice(0, 40)}"`;
    const isShown = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) &&
      element.closest('[inert], .visually-hidden, .chart-words, .ladder-heard') === null;
    const { clientWidth, clientHeight, scrollWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.add(`the document is ${scrollWidth} pixels wide`);

    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const { overflowX } = getComputedStyle(element);
      const scrolls = overflowX === 'auto' || overflowX === 'scroll';
      if (scrolls && element.tagName !== 'PRE' && element.scrollWidth > element.clientWidth + 1)
        faults.add(`scrolls sideways: ${named(element)}`);
    }

    const menu = document.querySelector('[role=menu]');
    const controls = (menu ?? document).querySelectorAll<HTMLElement>(
      'button, input, select, textarea, summary, a[href], [role=option], [tabindex="0"]',
    );
    for (const control of controls) {
      if (!isShown(control) || control.closest('.chart-canvas, .chart') !== null) continue;
      control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      // A list draws other rows when it is scrolled.
      if (!control.isConnected) continue;
      const { left, top, right, bottom, width, height } = control.getBoundingClientRect();
      const isLarge = height > clientHeight / 2;
      if (left < -1 || right > clientWidth + 1) faults.add(`beside the window: ${named(control)}`);
      if (!isLarge && (top < -1 || bottom > clientHeight + 1))
        faults.add(`cannot be scrolled into the window: ${named(control)}`);
      if (Math.min(width, height) < target && control.className !== 'splitter')
        faults.add(`${Math.round(width)} x ${Math.round(height)}: ${named(control)}`);
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      const isHit = control.contains(hit) || (hit?.contains(control) && hit.closest('label'));
      if (!isLarge && !isHit && !hit?.closest('.notice'))
        faults.add(`covered by ${hit ? named(hit) : 'nothing'}: ${named(control)}`);
    }
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const { overflowX, overflowY } = getComputedStyle(element);
      const hidden = [overflowX, overflowY].some((flow) => flow === 'hidden');
      if (
        hidden &&
        element.tagName !== 'INPUT' &&
        (element.scrollTop > 0 || element.scrollLeft > 0)
      )
        faults.add(`only code can scroll to what is in ${named(element)}`);
    }

    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.textContent?.trim() || !isShown(element)) continue;
      const scale = element instanceof SVGGraphicsElement ? (element.getScreenCTM()?.a ?? 1) : 1;
      const size = Number.parseFloat(getComputedStyle(element).fontSize) * scale;
      if (size < text - 0.01) faults.add(`${size.toFixed(1)} pixels: ${named(element)}`);
    }
    return [...faults];
  }, rules);
}

/** Faults of the chart's position: it is not visible initially, or in one column something is above it. */
export async function chartFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    for (const element of document.querySelectorAll('.page-main, .foreign-body'))
      element.scrollTo(0, 0);
    const chart = document.querySelector('.page-main .chart')?.getBoundingClientRect();
    if (!chart) return [];
    const isNarrow = innerWidth < 820;
    const faults: string[] = [];
    if (chart.top < 0 || chart.bottom > innerHeight || chart.height < 240)
      faults.push('the chart cannot be seen as the page opens');
    const parts = '.page-aside, .page-ladder, .verdict-bar, .foreign-list, .foreign-events';
    for (const part of isNarrow ? document.querySelectorAll(parts) : [])
      if (part.checkVisibility() && part.getBoundingClientRect().top < chart.bottom - 1)
        faults.push(`${part.className} is above the chart`);
    const active = [...document.querySelectorAll('.chart-state.leaf.active > .chart-box')];
    const isSeen = (state: Element) => {
      const { left, top, right, bottom } = state.getBoundingClientRect();
      const { left: x, top: y } = chart;
      return left >= x && top >= y && right <= chart.right && bottom <= chart.bottom;
    };
    // On a phone the states of two regions do not fit; one does.
    if (active.length > 0 && !(isNarrow ? active.some(isSeen) : active.every(isSeen)))
      faults.push('the active states are outside the chart');
    return faults;
  });
}
