import { useEffect, useMemo, useState } from 'react';
import { EventSearch } from './model/search.js';
import type { ShownApp } from './use-shown.js';

/** Milliseconds of searching between two frames. */
const longestSlice = 6;

export interface SearchResult {
  /** Numbers of the matching entries in order; null without a text. */
  readonly numbers: readonly number[] | null;
  readonly isDone: boolean;
}

const nothing: SearchResult = { numbers: null, isDone: true };

/** Searches the events of an app in slices; new events are searched when they arrive. */
export function useSearch(shown: ShownApp | null, text: string): SearchResult {
  const app = shown?.app ?? null;
  const entries = shown?.entries ?? null;
  const search = useMemo(
    () => (app === null || text.trim() === '' ? null : new EventSearch(app, text.trim())),
    [app, text],
  );
  const [result, setResult] = useState(nothing);
  useEffect(() => {
    if (search === null || entries === null) {
      setResult(nothing);
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = () => {
      const isDone = search.search(entries, performance.now() + longestSlice);
      setResult({ numbers: search.matches(), isDone });
      if (!isDone) timer = setTimeout(go);
    };
    go();
    return () => clearTimeout(timer);
  }, [search, entries]);
  return search === null ? nothing : result;
}
