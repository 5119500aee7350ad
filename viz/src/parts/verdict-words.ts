import { type SessionSummary, type SessionVerdict, verdicts } from '../../../machines/index.js';
import { visible } from './visible.js';

/** The colour classes of the page (see theme.css). */
export type Tone = 'ok' | 'warn' | 'bad' | 'accent' | 'plain';

const tones: Readonly<Record<SessionVerdict, Tone>> = {
  open: 'accent',
  registered: 'ok',
  refused: 'bad',
  'spoke-first': 'warn',
  'refused-then-spoke': 'bad',
  'spoke-then-refused': 'bad',
  silent: 'warn',
  left: 'warn',
  'closed-before-answer': 'warn',
  'never-answered': 'warn',
  'bad-frame': 'bad',
  'not-connected': 'plain',
  undecided: 'plain',
};

/** The text for a client without a type. */
export const typeUnknown = 'Type unknown';

export const toneOf = (verdict: SessionVerdict): Tone => tones[verdict];

/** The verdict's words; an unknown word is returned unchanged, since it may come from an address. */
export function wordsFor(verdict: string): string {
  return Object.hasOwn(verdicts, verdict) ? verdicts[verdict as SessionVerdict] : verdict;
}

type Named = Pick<SessionSummary, 'clientName' | 'seat' | 'session' | 'logName'>;

/**
 * The client's name with all characters visible. For a client of a log that never sent a name: its name in the log. The result is always one
 * line that runs from left to right.
 */
export function nameFor({ clientName, seat, session, logName }: Named): string {
  const given = clientName ?? logName ?? (seat === 'observer' ? session : '');
  if (given === '') return '(no name)';
  const blanks = given.length === 1 ? '1 space' : `${given.length} spaces`;
  if (given.trim() === '') return `(${blanks})`;
  const name = visible(given, 255);
  // Leading, trailing and repeated spaces are invisible without quotes.
  return /^\s|\s$|\s\s|[^\S ]/.test(name) ? `"${name}"` : name;
}
