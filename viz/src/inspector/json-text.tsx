import type { ReactNode } from 'react';
import { counted } from '../parts/times.js';
import { visibleJson } from '../parts/visible.js';

/** Maximum characters that are shown of a value. */
const longest = 100_000;

/** A value as JSON on several lines. */
export function JsonText({ value }: { readonly value: unknown }): ReactNode {
  const text = JSON.stringify(value, null, 1) ?? 'undefined';
  const rest = text.length - longest;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <pre tabIndex={0}>
      {visibleJson(rest > 0 ? text.slice(0, longest) : text)}
      {rest > 0 && `\n… ${counted(rest)} more characters`}
    </pre>
  );
}
