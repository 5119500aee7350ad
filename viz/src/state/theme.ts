import { useEffect } from 'react';
import type { ViewState } from './contracts.js';

type Theme = ViewState['theme'];

const key = 'ixgate-theme';

/** Light or dark as the reader says; without a word as the system does (theme.css). */
export function useTheme(theme: Theme): void {
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'auto') delete dataset.theme;
    else dataset.theme = theme;
    try {
      localStorage.setItem(key, theme);
    } catch {
      // A page opened from disk may have no storage; then it is not kept.
    }
  }, [theme]);
}

/** What the reader said when the page was last open. */
export function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}
