/** The steps the page holds of one session: in order of seq, each once, with what is missing between them. */
import { type SessionSummary, type StepRecord, summarize } from '../../../machines/index.js';
import type { Origin, SessionView } from './contracts.js';

export type Gap = SessionView['gaps'][number];

export interface HeldSteps {
  readonly steps: readonly StepRecord[];
  readonly gaps: readonly Gap[];
}

export const nothingHeld: HeldSteps = { steps: [], gaps: [] };

/** With more steps and gaps; a gap that has been filled since is one no longer. */
export function withMore(
  held: HeldSteps,
  more: readonly StepRecord[],
  gaps: readonly Gap[],
): HeldSteps {
  const last = held.steps.at(-1)?.seq ?? 0;
  const inOrder = more.every((step, index) => step.seq > (more[index - 1]?.seq ?? last));
  let steps: readonly StepRecord[];
  if (inOrder) steps = more.length === 0 ? held.steps : [...held.steps, ...more];
  else {
    const bySeq = new Map([...held.steps, ...more].map((step) => [step.seq, step]));
    steps = [...bySeq.values()].sort((one, other) => one.seq - other.seq);
  }
  const seqs = new Set(steps.map(({ seq }) => seq));
  const missing = (gap: Gap) => {
    for (let seq = gap.from; seq <= gap.to; seq += 1) if (!seqs.has(seq)) return true;
    return false;
  };
  const known = held.gaps.filter((gap) => !gaps.some(({ from, to }) => sameSpan(gap, from, to)));
  return { steps, gaps: [...known, ...gaps].filter(missing) };
}

function sameSpan(gap: Gap, from: number, to: number): boolean {
  return gap.from === from && gap.to === to;
}

/**
 * A session as the parts of the page take it. Steps come sooner than summaries; the summary is carried on with those it does
 * not know yet.
 */
export function viewOf(
  origin: Origin,
  summary: SessionSummary | undefined,
  { steps, gaps }: HeldSteps,
): SessionView | null {
  let current = summary ?? null;
  for (const step of steps) {
    if (current === null || step.seq === current.steps + 1) current = summarize(current, step);
  }
  return current && { origin, summary: current, steps, gaps };
}
