import { type LadderOptions, renderLadder } from '../ladder.js';
import type { PathRun } from './result.js';

/** A connection as a ladder, with each violation at the arrow that shows it. */
export function renderPathLadder({ seen, violations }: PathRun, options?: LadderOptions): string {
  const rungs = seen.map((arrow, index) => {
    const here = violations.filter((violation) => violation.index === index);
    if (here.length === 0) return arrow;
    const mark = here.map(({ requirement }) => requirement).join(', ');
    return { ...arrow, mark, isWrong: true };
  });
  return renderLadder(rungs, { maxRungs: 24, ...options });
}
