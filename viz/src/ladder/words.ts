/** What the ladder writes, and what it says to a screen reader. */
import {
  abridged,
  disconnectReasons,
  duration,
  inferences,
  missingReasons,
} from '../../../machines/index.js';
import { visible } from '../parts/visible.js';
import type { StepRecord } from '../state/contracts.js';
import type { DeadlineSpan } from './deadlines.js';
import type { StepRow } from './ladder-row.js';
import type { Pair } from './pairing.js';

/** A time since Connected for a column: seconds with three decimals, minutes and hours where there are some. */
export function clockTime(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  const seconds = Math.floor(whole / 1_000);
  const fraction = String(whole % 1_000).padStart(3, '0');
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}.${fraction}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}.${fraction}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}.${fraction}`;
}

/** What the arrow is called: the message's name on one line, cut to a length. */
export function arrowName(step: StepRecord, length = 80): string {
  if (step.kind === 'message') return visible(step.name, length);
  return step.to === 'disconnected' ? 'disconnect' : 'connect';
}

/** What a message says at a glance: who asks to register, or the error's code and text, each cut to a length. Null for the others. */
export function detailWords({ kind, name, payload }: StepRecord, length = 200): string | null {
  if (kind !== 'message' || payload === null) return null;
  const said = (value: unknown) =>
    typeof value === 'string' ? visible(value, length) : abridged(value);
  if (name === 'EventError' && payload.errorDescription !== undefined) {
    return `${said(payload.errorCode)}: ${said(payload.errorDescription)}`;
  }
  if (name !== 'RequestRegisterClient' || payload.clientName === undefined) return null;
  const { clientName, clientType } = payload;
  const named = clientName === '' ? 'no name' : said(clientName);
  return clientType === undefined ? named : `${named}, ${said(clientType)}`;
}

export function reasonWords(step: StepRecord): string | null {
  return step.reason === null ? null : disconnectReasons[step.reason];
}

/** What is missing of the log before a step, as a note; null where nothing is. */
export function missingWords({ observed }: StepRecord): string | null {
  const missing = observed?.missing ?? null;
  return missing === null ? null : `missing here: ${missingReasons[missing]}`;
}

/** What an observer remarks at a step: what the chart has no answer to, and what was concluded. */
export function remarksOf({ observed }: StepRecord, length = 200): string[] {
  if (!observed) return [];
  return [
    ...observed.findings.map(({ code, sentence }) => `${code}: ${visible(sentence, length)}`),
    ...observed.inferred.map((inference) => `inferred: ${inferences[inference]}`),
  ];
}

/** Where a step stands in the log it was read from, e.g. `ixn.log:13`; null for one that was not. */
export function placeWords({ observed }: StepRecord): string | null {
  if (!observed || observed.file === null) return null;
  return visible(observed.line === null ? observed.file : `${observed.file}:${observed.line}`);
}

/** The note where a deadline begins. */
export function deadlineBegins(span: DeadlineSpan): string {
  return `${span.kind} deadline: ${duration(span.length)}${span.start === null ? ' left' : ''}`;
}

/** The note where it ends; null where the arrow itself says enough. */
export function deadlineEnds(span: DeadlineSpan): string | null {
  if (span.outcome === 'expired') return `${span.kind} deadline expired`;
  if (span.outcome === 'registered') {
    return `${span.kind} deadline stopped, ${duration(span.left ?? 0)} left`;
  }
  return null;
}

/** The words between two steps that are not held. */
export function gapWords({ from, to, cause }: { from: number; to: number; cause: string }): string {
  const which = from === to ? `Step ${from}` : `Steps ${from} to ${to}`;
  const [is, was] = from === to ? ['is', 'was'] : ['are', 'were'];
  if (cause === 'forgotten') return `${which} ${is} no longer held`;
  if (cause === 'slow-viewer') return `${which} ${was} left out: this viewer was slow`;
  return `${which} ${is} missing${cause ? `: ${cause}` : ''}`;
}

const short = { Client: 'client', 'Interaction Server': 'server' } as const;

/** E.g. "3, 12 ms, client to server, RequestRegisterClient, reference id 1". */
export function stepLabel(row: StepRow, pair: Pair | undefined): string {
  const { step, arrow } = row;
  const parts = [`${step.seq}`, duration(step.elapsed)];
  if (arrow?.from) parts.push(`${short[arrow.from]} to ${short[arrow.to]}`);
  parts.push(row.label);
  if (step.kind === 'message') parts.push(`reference id ${step.referenceId ?? 'none'}`);
  if (row.detail) parts.push(row.detail);
  if (pair?.answer === step.seq) {
    parts.push(`answer to ${pair.request} after ${duration(pair.after)}`);
  }
  if (row.flag) parts.push(row.flag);
  return [...parts, ...row.before, row.reason, ...row.remarks, ...row.after]
    .filter(Boolean)
    .join(', ');
}
