/** The table of sessions. Its columns are fixed: a row is written when it is there, and no other row is waited for. */
import stringWidth from 'string-width';
import { type SessionVerdict, visible } from '../../../machines/index.js';
import type { Output } from '../output.js';
import { durationOrDash, type SessionFields } from './session-fields.js';

type Paint = Output['paint'];

interface Column {
  readonly head: string;
  /** Terminal columns. */
  readonly width: number;
  /** What is longer is not cut, because it is needed whole. */
  readonly isWhole?: boolean;
  readonly isRight?: boolean;
  readonly text: (session: SessionFields) => string;
}

// The verdict comes last: it is the one that may be long, and must not be cut.
const columns: readonly Column[] = [
  { head: 'start', width: 23, text: ({ start }) => start.replace('T', ' ') },
  { head: 'session', width: 10, isWhole: true, text: ({ session }) => cutTo(session, 60) },
  { head: 'client', width: 20, text: ({ client }) => client || '-' },
  { head: 'type', width: 16, text: ({ clientType }) => clientType ?? '-' },
  {
    head: 'answer',
    width: 11,
    isRight: true,
    text: ({ answeredAfter }) => durationOrDash(answeredAfter),
  },
  { head: 'ended', width: 21, text: ({ ended }) => ended },
  { head: 'marks', width: 5, text: marksOf },
  { head: 'verdict', width: 0, isWhole: true, text: ({ words }) => words },
];

/** The line above the rows, without its end. */
export function tableHead(paint: Paint): string {
  return paint.bold(columns.map((column) => cell(column.head, column)).join('  ')).trimEnd();
}

/** A session's row, without its end. */
export function tableRow(session: SessionFields, paint: Paint): string {
  const cells = columns.map((column) => {
    const given = column.text(session);
    const text = cell(isPlain.test(given) ? given : visible(given), column);
    return column.head === 'verdict' ? colourOf(session.verdict, paint)(text) : text;
  });
  return cells.join('  ');
}

/** What the marks mean, for those that were written. */
export function marksLegend(seen: { inferred: boolean; findings: boolean }): string[] {
  return [
    ...(seen.inferred
      ? ['*   something of it is not in the log and was inferred: --session ID says what']
      : []),
    ...(seen.findings
      ? ['!2  so many findings are of it: --findings lists them, --session ID shows where']
      : []),
  ];
}

function marksOf({ inferred, findings }: SessionFields): string {
  return `${inferred.length > 0 ? '*' : ''}${findings > 0 ? `!${findings}` : ''}`;
}

function colourOf(verdict: SessionVerdict, paint: Paint): (text: string) => string {
  if (verdict === 'registered') return paint.green;
  if (verdict === 'open' || verdict === 'undecided') return paint.yellow;
  return paint.red;
}

/** Each character is one column wide, and there is nothing to escape: what nearly all texts are, and quick to find out. */
const isPlain = /^[ -~]*$/;

const widthOf = (text: string): number => (isPlain.test(text) ? text.length : stringWidth(text));

/** @param text fit for a terminal */
function cell(text: string, { width, isWhole = false, isRight = false }: Column): string {
  const shown = isWhole ? text : cutTo(text, width);
  const blanks = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return isRight ? blanks + shown : shown + blanks;
}

const characters = new Intl.Segmenter();

/** Cuts a text to so many terminal columns; what is cut ends in an ellipsis. */
export function cutTo(text: string, width: number): string {
  // No character is wider than two columns, so that what is far too long is not measured.
  const begin = text.length > width * 40 ? text.slice(0, width * 40) : text;
  if (begin === text && widthOf(text) <= width) return text;
  let shown = '';
  let used = 0;
  for (const { segment } of characters.segment(begin)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    shown += segment;
    used += wide;
  }
  return `${shown}…`;
}
