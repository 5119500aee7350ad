import { useEffect } from 'react';
import { hashOf, isStep, viewFrom } from '../state/address.js';
import type { ViewState } from '../state/contracts.js';
import { show, usePage } from '../state/store.js';

/** Takes the view from the address, now and whenever it is changed by hand or by Back and Forward. */
export function readAddress(): void {
  const view = viewFrom(location.hash);
  // An address without inputs leaves the simulation as it is.
  show({ ...view, inputs: view.inputs ?? usePage.getState().view.inputs });
}

/** Changes of the address at once and a second: browsers refuse more than 100 or 200 in half a minute. */
const changes = { burst: 30, perSecond: 2 } as const;

/** Keeps view and address the same. */
export function useAddress(): void {
  useEffect(() => {
    let timer = 0;
    let left: number = changes.burst;
    let leftAt = performance.now();
    /** @returns milliseconds until the address may be changed once more. */
    const wait = () => {
      const now = performance.now();
      left = Math.min(changes.burst, left + ((now - leftAt) * changes.perSecond) / 1_000);
      leftAt = now;
      return left >= 1 ? 0 : (1_000 * (1 - left)) / changes.perSecond;
    };
    const replace = () => {
      clearTimeout(timer);
      timer = 0;
      left -= 1;
      const url = addressOf(usePage.getState().view);
      if (url !== null) history.replaceState(null, '', url);
    };
    const leave = usePage.subscribe(({ view }, { view: before }) => {
      if (view === before) return;
      if (isStep(before, view)) {
        // What Back leads to is the view as it was last.
        if (timer !== 0) history.replaceState(null, '', addressOf(before) ?? location.href);
        clearTimeout(timer);
        timer = 0;
        const url = addressOf(view);
        if (url !== null) history.pushState(null, '', url);
      } else if (timer === 0) {
        const delay = wait();
        if (delay === 0) replace();
        else timer = window.setTimeout(replace, delay);
      }
    });
    const read = () => {
      clearTimeout(timer);
      timer = 0;
      readAddress();
    };
    window.addEventListener('popstate', read);
    window.addEventListener('pagehide', replace);
    return () => {
      leave();
      clearTimeout(timer);
      window.removeEventListener('popstate', read);
      window.removeEventListener('pagehide', replace);
    };
  }, []);
}

/** The address of a view; null when it is the one that stands there. */
function addressOf(view: ViewState): string | null {
  const hash = hashOf(view);
  return hash === location.hash ? null : `${location.pathname}${location.search}${hash}`;
}
