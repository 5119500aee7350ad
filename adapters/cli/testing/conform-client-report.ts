/** The output of `ixgate conform-client`, as text and as JSON. */
import { duration, visible } from '../../../machines/text/format.js';
import {
  type ClientConformance,
  type ClientVerdict,
  type PathRun,
  type RequirementResult,
  renderPathLadder,
} from '../../tester/index.js';
import { type Output, rounded } from '../output.js';

/** One path at its end: a line, and for each violation a sentence and the ladder. */
export function tellPath(run: PathRun, output: Output): void {
  const { path, verdict, violations, elapsed, ending } = run;
  const isPlayed = verdict !== 'inconclusive';
  const time = (isPlayed ? duration(elapsed) : '').padStart(8);
  const why = isPlayed ? '' : output.paint.dim(`: ${visible(ending)}`);
  const lines = [`${mark(verdict, output)}  ${path.id.padEnd(13)} ${time}  ${path.title}${why}`];
  for (const { requirement, sentence } of violations)
    lines.push(
      `${indent}${output.paint.red(visible(sentence))} ${output.paint.dim(`(${requirement})`)}`,
    );
  if (violations.length > 0) lines.push('', renderPathLadder(run, { paint: output.paint }));
  output.tell(lines.join('\n'), {
    event: 'path',
    path: path.id,
    title: path.title,
    verdict,
    elapsedMs: rounded(elapsed),
    ending,
    violations,
    seen: run.seen,
  });
}

/** The requirements with their verdicts. */
export function tellResult(result: ClientConformance, output: Output): void {
  const { requirements, paths, verdict } = result;
  const { paint } = output;
  const lines = requirements.flatMap((one) => requirementLines(one, output));
  const count = (wanted: ClientVerdict) =>
    requirements.filter((one) => one.verdict === wanted).length;
  const played = paths.filter((run) => run.verdict !== 'inconclusive').length;
  const sum = `${count('pass')} of ${requirements.length} requirements passed, ${count('fail')} failed, ${count('inconclusive')} inconclusive; ${played} of ${paths.length} paths played`;
  const coloured = verdict === 'pass' ? paint.green(sum) : paint.red(sum);
  output.tell(['', paint.bold('Requirements'), ...lines, '', coloured].join('\n'), {
    event: 'result',
    verdict,
    requirements: requirements.map(({ requirement, ...rest }) => ({ ...requirement, ...rest })),
    paths: Object.fromEntries(paths.map((run) => [run.path.id, run.verdict])),
  });
}

const indent = ' '.repeat(14);

function requirementLines(
  { requirement, verdict, violations }: RequirementResult,
  output: Output,
): string[] {
  const { figures, sentence } = requirement;
  const figure = figures.length > 1 ? 'figures' : 'figure';
  const source = figures.length > 0 ? `${figure} ${figures.join(', ')}` : 'reading';
  const found = violations.map(
    (one) => `${indent}${output.paint.red(visible(`on path ${one.path}: ${one.sentence}`))}`,
  );
  return [`${mark(verdict, output)}  ${sentence} ${output.paint.dim(`(${source})`)}`, ...found];
}

function mark(verdict: ClientVerdict, { paint }: Output): string {
  if (verdict === 'pass') return paint.green('pass        ');
  return verdict === 'fail' ? paint.red('FAIL        ') : paint.dim('inconclusive');
}
