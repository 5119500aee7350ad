/** Suites as files: newline-delimited JSON, the header on the first line, then a case a line. */
import * as v from 'valibot';
import { configurations } from '../../registration/chart/configurations.js';
import {
  type ServerInput,
  type ServiceAnswer,
  serverInputNames,
} from '../../registration/sut/index.js';
import { type Criterion, parseCriterion } from './criteria.js';
import { type Case, caseIdOf, type Suite, type SuiteHeader } from './suite.js';

/** A suite file that cannot be used. The message says where, why and what would be right. */
export class SuiteFileError extends Error {
  override readonly name = 'SuiteFileError';
  readonly code = 'BAD_SUITE';
  /** 1 and up. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
  }
}

/** The lines of a suite's file, each with its line end, made one after the other. */
export function* suiteText(suite: Suite): Generator<string> {
  const { suite: version, criterion, guarantee, seed, inputs, answers, cases, steps } = suite;
  const header = { suite: version, criterion, guarantee, seed, inputs, answers, cases, steps };
  yield `${JSON.stringify(header)}\n`;
  for (const one of suite) yield `${JSON.stringify(one)}\n`;
}

/** A suite as it is read. */
export interface ReadSuite {
  readonly header: SuiteHeader;
  /** Read while they are asked for. Throws {SuiteFileError} at a line that is damaged, and where the file ends too early. */
  readonly cases: AsyncIterable<Case>;
}

/**
 * Reads a suite from the lines of a file; a byte order mark and CRLF are accepted, empty lines ignored.
 * @throws {SuiteFileError} when the first line is not a header of this version.
 */
export async function readSuite(
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<ReadSuite> {
  const written = numbered(lines);
  const first = await written.next();
  if (first.done) throw new SuiteFileError(1, `the file is empty: ${noSuite}`);
  const header = parseSuiteHeader(first.value.text, first.value.line);
  return { header, cases: casesOf(header, written) };
}

/**
 * Reads the first line of a suite's file.
 * @param line its number, for the error.
 * @throws {SuiteFileError}
 */
export function parseSuiteHeader(text: string, line = 1): SuiteHeader {
  const value = objectIn(text, line, noSuite);
  const version = (value as { suite?: unknown }).suite;
  if (version === undefined) throw new SuiteFileError(line, `no field suite: ${noSuite}`);
  if (version !== 1) {
    const reason = `a suite of version ${shown(version)}; this ixgate reads version 1: generate it again`;
    throw new SuiteFileError(line, reason);
  }
  return checked(headerSchema, value, line);
}

/**
 * Reads a line with a case.
 * @param header of the suite: a case has inputs of its alphabet only. @param line its number, for the error.
 * @throws {SuiteFileError}
 */
export function parseCase(text: string, header: SuiteHeader, line: number): Case {
  const value = checked(caseSchema, objectIn(text, line, damaged), line);
  const other = value.steps.find(({ input }) => !header.inputs.includes(input));
  if (other) {
    const reason = `the input ${other.input} is not among the inputs of the suite: ${damaged}`;
    throw new SuiteFileError(line, reason);
  }
  const id = caseIdOf(value.steps.map(({ input }) => input));
  if (id !== value.id) {
    throw new SuiteFileError(
      line,
      `the id ${shown(value.id)} is not that of its inputs: ${damaged}`,
    );
  }
  return value;
}

const noSuite = 'this is no suite of ixgate (make one with ixgate generate --format json)';
const damaged = 'the file is damaged, generate it again';

const among = <const Names extends readonly string[]>(names: Names) =>
  v.picklist(names, names.join(', '));
const whole = 'a whole number, 0 or more';
const count = v.pipe(v.number(whole), v.safeInteger(whole), v.minValue(0, whole));
const input = among(serverInputNames as unknown as readonly [ServerInput, ...ServerInput[]]);
const answers: readonly [ServiceAnswer, ...ServiceAnswer[]] = ['ack', 'none', 'any'];

const headerSchema = v.object({
  suite: v.literal(1),
  criterion: v.pipe(v.string('a text'), v.check(isCriterion, 'a criterion, e.g. w1')),
  guarantee: v.string('a text'),
  seed: v.nullable(count),
  inputs: v.pipe(v.array(input, 'a list of inputs'), v.minLength(1, 'one input or more')),
  answers: among(answers),
  cases: count,
  steps: count,
});

const stepSchema = v.object(
  {
    input,
    output: v.string('a text'),
    from: among(configurations),
    to: among(configurations),
    edges: v.array(v.string('a list of texts'), 'a list of texts'),
  },
  'an object',
);

const caseSchema = v.object({
  id: v.string('a text'),
  steps: v.pipe(v.array(stepSchema, 'a list of steps'), v.minLength(1, 'one step or more')),
});

function isCriterion(text: string): text is Criterion {
  try {
    return parseCriterion(text) === text;
  } catch {
    return false;
  }
}

interface WrittenLine {
  readonly text: string;
  readonly line: number;
}

async function* numbered(
  lines: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<WrittenLine> {
  let line = 0;
  for await (const raw of lines) {
    line += 1;
    const text = raw.replace(/^\uFEFF/, '').trim();
    if (text !== '') yield { text, line };
  }
}

async function* casesOf(
  header: SuiteHeader,
  lines: AsyncIterable<WrittenLine>,
): AsyncGenerator<Case> {
  let [cases, last] = [0, 1];
  for await (const { text, line } of lines) {
    yield parseCase(text, header, line);
    cases += 1;
    last = line;
  }
  if (cases !== header.cases) {
    const reason = `the suite has ${cases} cases and says that it has ${header.cases}: the file is cut off or ${damaged.replace('the file is ', '')}`;
    throw new SuiteFileError(last, reason);
  }
}

function objectIn(text: string, line: number, hint: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SuiteFileError(line, `not JSON: ${hint}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SuiteFileError(line, `JSON, but no object: ${hint}`);
}

function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  line: number,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [{ path, message }] = result.issues;
  const field = path?.map(({ key }) => String(key)).join('.') ?? '';
  const found = path?.at(-1)?.value;
  const problem =
    found === undefined
      ? `no ${field}: ${damaged}`
      : `${field} is ${shown(found)}; allowed: ${message}`;
  throw new SuiteFileError(line, problem);
}

/** A value that is not plain is shown by its kind only. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
