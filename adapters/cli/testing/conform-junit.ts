import type { ConformReport, EdgeVerdict } from '../../tester/index.js';
import { inXml, junitReport } from './junit.js';

/** The report as JUnit XML: a test case for each edge and each difference, and one for inconclusive cases. */
export async function conformJunit(report: ConformReport): Promise<string> {
  const { edges, failures, documentedOnly, inconclusive, target, criterion } = report;
  const builder = await junitReport();
  const title = `${inXml(target)} ${criterion}`;
  const documented = builder.testSuite().name(`documented edges: ${title}`);
  const own = builder.testSuite().name(`this project's own choices: ${title}`);
  for (const one of edges) {
    const isDocumented = one.figures.length > 0;
    const test = (isDocumented ? documented : own).testCase().className('edge').name(nameOf(one));
    if (one.verdict === 'not-reached') test.skipped();
    else if (one.verdict === 'fail') {
      if (isDocumented || !documentedOnly) test.failure(violations(one, report));
      else test.skipped();
    }
  }
  const differences = builder.testSuite().name(`differences: ${title}`);
  for (const { difference, shortest, isDocumented, count } of failures) {
    const test = differences.testCase().className(difference.code).name(shortest.case.id);
    const text = `${inXml(difference.sentence)} (${count} cases)`;
    if (isDocumented || !documentedOnly) test.failure(text, difference.code);
    else test.skipped();
  }
  const suite = builder
    .testSuite()
    .name(`cases: ${title}`)
    .time(report.elapsed / 1_000);
  const whole = suite.testCase().className('suite').name(criterion);
  const reasons = inconclusive.map(({ reason, count }) => `${count}: ${reason}`);
  if (report.interrupted) whole.error('interrupted before every case was played');
  else if (reasons.length > 0) whole.error(`inconclusive: ${reasons.join('; ')}`);
  return builder.build();
}

function nameOf({ edge, from, figures }: EdgeVerdict): string {
  return from === null ? `${edge} (figures ${figures.join(', ')})` : `${edge} in ${from}`;
}

function violations({ edge, from }: EdgeVerdict, { failures }: ConformReport): string {
  const sentences = failures
    .filter(({ difference }) => difference.edges.includes(edge))
    .filter(({ difference }) => from === null || difference.from === from)
    .map(({ difference }) => inXml(difference.sentence));
  return sentences.join('\n') || 'failed';
}
