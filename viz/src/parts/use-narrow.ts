import { useSyncExternalStore } from 'react';

/** Below this width (pixels) the page has one column; page.css says the same. */
const oneColumn = 820;

/** Whether the window is narrower than this. */
export function useNarrow(width = oneColumn): boolean {
  const query = `(width < ${width}px)`;
  return useSyncExternalStore(
    (onChange) => {
      const list = matchMedia(query);
      list.addEventListener('change', onChange);
      return () => list.removeEventListener('change', onChange);
    },
    () => matchMedia(query).matches,
  );
}
