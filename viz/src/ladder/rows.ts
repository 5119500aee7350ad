/** A session as the rows of a ladder, from top to bottom: one row per step, and one row per gap. */
import { lifelines, registrationEdges, speakerOf } from '../../../machines/index.js';
import type { SessionView, StepRecord } from '../state/contracts.js';
import { type DeadlineSpan, deadlineSpans } from './deadlines.js';
import type { DrawnArrow, GapRow, LadderRow, StepRow } from './ladder-row.js';
import { type Pairing, pairingOf } from './pairing.js';
import {
  arrowName,
  deadlineBegins,
  deadlineEnds,
  detailWords,
  gapWords,
  missingWords,
  reasonWords,
  remarksOf,
} from './words.js';

const [client, server] = lifelines;

export interface LadderModel {
  readonly rows: readonly LadderRow[];
  readonly pairing: Pairing;
  readonly deadlines: readonly DeadlineSpan[];
  /** Whether the session continues after the last row. */
  readonly open: boolean;
}

const unexpectedEdges = new Set(
  registrationEdges.filter((edge) => edge.unexpected).map((edge) => edge.id),
);

/** Whether all transitions of a step are "unexpected". */
export function isUnexpected({ transition }: StepRecord): boolean {
  return transition.length > 0 && transition.every((edge) => unexpectedEdges.has(edge));
}

export function ladderOf(view: SessionView): LadderModel {
  const { steps } = view;
  const pairing = pairingOf(steps);
  const deadlines = deadlineSpans(steps);
  const open = steps.length > 0 && steps.at(-1)?.to !== 'disconnected';
  const rows: LadderRow[] = [];
  let before: StepRecord | null = null;
  let running = 0;
  for (const step of steps) {
    while (isOver(deadlines[running], step.seq)) running += 1;
    const here = deadlines.slice(running, running + 2);
    const next = (before?.seq ?? 0) + 1;
    if (step.seq > next) rows.push(gapRow(view, next, step.seq - 1, here));
    rows.push(stepRow(step, before, here, pairing, open));
    before = step;
  }
  const last = before?.seq ?? 0;
  const later = view.gaps.filter((gap) => gap.to > last);
  for (const gap of later) rows.push(gapRow(view, Math.max(gap.from, last + 1), gap.to, []));
  return { rows, pairing, deadlines, open };
}

function isOver(span: DeadlineSpan | undefined, seq: number): boolean {
  return span !== undefined && span.end !== null && span.end < seq;
}

function gapRow(
  view: SessionView,
  from: number,
  to: number,
  spans: readonly DeadlineSpan[],
): GapRow {
  const cause = view.gaps.find((gap) => gap.from <= to && gap.to >= from)?.cause ?? '';
  const brackets = spans
    .filter((span) => (span.start ?? to) < from && (span.end ?? to + 1) > to)
    .map(({ kind }) => ({ kind, begins: false, ends: false }));
  return { type: 'gap', from, to, words: gapWords({ from, to, cause }), brackets };
}

function stepRow(
  step: StepRecord,
  before: StepRecord | null,
  spans: readonly DeadlineSpan[],
  pairing: Pairing,
  open: boolean,
): StepRow {
  const { seq } = step;
  const begun = spans.find((span) => span.start === seq);
  const ended = spans.find((span) => span.end === seq);
  const ends = ended ? deadlineEnds(ended) : null;
  const unexpected = isUnexpected(step);
  const expired = ended?.outcome === 'expired';
  return {
    type: 'step',
    step,
    since: before === null ? null : step.elapsed - before.elapsed,
    arrow: arrowOf(step),
    label: arrowOf(step) === null ? `${step.name} again` : arrowName(step),
    before: [missingWords(step) ?? [], ends && expired ? ends : []].flat(),
    after: [...(ends && !expired ? [ends] : []), ...(begun ? [deadlineBegins(begun)] : [])],
    detail: detailWords(step),
    reason: reasonWords(step),
    brackets: spans
      .filter((span) => (span.start ?? seq) <= seq && (span.end ?? seq) >= seq)
      .map(({ kind, start, end }) => ({ kind, begins: start === seq, ends: end === seq })),
    flag: flagOf(step, pairing, open, unexpected),
    remarks: remarksOf(step),
    unexpected,
  };
}

function arrowOf(step: StepRecord): DrawnArrow | null {
  const from = speakerOf(step);
  const kind =
    step.kind === 'message' ? 'message' : step.to === 'disconnected' ? 'disconnect' : 'connect';
  if (from === null) return kind === 'disconnect' ? { kind, from, to: server } : null;
  return { kind, from, to: from === client ? server : client };
}

function flagOf(
  step: StepRecord,
  { unanswered, unsolicited }: Pairing,
  open: boolean,
  unexpected: boolean,
): string | null {
  if (unexpected) return 'not expected in this state';
  if (unsolicited.has(step.seq)) return 'answers no known request';
  if (!unanswered.has(step.seq)) return null;
  return open ? 'no answer yet' : 'never answered';
}
