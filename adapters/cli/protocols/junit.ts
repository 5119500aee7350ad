import { differenceOf, type ProtocolReport } from '../../tester/protocols/index.js';
import { inXml, junitReport } from '../testing/junit.js';

/** A test case for each statement and each case. A statement that was not tested is skipped. */
export async function protocolJunit(
  title: string,
  { statements }: ProtocolReport,
  results: readonly { readonly id: string; readonly difference: string | null }[],
): Promise<string> {
  const builder = await junitReport();
  const suite = builder.testSuite().name(inXml(`statements: ${title}`));
  for (const { statement, verdict, shortest } of statements) {
    const test = suite
      .testCase()
      .className('statement')
      .name(inXml(`${statement.id}: ${statement.sentence}`));
    if (shortest) test.failure(inXml(differenceOf(shortest)), inXml(statement.id));
    else if (verdict === 'not tested') test.skipped();
  }
  const cases = builder.testSuite().name(inXml(`cases: ${title}`));
  for (const { id, difference } of results) {
    const test = cases.testCase().className('case').name(inXml(id));
    if (difference !== null) test.failure(inXml(difference));
  }
  return builder.build();
}
