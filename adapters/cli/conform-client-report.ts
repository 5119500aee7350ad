/** What `ixgate conform-client` tells: for people, for machines, and as JUnit. */
import type { Builder } from 'junit-report-builder';
import { duration, visible } from '../../machines/index.js';
import {
  type ClientConformance,
  type ClientVerdict,
  type PathRun,
  type RequirementResult,
  renderPathLadder,
} from '../tester/index.js';
import { type Output, rounded } from './output.js';

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

/** A test case each requirement and each path. What was not reached is an error: it is not green. */
export async function junitOf(
  { requirements, paths }: ClientConformance,
  endpoint: string,
): Promise<string> {
  const { default: junit } = await import('junit-report-builder');
  // Its types have the builder in another place than it is.
  const builder = (junit as unknown as Builder).newBuilder();
  const suite = builder.testSuite().name(`ixgate conform-client ${endpoint}`);
  for (const { requirement, verdict, violations } of requirements) {
    const test = suite.testCase().className('requirements').name(requirement.sentence);
    const found = violations.map(({ path, sentence }) => inXml(`${path}: ${sentence}`));
    if (verdict === 'violated') test.failure(found.join('\n'), requirement.id);
    if (verdict === 'not-reached') test.error('not reached', requirement.id);
  }
  for (const run of paths) {
    const test = suite.testCase().className('paths').name(`${run.path.id}: ${run.path.title}`);
    test.time(Math.round(run.elapsed) / 1_000);
    const found = run.violations.map(({ sentence }) => inXml(sentence));
    if (run.verdict === 'violated')
      test.failure(found.join('\n')).stacktrace(renderPathLadder(run).replace(notXml, '?'));
    if (run.verdict === 'not-reached') test.error(inXml(run.ending));
  }
  return builder.build();
}

/** Characters that XML does not allow even escaped, beside those that `visible` writes out. */
const notXml = /[\uFFFE\uFFFF]/g;

function inXml(text: string): string {
  return visible(text).replace(notXml, '?');
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
