/** A conformance report as text for a terminal. */

import type { FigureNote } from '../../../machines/registration/figures/figures.js';
import { inMilliseconds as ms } from '../../../machines/registration/figures/observed.js';
import { kindOf, serverInputs } from '../../../machines/registration/sut/inputs.js';
import { duration, visible } from '../../../machines/text/format.js';
import { countLine, formatRow, widestOf } from '../../runtime/text-table.js';
import { type LadderArrow, renderLadder } from '../ladder.js';
import { noPaint, type Paint } from '../paint.js';
import { renderTimerPolicy } from './render-policy.js';
import type {
  CaseDifference,
  CaseResult,
  ConformFailure,
  ConformReport,
  EdgeVerdict,
  TimeoutUsed,
} from './result.js';

/** Number of failures with a ladder; the others are only listed. */
const maxDrawn = 10;

/** The whole report. The first line has the verdict. */
export function renderConform(report: ConformReport, paint: Paint = noPaint): string {
  const { edges, failures, undocumented, unconfirmed, inconclusive } = report;
  const { registration, rejection } = report.timeouts;
  const documented = edges.filter(({ figures }) => figures.length > 0);
  const own = edges.filter(({ figures }) => figures.length === 0);
  const lines = [
    verdictLine(report, paint),
    `${report.criterion}: ${visible(report.guarantee)}`,
    `registration timeout ${timeout(registration)}, rejection timeout ${timeout(rejection)}, answers to registered clients: ${report.answers === 'any' ? 'any (not judged, at most one to each message)' : report.answers}`,
    '',
    paint.bold('Documented edges'),
    ...edgeTable(documented, paint),
    '',
    paint.bold('This project’s own choices, not in a figure'),
    ...edgeTable(own, paint),
    '',
    ...renderTimerPolicy(report.timerPolicy, paint),
    ...section(
      'Sent by the server, not in a figure',
      undocumented.map(({ message, count, description }) =>
        countLine(count, `${visible(message)}: ${description}`, 6),
      ),
      paint,
    ),
    ...section(
      'Inconclusive',
      inconclusive.map(({ reason, count }) => countLine(count, reason, 6)),
      paint,
    ),
    ...section('Seen once, not confirmed', unconfirmedLines(unconfirmed), paint),
    ...failures.flatMap((failure, at) => ['', ...renderFailure(failure, at, report, paint)]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The verdict in one sentence. */
function verdictLine(report: ConformReport, paint: Paint): string {
  const { passed, interrupted, failures, cases, criterion, documentedOnly } = report;
  const name = visible(report.target);
  const counted = failures.filter(({ isDocumented }) => isDocumented || !documentedOnly).length;
  const played = cases.passed + cases.failed + cases.inconclusive;
  const left = cases.total - played - cases.skipped;
  const all = `${cases.total} cases of ${criterion}`;
  const time = `(${report.connections} connections, ${report.inputs} inputs passed, ${duration(report.elapsed)})`;
  const why = interrupted ? 'interrupted' : 'the server was gone';
  const rest = [
    cases.skipped > 0 && `${cases.skipped} more were skipped because they begin like them`,
    left > 0 && `${left} were not played: ${why}`,
  ].filter(Boolean);
  const more = rest.map((one) => `, ${one}`).join('');
  if (passed && failures.length === 0)
    return `${paint.green('pass')}  ${name}: all ${all} passed ${time}`;
  if (passed) {
    const own = `${differences(failures.length)} outside the figures`;
    return `${paint.green('pass')}  ${name}: everything that the figures show, in ${all}; ${own} ${time}`;
  }
  if (counted > 0)
    return `${paint.red('FAIL')}  ${name} differs from ${documentedOnly ? 'the figures' : 'the model'}: ${differences(counted)}, seen in ${cases.failed} of ${all}${more} ${time}`;
  const some = `${cases.passed} of ${all} passed`;
  if (interrupted) return `${paint.red('interrupted')}  ${name}: ${some}${more} ${time}`;
  return `${paint.red('inconclusive')}  ${name}: ${some}, ${cases.inconclusive} were inconclusive${more} ${time}`;
}

/** Unconfirmed differences, one line for each kind. */
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
    const { verdict, passed, failed, figures } = one;
    const word = { pass: 'pass', fail: 'FAIL', 'not-reached': 'not reached' }[verdict];
    const colour = { pass: paint.green, fail: paint.red, 'not-reached': paint.dim }[verdict];
    const counts =
      failed > 0
        ? `failed ${times(failed)}, passed ${times(passed)}`
        : verdict === 'pass'
          ? times(passed)
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
  const source = isDocumented
    ? `figure ${difference.figures.join(', ')}`
    : 'this project’s own choice, not in a figure';
  const counts = documentedOnly && !isDocumented ? ', not counted' : '';
  const cases = count === 1 ? '1 case' : `${count} cases`;
  const head = [
    `${paint.red(`${at + 1}. ${visible(difference.sentence)}`)}`,
    `   ${code}; ${cases}; ${source}${counts}`,
    `   expected ${visible(difference.expected)}, came ${visible(difference.came)}`,
    `   shortest session: ${shortest.case.id}`,
  ];
  const hint = hintFor(shortest.case.id, code);
  if (hint) head.push(`   ${hint}`);
  if (at >= maxDrawn) return head;
  return [...head, '', renderSession(shortest, paint).trimEnd()];
}

/** Most servers have a list of clients: the tester needs one that is on it, and one that is not. */
function hintFor(inputs: string, code: string): string | null {
  if (code !== 'wrong-message') return null;
  if (inputs === 'register') return 'set a client that the server accepts with --valid';
  if (inputs === 'register-invalid') return 'set a client that the server refuses with --invalid';
  return null;
}

/** The session of a case as a ladder, with the difference at the last arrow. */
export function renderSession(
  { case: { steps }, seen, difference }: CaseResult,
  paint: Paint = noPaint,
): string {
  const arrows: LadderArrow[] = seen.map((arrow, at) =>
    difference && at === seen.length - 1
      ? { ...arrow, mark: 'FAIL', note: difference.sentence, isWrong: true }
      : arrow,
  );
  const rungs = seen.flatMap((arrow, at): (LadderArrow | FigureNote)[] => {
    const before = seen[at - 1]?.step ?? -1;
    return [...waits(before + 1, arrow.step ?? -1), arrows[at] ?? arrow];
  });
  const last = seen.at(-1)?.step ?? -1;
  rungs.push(...waits(last + 1, steps.length - 1));
  return renderLadder(rungs, { paint });

  /** The waits in a range of steps. */
  function waits(from: number, to: number): FigureNote[] {
    return steps.slice(from, to + 1).flatMap(({ input }) => {
      if (kindOf(input) !== 'time') return [];
      return [{ kind: 'note', label: serverInputs[input] } as const];
    });
  }
}
