import { useSyncExternalStore } from 'react';

/** Below this width (pixels) the page has one column; keep it equal to the value in page.css. */
const oneColumn = 820;

/** Whether the window is narrower than a width in pixels. */
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
