import { useEffect, useState } from 'react';
import { type ForeignView, openXStateInspector } from './inspector.js';

/** The services at an address; null without an address. */
export function useInspector(url: string): ForeignView | null {
  const [view, setView] = useState<ForeignView | null>(null);
  useEffect(() => {
    setView(null);
    return url === '' ? undefined : openXStateInspector(url, setView);
  }, [url]);
  return view;
}
