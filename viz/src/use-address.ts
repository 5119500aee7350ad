import { useEffect } from 'react';
import { hashOf, isStep, viewFrom } from './address.js';
import { show, usePage } from './store.js';

/** Takes the view from the address, now and whenever it is changed by hand or by Back and Forward. */
export function readAddress(): void {
  show(viewFrom(location.hash));
}

/** Keeps view and address the same. */
export function useAddress(): void {
  useEffect(() => {
    const leave = usePage.subscribe(({ view }, { view: before }) => {
      if (view === before) return;
      const hash = hashOf(view);
      if (hash === location.hash) return;
      const url = `${location.pathname}${location.search}${hash}`;
      if (isStep(before, view)) history.pushState(null, '', url);
      else history.replaceState(null, '', url);
    });
    window.addEventListener('popstate', readAddress);
    return () => {
      leave();
      window.removeEventListener('popstate', readAddress);
    };
  }, []);
}
