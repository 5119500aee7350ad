/** Watches in the page itself what it states from frame to frame, so that a wrong statement between two checks is found too. */
import type { BrowserContext, Page } from 'playwright-core';

/** The same statement for some time, milliseconds since 1970 by the machine's clock. */
export interface Stated {
  readonly from: number;
  to: number;
  /** When it was stated first; before `from` where the page stood still meanwhile. */
  readonly since: number;
  /** Whether the header says that the page is live. */
  readonly live: boolean;
  /** Session that is said to be live, if any. */
  readonly liveSession: string | null;
  /** What the ids of the listed sessions begin with. */
  readonly runs: readonly string[];
}

interface Watching {
  /** Everything stated since the last call, what is still stated again. */
  ixgateStated(): Stated[];
  /** Has the page run as a tab in the background does, or in front again. */
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
      // A page that stood still stated nothing meanwhile.
      if (same && at - last.to < 500) last.to = at;
      else stated.push(same ? { ...next, since: last.since } : next);
    };
    let waiting = false;
    // After the frame is drawn: what it shows is what a person sees.
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
      // What is stated now may go on.
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
