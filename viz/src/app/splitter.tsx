import { type KeyboardEvent, type PointerEvent, useState } from 'react';

/** Percent of the width that the left part may have. */
const least = 20;
const most = 80;
const key = 'ixgate-split';

/** How the width is shared, in percent for the left part; kept from visit to visit. */
export function useSplit(): [number, (share: number) => void] {
  const [share, setShare] = useState(() => {
    const kept = Number(readKept());
    return kept >= least && kept <= most ? kept : 55;
  });
  return [
    share,
    (wanted) => {
      const within = Math.round(Math.min(most, Math.max(least, wanted)));
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
    const to = { ArrowLeft: share - 2, ArrowRight: share + 2, Home: least, End: most }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onShare(to);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this is the separator widget of ARIA.
    <div
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the chart"
      aria-valuenow={share}
      aria-valuemin={least}
      aria-valuemax={most}
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
    // Then it is not kept.
  }
}
