/** Small numbers at the corners of labels and states. */
import type { ReactNode } from 'react';
import { textWidth } from '../../layout/measure.js';

interface CountProps {
  /** x of its right end. */
  readonly right: number;
  /** y of its middle. */
  readonly y: number;
  readonly count: number;
  /** Whether the true count may be higher. */
  readonly isAtLeast?: boolean;
}

/** A count. Zero is drawn hollow, so that it can be recognized without colour. */
export function Count({ right, y, count, isAtLeast = false }: CountProps): ReactNode {
  const words = `${shortened(count)}${isAtLeast ? '+' : ''}`;
  const width = Math.max(14, textWidth(words, 10) + 7);
  return (
    <g className={count === 0 ? 'chart-count none' : 'chart-count'}>
      <rect x={right - width} y={y - 7} width={width} height={13} rx={6.5} />
      <text x={right - width / 2} y={y + 3} textAnchor="middle">
        {words}
      </text>
    </g>
  );
}

/** `999`, `12k`, `3M`; rounded down. */
function shortened(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 1_000_000) return `${Math.floor(count / 1_000)}k`;
  return `${Math.floor(count / 1_000_000)}M`;
}

/** The positions of an edge in a path. */
export function Steps({
  left,
  y,
  words,
}: {
  readonly left: number;
  readonly y: number;
  readonly words: string;
}): ReactNode {
  const width = Math.max(15, textWidth(words, 10) + 7);
  return (
    <g className="chart-step">
      <rect x={left} y={y - 8} width={width} height={15} rx={7.5} />
      <text x={left + width / 2} y={y + 3} textAnchor="middle">
        {words}
      </text>
    </g>
  );
}
