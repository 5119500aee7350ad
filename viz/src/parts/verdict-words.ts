import { type SessionSummary, type SessionVerdict, verdicts } from '../../../machines/index.js';
import { visible } from './visible.js';

/** The kinds of colour on the page (see theme.css). */
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

export const toneOf = (verdict: SessionVerdict): Tone => tones[verdict];

/** The verdict's words; an unknown word is returned unchanged, since it may come from an address. */
export function wordsFor(verdict: string): string {
  return Object.hasOwn(verdicts, verdict) ? verdicts[verdict as SessionVerdict] : verdict;
}

type Named = Pick<SessionSummary, 'clientName' | 'seat' | 'session' | 'logName'>;

/**
 * The client's name with every character of it to be seen; for a client of a log that never asked with a name, what the log calls it.
 * Whatever it is, it is text of one line that runs from left to right as the rest does.
 */
export function nameFor({ clientName, seat, session, logName }: Named): string {
  const given = clientName ?? logName ?? (seat === 'observer' ? session : '');
  if (given === '') return '(no name)';
  const blanks = given.length === 1 ? '1 blank' : `${given.length} blanks`;
  if (given.trim() === '') return `(${blanks})`;
  const name = visible(given, 255);
  // Blanks at an end, or several together, would not be seen.
  return /^\s|\s$|\s\s|[^\S ]/.test(name) ? `"${name}"` : name;
}
