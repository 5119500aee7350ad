import { useEffect } from 'react';
import type { ViewState } from './contracts.js';

/** Light or dark as the reader says; without a word as the system does (theme.css). */
export function useTheme(theme: ViewState['theme']): void {
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'auto') delete dataset.theme;
    else dataset.theme = theme;
  }, [theme]);
}
