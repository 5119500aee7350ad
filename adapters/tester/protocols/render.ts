/** Figures and reports of a protocol as text for a terminal. */
import type { ProtocolFigure } from '../../../machines/engine/kit/definition.js';
import type { FailedCase, StatementVerdict } from '../../../machines/engine/kit/statements.js';

import type { CaseFailure } from '../../../machines/engine/playing/play-suite.js';
import { partsOf } from '../../../machines/engine/testgen/formats/words.js';
import { visible } from '../../../machines/text/format.js';
import { formatRow, widestOf } from '../../runtime/text-table.js';
import { Lifelines } from '../ladder.js';
import { noPaint, type Paint } from '../paint.js';
import type { ProtocolReport } from './conform-protocol.js';
import type { ChosenProtocol } from './protocol-run.js';

const client = 'Client';

/** A figure: title, source, and two lifelines with their arrows. */
export function renderProtocolFigure(
  { live: { protocol } }: ChosenProtocol,
  { id, title, source, steps }: ProtocolFigure,
  paint: Paint = noPaint,
): string {
  const { system, words } = protocol;
  const lines = new Lifelines(
    Math.max(40, widestOf(steps.map(({ input }) => words.inputArrow(input).label)) + 6),
    [client, system],
  );
  const text = [
    paint.bold(`${id}  ${title}`),
    paint.dim(source),
    '',
    ...lines.heads(),
    ...lines.arrow(client, 'connect', false),
    ...steps.flatMap(({ input, output }) => {
      const { label, isNote } = words.inputArrow(input);
      const did = isNote ? lines.note(label) : lines.arrow(client, label, false);
      const answers = partsOf(output).map((part) => words.outputArrow(part));
      return [
        ...did,
        ...answers.flatMap((answer) => lines.arrow(system, answer.label, answer.kind === 'close')),
      ];
    }),
    lines.line(),
  ];
  return `${text.join('\n')}\n`;
}

/** The first difference of a case, as a sentence: `ping after connect: expected PINGRESP, observed nothing`. */
export function renderDifference(
  inputs: readonly string[],
  { at, expected, observed, error }: Pick<CaseFailure, 'at' | 'expected' | 'observed' | 'error'>,
): string {
  const before = inputs.slice(0, at).join(', ');
  const path = before === '' ? '' : ` after ${before}`;
  const seen =
    observed === null
      ? `failed: ${error instanceof Error ? error.message : error}`
      : outputs(observed);
  return visible(`${inputs[at]}${path}: expected ${outputs(expected)}, observed ${seen}`);
}

/** The statements with their verdicts, the allowed variants and the sums. */
export function renderProtocolReport(report: ProtocolReport, paint: Paint = noPaint): string {
  const { statements, others, variants, cases, passed, unplayed, missing } = report;
  const width = widestOf(statements.map(({ statement }) => statement.id));
  const count = (wanted: StatementVerdict['verdict']) =>
    statements.filter(({ verdict }) => verdict === wanted).length;
  const text = [
    ...section(
      'Statements',
      statements.flatMap((one) => statementLines(one, width, paint)),
      paint,
    ),
    ...section(
      'Other differences',
      others.map((one) => indent + paint.red(differenceOf(one))),
      paint,
    ),
    ...section(
      'Allowed, but not the expected output',
      variants.map(
        ({ from, input, expected, observed }) =>
          `${indent}${input} in ${from}: ${outputs(observed)} instead of ${outputs(expected)}`,
      ),
      paint,
    ),
    ...section(
      unplayed > 0 ? `Not tested (${unplayed} cases left out or shortened)` : 'Not tested',
      missing.map((one) => `${indent}${one}`),
      paint,
    ),
    summary(
      `${passed} of ${cases} cases passed; ${count('holds')} of ${statements.length} statements hold, ${count('differs')} differ, ${count('not tested')} not tested`,
      passed === cases,
      paint,
    ),
  ];
  return `${text.join('\n')}\n`;
}

const indent = '  ';

function section(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : [paint.bold(title), ...lines, ''];
}

function statementLines(
  { statement, verdict, shortest, failed }: StatementVerdict,
  width: number,
  paint: Paint,
): string[] {
  const colour = verdict === 'holds' ? paint.green : verdict === 'differs' ? paint.red : paint.dim;
  const mark = colour((verdict === 'differs' ? 'DIFFERS' : verdict).padEnd(10));
  const row = formatRow([mark, statement.id, statement.sentence], [{ width: 10 }, { width }]);
  const more = failed > 1 ? ` (${failed} cases)` : '';
  return [
    row,
    ...(shortest ? [`${' '.repeat(width + 14)}${paint.red(differenceOf(shortest))}${more}`] : []),
  ];
}

/** A failed case in words. */
export function differenceOf({ case: { steps }, at, observed }: FailedCase): string {
  const inputs = steps.map(({ input }) => input);
  return renderDifference(inputs, { at, expected: steps[at]?.output ?? '', observed, error: null });
}

function outputs(text: string): string {
  return text === '' ? 'nothing' : text;
}

function summary(text: string, isGood: boolean, paint: Paint): string {
  return isGood ? paint.green(text) : paint.red(text);
}
