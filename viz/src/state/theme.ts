import { useEffect } from 'react';
import type { ViewState } from './contracts.js';

type Theme = ViewState['theme'];

const key = 'ixgate-theme';

/** Applies the theme of the view; `auto` follows the system (theme.css). */
export function useTheme(theme: Theme): void {
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'auto') delete dataset.theme;
    else dataset.theme = theme;
    try {
      localStorage.setItem(key, theme);
    } catch {
      // A page that is opened from disk may have no storage; the theme is then not kept.
    }
  }, [theme]);
}

/** The theme of the last visit. */
export function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}
