/** A conformance report as text for a terminal. */

import {
  duration,
  type FigureNote,
  kindOf,
  inMilliseconds as ms,
  serverInputs,
  visible,
} from '../../../machines/index.js';
import { countLine, formatRow, widestOf } from '../../runtime/text-table.js';
import { type LadderArrow, renderLadder } from '../ladder.js';
import { noPaint, type Paint } from '../paint.js';
import type {
  CaseDifference,
  CaseResult,
  ConformFailure,
  ConformReport,
  EdgeVerdict,
  TimeoutUsed,
} from './result.js';

/** Failures that are drawn; the others are listed. */
const mostDrawn = 10;

/** The whole report. The first line says whether the server held. */
export function renderConform(report: ConformReport, paint: Paint = noPaint): string {
  const { edges, failures, undocumented, unconfirmed, notJudged } = report;
  const { registration, rejection } = report.timeouts;
  const documented = edges.filter(({ figures }) => figures.length > 0);
  const own = edges.filter(({ figures }) => figures.length === 0);
  const lines = [
    verdictLine(report, paint),
    `${report.criterion}: ${visible(report.guarantee)}`,
    `registration timeout ${timeout(registration)}, rejection timeout ${timeout(rejection)}, answers to registered clients: ${report.answers === 'any' ? 'not judged' : report.answers}`,
    '',
    paint.bold('Documented edges'),
    ...edgeTable(documented, paint),
    '',
    paint.bold('This project’s own choices; no figure shows them'),
    ...edgeTable(own, paint),
    ...section(
      'Said by the server, and drawn in no figure',
      undocumented.map(({ message, count, description }) =>
        countLine(count, `${visible(message)}: ${description}`, 6),
      ),
      paint,
    ),
    ...section(
      'Not judged',
      notJudged.map(({ why, count }) => countLine(count, why, 6)),
      paint,
    ),
    ...section('Seen once and not again', unconfirmedLines(unconfirmed), paint),
    ...failures.flatMap((failure, at) => ['', ...renderFailure(failure, at, report, paint)]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One sentence: what was played, and how it came out. */
function verdictLine(report: ConformReport, paint: Paint): string {
  const { held, interrupted, failures, cases, criterion, documentedOnly } = report;
  const name = visible(report.target);
  const counted = failures.filter(({ isDocumented }) => isDocumented || !documentedOnly).length;
  const played = cases.held + cases.differ + cases.notJudged;
  const left = cases.total - played - cases.skipped;
  const all = `${cases.total} cases of ${criterion}`;
  const time = `(${report.connections} connections, ${report.inputs} inputs held, ${duration(report.elapsed)})`;
  const why = interrupted ? 'interrupted' : 'the server was gone';
  const rest = [
    cases.skipped > 0 && `${cases.skipped} more begin like them`,
    left > 0 && `${left} were not played: ${why}`,
  ].filter(Boolean);
  const more = rest.map((one) => `, ${one}`).join('');
  if (held && failures.length === 0) return `${paint.green('held')}  ${name}: all ${all} ${time}`;
  if (held) {
    const own = `${differences(failures.length)} from what no figure shows`;
    return `${paint.green('held')}  ${name}: all that the figures show, in ${all}; ${own} ${time}`;
  }
  if (counted > 0)
    return `${paint.red('DIFFERS')}  ${name} differs from ${documentedOnly ? 'the figures' : 'the model'}: ${differences(counted)}, seen in ${cases.differ} of ${all}${more} ${time}`;
  if (interrupted)
    return `${paint.red('interrupted')}  ${name}: held in ${cases.held} of ${all}${more} ${time}`;
  return `${paint.red('not judged')}  ${name}: held in ${cases.held} of ${all}, ${cases.notJudged} could not be judged${more} ${time}`;
}

/** Differences that were not seen again, a line a kind. */
function unconfirmedLines(unconfirmed: readonly CaseDifference[]): string[] {
  const byCode = new Map<string, CaseDifference[]>();
  for (const one of unconfirmed) byCode.set(one.code, [...(byCode.get(one.code) ?? []), one]);
  return [...byCode].map(([code, found]) => {
    const sentence = visible(found[0]?.sentence ?? '');
    return countLine(found.length, `${code}, e.g. ${sentence}`, 6);
  });
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function differences(count: number): string {
  return count === 1 ? '1 difference' : `${count} differences`;
}

function timeout({ milliseconds, source }: TimeoutUsed): string {
  return milliseconds === null ? 'unknown' : `${ms(milliseconds)} (${source})`;
}

function edgeTable(edges: readonly EdgeVerdict[], paint: Paint): string[] {
  const nameOf = ({ edge, from }: EdgeVerdict) => (from === null ? edge : `${edge} in ${from}`);
  const columns = [{ width: 11 }, { width: widestOf(edges.map(nameOf)) }];
  return edges.map((one) => {
    const { verdict, held, violated, figures } = one;
    const word = { held: 'held', violated: 'VIOLATED', 'not-reached': 'not reached' }[verdict];
    const colour = { held: paint.green, violated: paint.red, 'not-reached': paint.dim }[verdict];
    const counts =
      violated > 0
        ? `${times(violated)}, held ${times(held)}`
        : verdict === 'held'
          ? times(held)
          : '';
    const shown = figures.length > 0 ? `figures ${figures.join(', ')}` : '';
    const rest = [shown, counts].filter(Boolean).join('; ');
    return `  ${formatRow([colour(word), nameOf(one), rest], columns)}`.trimEnd();
  });
}

function section(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : ['', paint.bold(title), ...lines.map((line) => `  ${line}`)];
}

function renderFailure(
  { code, count, difference, isDocumented, shortest }: ConformFailure,
  at: number,
  { documentedOnly }: ConformReport,
  paint: Paint,
): string[] {
  const whose = isDocumented
    ? `figure ${difference.figures.join(', ')}`
    : 'this project’s own choice, no figure shows it';
  const counts = documentedOnly && !isDocumented ? ', not counted' : '';
  const cases = count === 1 ? '1 case' : `${count} cases`;
  const head = [
    `${paint.red(`${at + 1}. ${visible(difference.sentence)}`)}`,
    `   ${code}; ${cases}; ${whose}${counts}`,
    `   expected ${visible(difference.expected)}, came ${visible(difference.came)}`,
    `   shortest session: ${shortest.case.id}`,
  ];
  const hint = hintFor(shortest.case.id, code);
  if (hint) head.push(`   ${hint}`);
  if (at >= mostDrawn) return head;
  return [...head, '', renderSession(shortest, paint).trimEnd()];
}

/** Most servers know their clients: the tester has to know one of them too. */
function hintFor(inputs: string, code: string): string | null {
  if (code !== 'wrong-message') return null;
  if (inputs === 'register') return 'which client it must find valid is said with --valid';
  if (inputs === 'register-invalid') return 'which client it must not is said with --invalid';
  return null;
}

/** The session of a case as a ladder, the difference beside the last arrow. */
export function renderSession(
  { case: { steps }, seen, difference }: CaseResult,
  paint: Paint = noPaint,
): string {
  const arrows: LadderArrow[] = seen.map((arrow, at) =>
    difference && at === seen.length - 1
      ? { ...arrow, mark: 'DIFFERS', note: difference.sentence, isWrong: true }
      : arrow,
  );
  const rungs = seen.flatMap((arrow, at): (LadderArrow | FigureNote)[] => {
    const before = seen[at - 1]?.step ?? -1;
    return [...waits(before + 1, arrow.step ?? -1), arrows[at] ?? arrow];
  });
  const last = seen.at(-1)?.step ?? -1;
  rungs.push(...waits(last + 1, steps.length - 1));
  return renderLadder(rungs, { paint });

  /** The steps from one to another in which nothing is said. */
  function waits(from: number, to: number): FigureNote[] {
    return steps.slice(from, to + 1).flatMap(({ input }) => {
      if (kindOf(input) !== 'time') return [];
      return [{ kind: 'note', label: serverInputs[input] } as const];
    });
  }
}
