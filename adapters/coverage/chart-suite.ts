/** Suites of a machine, counted without playing them. */
import * as v from 'valibot';
import { type ActorCoverage, chartCoverage } from '../../machines/engine/coverage/index.js';
import { SuiteCounts } from '../../machines/engine/coverage/suite-counts.js';
import { abridged } from '../../machines/text/format.js';
import { FileError } from '../files/file-error.js';
import { type CountedMachine, starting } from './counted-machine.js';
import { objectLines } from './object-lines.js';

const headerSchema = v.object({ suite: v.literal(1), machine: v.string(), cases: v.number() });
const caseSchema = v.object({ steps: v.array(v.object({ edges: v.array(v.string()) })) });

/** @throws {FileError} for a suite of another machine or version, and for a damaged one */
export async function readChartSuite(
  path: string,
  counted: CountedMachine,
): Promise<ActorCoverage> {
  const { id } = counted.machine;
  const coverage = chartCoverage(counted.machine);
  const counts = new SuiteCounts(coverage, counted.input);
  let expected: number | null = null;
  let cases = 0;
  for await (const { text, value, line } of objectLines(path)) {
    if (text === '') continue;
    if (expected === null) {
      if (value !== null && value.machine !== id)
        throw new FileError(path, line, otherSuite(value.machine, id));
      expected = checked(headerSchema, value, path, line).cases;
      continue;
    }
    const { steps } = checked(caseSchema, value, path, line);
    const edges = steps.map((step) => step.edges);
    starting({ path, line }, counted, () => counts.add(edges));
    cases += 1;
  }
  if (cases !== expected) {
    const problem = `has ${cases} of ${expected} cases: it is cut off. Generate the suite again`;
    throw new FileError(path, null, problem);
  }
  counts.finish();
  return coverage;
}

function otherSuite(written: unknown, id: string): string {
  const of = written === undefined ? 'the registration chart' : `the machine ${abridged(written)}`;
  return `the suite is of ${of}, and not of the machine ${abridged(id)}. Give its machine (--machine)`;
}

function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  path: string,
  line: number,
): v.InferOutput<Schema> {
  const read = v.safeParse(schema, value);
  if (read.success) return read.output;
  throw new FileError(path, line, 'the suite is damaged, or of another version. Generate it again');
}
