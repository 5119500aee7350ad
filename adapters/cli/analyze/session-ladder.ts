import { basename } from 'node:path';
import {
  isAnswerName,
  isRegisterName,
} from '../../../machines/registration/chart/message-events.js';
import type { FigureNote } from '../../../machines/registration/figures/figures.js';
import { observedFrom } from '../../../machines/registration/figures/session-arrows.js';
import type { ObservedSession } from '../../../machines/registration/observer/observed-session.js';
import type { Finding } from '../../../machines/registration/session/findings.js';
import { inferences, missingReasons } from '../../../machines/registration/session/marks.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { verdictSentence } from '../../../machines/registration/session/verdict.js';
import { duration, visible } from '../../../machines/text/format.js';
import { padCell } from '../../runtime/text-table.js';
import { type LadderArrow, renderLadder } from '../../tester/ladder.js';
import type { Output } from '../output.js';
import { findingLine } from './finding-line.js';
import { endingOf } from './session-fields.js';

/** One session with its steps and findings. */
export interface SeenSession {
  readonly session: ObservedSession;
  /** In order; a very long session lacks steps in its middle. */
  readonly steps: readonly StepRecord[];
  /** Number of steps left out, and the seq before them. */
  readonly left: { readonly count: number; readonly after: number } | null;
  readonly findings: readonly Finding[];
}

/** One session as text: its facts, its ladder and its findings. Without the end of the last line. */
export function sessionText(seen: SeenSession, paint: Output['paint']): string {
  const { session, steps, findings } = seen;
  const told = new Set(
    steps.flatMap(({ observed }) => observed?.findings.map(({ sentence }) => sentence) ?? []),
  );
  const untold = findings.filter(({ sentence }) => !told.has(sentence));
  return [
    paint.bold(visible(`${session.summary.session}: ${verdictSentence(session.summary)}`)),
    ...about(seen).map(([what, text]) => `  ${padCell(what, { width: 11 })}${visible(text)}`),
    '',
    renderLadder(rungsOf(seen), { paint }).trimEnd(),
    ...(untold.length > 0 ? [''] : []),
    ...untold.map((finding) => findingLine(finding, paint)),
  ].join('\n');
}

/** The keys of the extension in its request; their values are never shown. */
export function extensionKeys(steps: readonly StepRecord[]): string[] {
  const keys = steps
    .filter(({ name }) => isRegisterName(name))
    .flatMap(({ payload }) => {
      const extension = payload?.extension;
      return typeof extension === 'object' && extension !== null ? Object.keys(extension) : [];
    });
  return [...new Set(keys)];
}

function about({ session, steps }: SeenSession): [string, string][] {
  const { summary, client, proxy, first, last, inferred } = session;
  const { clientType, mediaType, proxyClientId } = summary;
  const keys = extensionKeys(steps);
  const end = last && (last.file === first?.file ? `${last.line}` : `${last.file}:${last.line}`);
  const optional: [string, string | null][] = [
    ['client', `${client}${clientType === null ? '' : ` (${clientType})`}`],
    ['media type', mediaType],
    ['proxy', proxy],
    ['proxy id', proxyClientId === null ? null : String(proxyClientId)],
    ['extension', keys.length === 0 ? null : `${keys.slice(0, 50).join(', ')} (keys only)`],
    ['lines', first && `${first.file}:${first.line} to ${end}`],
    ['inferred', inferred.map((what) => inferences[what]).join('; ') || null],
  ];
  return optional.filter((entry): entry is [string, string] => entry[1] !== null);
}

/** Arrows and notes from top to bottom. */
export function rungsOf({ steps, left }: Omit<SeenSession, 'findings' | 'session'>) {
  const pairs = pairsOf(steps);
  const isOver = steps.at(-1)?.to === 'disconnected';
  return steps.flatMap((step): (LadderArrow | FigureNote)[] => {
    const rungs: (LadderArrow | FigureNote)[] = rungsOfStep(step, pairs, isOver);
    if (step.seq === left?.after) {
      rungs.push({ kind: 'note', label: `${left.count} more steps, not shown` });
    }
    return rungs;
  });
}

function rungsOfStep(
  step: StepRecord,
  pairs: Pairs,
  isOver: boolean,
): (LadderArrow | FigureNote)[] {
  const findings = step.observed?.findings ?? [];
  const notes = [
    ...pairNotes(step, pairs, isOver),
    ...markNotes(step),
    ...findings.map(({ sentence }) => sentence),
  ];
  const note = notes.length > 0 ? notes.join('; ') : undefined;
  const arrows = observedFrom([step]);
  // A step without a message on the wire is a note.
  if (arrows.length === 0)
    return [{ kind: 'note', label: note ? `${step.name}: ${note}` : step.name }];
  return arrows.map((arrow) => ({
    ...arrow,
    // The verdict above the ladder has the full text.
    ...(step.reason !== null && { detail: endingOf(step.reason) }),
    mark: markOf(step),
    note,
    isWrong: findings.length > 0,
  }));
}

/** The place of a step and the time left to the deadline. */
function markOf({ observed, deadline }: StepRecord): string | undefined {
  const { file = null, line = null } = observed ?? {};
  const parts = [
    ...(file === null ? [] : [`${basename(file)}${line === null ? '' : `:${line}`}`]),
    ...(deadline === null ? [] : [`${duration(deadline)} left`]),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}

function markNotes({ observed }: StepRecord): string[] {
  if (!observed) return [];
  const { inferred, missing } = observed;
  return [
    ...inferred.map((what) => `inferred: ${inferences[what]}`),
    ...(missing === null ? [] : [`the log is incomplete before this: ${missingReasons[missing]}`]),
  ];
}

/** The pairs of requests and answers, by seq. */
interface Pairs {
  readonly requestOf: ReadonlyMap<number, StepRecord>;
  readonly answered: ReadonlySet<number>;
}

/** An answer belongs to the last unanswered request with its reference id. */
function pairsOf(steps: readonly StepRecord[]): Pairs {
  const waiting = new Map<number, StepRecord>();
  const requestOf = new Map<number, StepRecord>();
  const answered = new Set<number>();
  for (const step of steps) {
    const { referenceId, direction, seat } = step;
    if (referenceId === null || step.kind !== 'message') continue;
    const isClients = (direction === 'out') === (seat === 'client' || seat === 'tester');
    if (isClients) waiting.set(referenceId, step);
    else {
      const request = waiting.get(referenceId);
      if (!request) continue;
      requestOf.set(step.seq, request);
      answered.add(request.seq);
      waiting.delete(referenceId);
    }
  }
  return { requestOf, answered };
}

function pairNotes(step: StepRecord, { requestOf, answered }: Pairs, isOver: boolean): string[] {
  if (step.kind !== 'message') return [];
  const request = requestOf.get(step.seq);
  if (request) {
    return [`answers ${request.referenceId} after ${duration(step.elapsed - request.elapsed)}`];
  }
  const isAnswer = isAnswerName(step.name);
  const isRequest = step.name.startsWith('Request') && step.referenceId !== null;
  if (isAnswer) return ['answers no request in this log'];
  if (isRequest && isOver && !answered.has(step.seq)) return ['no answer in this log'];
  return [];
}
