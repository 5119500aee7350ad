import type { ReactNode } from 'react';
import type { Match } from './find.js';

interface FindBarProps {
  readonly find: string;
  readonly matches: readonly Match[];
  /** seq of the step at the cursor. */
  readonly at: number | null;
  onGo(match: Match): void;
}

/** The number of matching steps, with buttons to move between them. */
export function FindBar({ find, matches, at, onGo }: FindBarProps): ReactNode {
  const current = matches.findIndex((match) => match.seq === at);
  const words =
    matches.length === 0
      ? `“${find.trim()}” not found`
      : current === -1
        ? `in ${matches.length} ${matches.length === 1 ? 'step' : 'steps'}`
        : `${current + 1} of ${matches.length}`;
  const go = (way: 1 | -1) => {
    const next = nextMatch(matches, at, way);
    if (next) onGo(next);
  };
  return (
    <div className="ladder-find">
      <span role="status">{words}</span>
      <button type="button" disabled={matches.length === 0} onClick={() => go(-1)}>
        Previous
      </button>
      <button type="button" disabled={matches.length === 0} onClick={() => go(1)}>
        Next
      </button>
    </div>
  );
}

/** The next or previous match from a step; it wraps around. */
export function nextMatch(
  matches: readonly Match[],
  at: number | null,
  way: 1 | -1,
): Match | undefined {
  const from = at ?? 0;
  return way === 1
    ? (matches.find((match) => match.seq > from) ?? matches[0])
    : (matches.findLast((match) => match.seq < from) ?? matches.at(-1));
}
