import { type ClientConformance, renderPathLadder } from '../../tester/index.js';
import { inXml, junitReport, linesInXml } from './junit.js';

/** A test case for each requirement and each path. An inconclusive one is an error. */
export async function conformClientJunit(
  { requirements, paths }: ClientConformance,
  endpoint: string,
): Promise<string> {
  const builder = await junitReport();
  const suite = builder.testSuite().name(`ixgate conform-client ${endpoint}`);
  for (const { requirement, verdict, violations } of requirements) {
    const test = suite.testCase().className('requirements').name(requirement.sentence);
    const found = violations.map(({ path, sentence }) => inXml(`${path}: ${sentence}`));
    if (verdict === 'fail') test.failure(found.join('\n'), requirement.id);
    if (verdict === 'inconclusive') test.error('inconclusive: not tested', requirement.id);
  }
  for (const run of paths) {
    const test = suite.testCase().className('paths').name(`${run.path.id}: ${run.path.title}`);
    test.time(Math.round(run.elapsed) / 1_000);
    const found = run.violations.map(({ sentence }) => inXml(sentence));
    if (run.verdict === 'fail')
      test.failure(found.join('\n')).stacktrace(linesInXml(renderPathLadder(run)));
    if (run.verdict === 'inconclusive') test.error(inXml(run.ending));
  }
  return builder.build();
}
