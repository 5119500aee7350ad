import { useEffect } from 'react';
import { hashOf, isStep, viewFrom } from './address.js';
import type { ViewState } from './contracts.js';
import { show, usePage } from './store.js';

/** Takes the view from the address, now and whenever it is changed by hand or by Back and Forward. */
export function readAddress(): void {
  show(viewFrom(location.hash));
}

/** Milliseconds between two changes of the address that are no steps: browsers refuse more than 100 or 200 in half a minute. */
const pace = 400;

/** Keeps view and address the same. */
export function useAddress(): void {
  useEffect(() => {
    let timer = 0;
    let replacedAt = Number.NEGATIVE_INFINITY;
    const replace = () => {
      clearTimeout(timer);
      timer = 0;
      replacedAt = performance.now();
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
        timer = window.setTimeout(replace, replacedAt + pace - performance.now());
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
