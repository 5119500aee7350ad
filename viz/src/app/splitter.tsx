import { type KeyboardEvent, type PointerEvent, useState } from 'react';

/** Minimum and maximum width of the left part, in percent. */
const min = 20;
const max = 80;
const key = 'ixgate-split';

/** The width of the left part in percent, stored between visits. */
export function useSplit(): [number, (share: number) => void] {
  const [share, setShare] = useState(() => {
    const kept = Number(readKept());
    return kept >= min && kept <= max ? kept : 55;
  });
  return [
    share,
    (wanted) => {
      const within = Math.round(Math.min(max, Math.max(min, wanted)));
      setShare(within);
      keep(within);
    },
  ];
}

/** The line between two parts: drag it, or move it with the arrow keys. */
export function Splitter({ share, onShare }: { share: number; onShare(share: number): void }) {
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { previousElementSibling: before, nextElementSibling: after } = event.currentTarget;
    if (!before || !after) return;
    const { left } = before.getBoundingClientRect();
    const { right } = after.getBoundingClientRect();
    onShare(((event.clientX - left) / (right - left)) * 100);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: share - 2, ArrowRight: share + 2, Home: min, End: max }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onShare(to);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr element cannot be moved; this is the ARIA separator widget.
    <div
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the chart"
      aria-valuenow={share}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onShare(55)}
    />
  );
}

/** A page opened from disk may have no storage. */
function readKept(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(share: number): void {
  try {
    localStorage.setItem(key, String(share));
  } catch {
    // Without storage the width is not kept.
  }
}
