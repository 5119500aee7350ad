/** Watches the page's statements from frame to frame inside the page, to find wrong statements between two checks too. */
import type { BrowserContext, Page } from 'playwright-core';

/** An interval with the same statement, in milliseconds since 1970 by the machine's clock. */
export interface Stated {
  readonly from: number;
  to: number;
  /** When it was first shown; before `from` if the page was paused meanwhile. */
  readonly since: number;
  /** Whether the header shows that the page is live. */
  readonly live: boolean;
  /** The session that is shown as live, if any. */
  readonly liveSession: string | null;
  /** The prefixes of the ids of the listed sessions. */
  readonly runs: readonly string[];
}

interface Watching {
  /** All statements since the last call; current ones are repeated. */
  ixgateStated(): Stated[];
  /** Makes the page behave like a background tab, or like a foreground tab again. */
  ixgateHidden(hidden: boolean): void;
}

/**
 * @param ahead how far the page's clock is ahead of the machine's, milliseconds.
 */
export async function watchPages(context: BrowserContext, ahead: number): Promise<void> {
  await context.addInitScript((skew: number) => {
    const page = window as unknown as Watching;
    const native = {
      setTimeout: window.setTimeout.bind(window),
      setInterval: window.setInterval.bind(window),
      frame: window.requestAnimationFrame.bind(window),
    };
    const now = () => performance.timeOrigin + performance.now();
    const text = (selector: string) => document.querySelector(selector)?.textContent ?? '';

    let stated: Stated[] = [];
    const look = () => {
      const ladder = document.querySelector('section.ladder')?.getAttribute('aria-label') ?? '';
      const rows = [...document.querySelectorAll<HTMLElement>('.session-row')];
      const at = now();
      const next: Stated = {
        from: at,
        to: at,
        since: at,
        live: text('.connection').startsWith('live from '),
        liveSession: text('.position').startsWith('live')
          ? ladder.replace('Ladder of session ', '')
          : null,
        runs: [
          ...new Set(rows.map((row) => (row.dataset.session ?? '').replace(/\d+$/, ''))),
        ].sort(),
      };
      const last = stated.at(-1);
      const same =
        last &&
        last.live === next.live &&
        last.liveSession === next.liveSession &&
        String(last.runs) === String(next.runs);
      // A paused page showed nothing new meanwhile.
      if (same && at - last.to < 500) last.to = at;
      else stated.push(same ? { ...next, since: last.since } : next);
    };
    let waiting = false;
    // After the frame is drawn, as a person sees it.
    const changed = () => {
      if (waiting) return;
      waiting = true;
      native.frame(() =>
        native.setTimeout(() => {
          waiting = false;
          look();
        }),
      );
    };
    new MutationObserver(changed).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    native.setInterval(look, 100);
    page.ixgateStated = () => {
      const all = stated;
      // The current statement may continue.
      stated = all.slice(-1).map((last) => ({ ...last }));
      return all;
    };

    // A page in the background has no frames, and its timers run once a second. A headless browser has no background.
    let hidden = false;
    const frames: FrameRequestCallback[] = [];
    window.requestAnimationFrame = (callback) => {
      if (!hidden) return native.frame(callback);
      frames.push(callback);
      return 0;
    };
    const slow = (delay = 0) =>
      hidden ? Math.max(1_000, Math.ceil(delay / 1_000) * 1_000) : delay;
    const timers = window as unknown as Record<string, unknown>;
    timers.setTimeout = (callback: () => void, delay?: number) =>
      native.setTimeout(callback, slow(delay));
    timers.setInterval = (callback: () => void, delay?: number) =>
      native.setInterval(callback, delay);
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    Object.defineProperty(document, 'visibilityState', {
      get: () => (hidden ? 'hidden' : 'visible'),
    });
    page.ixgateHidden = (to) => {
      hidden = to;
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      if (!to) for (const callback of frames.splice(0)) native.frame(callback);
    };

    if (skew === 0) return;
    const RealDate = Date;
    const skewed = () => RealDate.now() + skew;
    window.Date = new Proxy(RealDate, {
      construct: (target, given, made) =>
        Reflect.construct(target, given.length === 0 ? [skewed()] : given, made),
      apply: () => new RealDate(skewed()).toString(),
      get: (target, key) => (key === 'now' ? skewed : Reflect.get(target, key)),
    });
  }, ahead);
}

export function statedSince(page: Page): Promise<Stated[]> {
  return page.evaluate(() => (window as unknown as Watching).ixgateStated());
}

export function setHidden(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate((to) => (window as unknown as Watching).ixgateHidden(to), hidden);
}
