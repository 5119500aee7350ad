/** What `ixgate conform-client` tells, for people and for machines. */
import { duration, visible } from '../../../machines/index.js';
import {
  type ClientConformance,
  type ClientVerdict,
  type PathRun,
  type RequirementResult,
  renderPathLadder,
} from '../../tester/index.js';
import { type Output, rounded } from '../output.js';

/** One path as soon as it is over: a line, and where something did not hold what, and the ladder. */
export function tellPath(run: PathRun, output: Output): void {
  const { path, verdict, violations, elapsed, ending } = run;
  const isReached = verdict !== 'not-reached';
  const time = (isReached ? duration(elapsed) : '').padStart(8);
  const why = isReached ? '' : output.paint.dim(`: ${visible(ending)}`);
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

/** The requirements, and how many of them held. */
export function tellResult(result: ClientConformance, output: Output): void {
  const { requirements, paths, verdict } = result;
  const { paint } = output;
  const lines = requirements.flatMap((one) => requirementLines(one, output));
  const count = (wanted: ClientVerdict) =>
    requirements.filter((one) => one.verdict === wanted).length;
  const played = paths.filter((run) => run.verdict !== 'not-reached').length;
  const sum = `${count('held')} of ${requirements.length} requirements held, ${count('violated')} violated, ${count('not-reached')} not reached; ${played} of ${paths.length} paths played`;
  const coloured = verdict === 'held' ? paint.green(sum) : paint.red(sum);
  output.tell(['', paint.bold('Requirements'), ...lines, '', coloured].join('\n'), {
    event: 'result',
    verdict,
    requirements: requirements.map(({ requirement, ...rest }) => ({ ...requirement, ...rest })),
    paths: Object.fromEntries(paths.map((run) => [run.path.id, run.verdict])),
  });
}

const indent = ' '.repeat(13);

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
  if (verdict === 'held') return paint.green('held       ');
  return verdict === 'violated' ? paint.red('VIOLATED   ') : paint.dim('not reached');
}
