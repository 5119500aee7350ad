/** The table of sessions. Its columns are fixed, so that each row is written at once, before the widths of later rows are known. */
import type { SessionVerdict } from '../../../machines/registration/session/verdict.js';
import { visible } from '../../../machines/text/format.js';
import { cutTo, isPlain, padCell, type TextColumn } from '../../runtime/text-table.js';
import type { Output } from '../output.js';
import { durationOrDash, type SessionFields } from './session-fields.js';

type Paint = Output['paint'];

interface Column extends TextColumn {
  readonly head: string;
  /** Longer text is not cut, because the reader needs all of it. */
  readonly isWhole?: boolean;
  readonly text: (session: SessionFields) => string;
}

// The verdict comes last: it may be long, and must not be cut.
const columns: readonly Column[] = [
  { head: 'start', width: 23, text: ({ start }) => start.replace('T', ' ') },
  { head: 'session', width: 10, isWhole: true, text: ({ session }) => cutTo(session, 60) },
  { head: 'client', width: 20, text: ({ client }) => client || '-' },
  { head: 'type', width: 16, text: ({ clientType }) => clientType ?? '-' },
  {
    head: 'answer',
    width: 11,
    align: 'right',
    text: ({ answeredAfter }) => durationOrDash(answeredAfter),
  },
  { head: 'ended', width: 21, text: ({ ended }) => ended },
  { head: 'marks', width: 5, text: marksOf },
  { head: 'verdict', width: 0, isWhole: true, text: ({ words }) => words },
];

/** The head of the table without its line end. */
export function tableHead(paint: Paint): string {
  return paint.bold(columns.map((column) => cell(column.head, column)).join('  ')).trimEnd();
}

/** The row of a session without its line end. */
export function tableRow(session: SessionFields, paint: Paint): string {
  const cells = columns.map((column) => {
    const given = column.text(session);
    const text = cell(isPlain(given) ? given : visible(given), column);
    return column.head === 'verdict' ? colourOf(session.verdict, paint)(text) : text;
  });
  return cells.join('  ');
}

/** Explains the marks that the table contains. */
export function marksLegend(seen: { inferred: boolean; findings: boolean }): string[] {
  return [
    ...(seen.inferred
      ? ['*   partly inferred, because lines are missing: --session ID shows what']
      : []),
    ...(seen.findings
      ? ['!2  number of findings: --findings lists them, --session ID shows where']
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

/** @param text fit for a terminal */
function cell(text: string, column: Column): string {
  return padCell(column.isWhole ? text : cutTo(text, column.width), column);
}
