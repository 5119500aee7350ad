/** Suites as files: newline-delimited JSON, the header on the first line, then a case a line. */
import * as v from 'valibot';
import { type Criterion, parseCriterion } from './criteria.js';
import type { SuiteSettings } from './model.js';
import { type Case, caseIdOf, type Suite, type SuiteHeader } from './suite.js';

/** The names that a suite file of a protocol may contain. */
export interface SuiteNames<
  Input extends string = string,
  Settings extends SuiteSettings = SuiteSettings,
> {
  /** The inputs. */
  readonly inputs: readonly Input[];
  /** The states of the chart. */
  readonly states: readonly string[];
  /** The allowed values of each setting. */
  readonly settings: { readonly [Name in keyof Settings]: readonly Settings[Name][] };
}

/** An invalid suite file. The message names the line, the problem and the expected content. */
export class SuiteFileError extends Error {
  override readonly name = 'SuiteFileError';
  readonly code = 'BAD_SUITE';
  /** The number of the line, from 1. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
  }
}

/** Generates the lines of a suite file, each with its line end. */
export function* suiteText(suite: Suite): Generator<string> {
  const { suite: version, criterion, guarantee, seed, inputs, cases, steps, ...settings } = suite;
  const header = { suite: version, criterion, guarantee, seed, inputs, ...settings, cases, steps };
  yield `${JSON.stringify(header)}\n`;
  for (const one of suite) yield `${JSON.stringify(one)}\n`;
}

/** A suite that is read from a file. */
export interface ReadSuite<
  Input extends string = string,
  Settings extends SuiteSettings = SuiteSettings,
> {
  readonly header: SuiteHeader<Input, Settings>;
  /** Reads the cases on demand. Throws {SuiteFileError} at a damaged line, and at the end of a file that is cut off. */
  readonly cases: AsyncIterable<Case<Input>>;
}

/** Reads the suite files of one protocol. */
export class SuiteReader<Input extends string, Settings extends SuiteSettings> {
  readonly #header: v.GenericSchema<unknown, SuiteHeader<Input, Settings>>;
  readonly #case: v.GenericSchema<unknown, Case<Input>>;

  constructor({ inputs, states, settings }: SuiteNames<Input, Settings>) {
    const input = among(inputs);
    const choices = Object.entries(settings as Record<string, readonly string[]>);
    this.#header = v.object({
      suite: v.literal(1),
      criterion: v.pipe(v.string('a text'), v.check(isCriterion, 'a criterion, e.g. w1')),
      guarantee: v.string('a text'),
      seed: v.nullable(count),
      inputs: v.pipe(v.array(input, 'a list of inputs'), v.minLength(1, 'one input or more')),
      ...Object.fromEntries(choices.map(([name, values]) => [name, among(values)])),
      cases: count,
      steps: count,
    }) as never;
    const step = v.object(
      {
        input,
        output: v.string('a text'),
        from: among(states),
        to: among(states),
        edges: v.array(v.string('a list of texts'), 'a list of texts'),
      },
      'an object',
    );
    this.#case = v.object({
      id: v.string('a text'),
      steps: v.pipe(v.array(step, 'a list of steps'), v.minLength(1, 'one step or more')),
    }) as never;
  }

  /**
   * Reads a suite from the lines of a file. A byte order mark and CRLF are accepted, empty lines are ignored.
   * @throws {SuiteFileError} when the first line is not a header of this version.
   */
  async read(lines: Iterable<string> | AsyncIterable<string>): Promise<ReadSuite<Input, Settings>> {
    const written = numbered(lines);
    const first = await written.next();
    if (first.done) throw new SuiteFileError(1, `the file is empty: ${notASuite}`);
    const header = this.header(first.value.text, first.value.line);
    return { header, cases: this.#cases(header, written) };
  }

  /**
   * Reads the first line of a suite file.
   * @param line its number, for the error.
   * @throws {SuiteFileError}
   */
  header(text: string, line = 1): SuiteHeader<Input, Settings> {
    const value = objectIn(text, line, notASuite);
    const version = (value as { suite?: unknown }).suite;
    if (version === undefined) throw new SuiteFileError(line, `no field suite: ${notASuite}`);
    if (version !== 1) {
      const reason = `a suite of version ${shown(version)}; this ixgate reads version 1: generate it again`;
      throw new SuiteFileError(line, reason);
    }
    return checked(this.#header, value, line);
  }

  /**
   * Reads a line with a case.
   * @param header of the suite: a case has inputs of its alphabet only. @param line its number, for the error.
   * @throws {SuiteFileError}
   */
  case(text: string, header: SuiteHeader<Input, Settings>, line: number): Case<Input> {
    const value = checked(this.#case, objectIn(text, line, damaged), line);
    const other = value.steps.find(({ input }) => !header.inputs.includes(input));
    if (other) {
      const reason = `the input ${other.input} is not among the inputs of the suite: ${damaged}`;
      throw new SuiteFileError(line, reason);
    }
    const id = caseIdOf(value.steps.map(({ input }) => input));
    if (id !== value.id) {
      const reason = `the id ${shown(value.id)} does not match its inputs: ${damaged}`;
      throw new SuiteFileError(line, reason);
    }
    return value;
  }

  async *#cases(
    header: SuiteHeader<Input, Settings>,
    lines: AsyncIterable<WrittenLine>,
  ): AsyncGenerator<Case<Input>> {
    let [cases, last] = [0, 1];
    for await (const { text, line } of lines) {
      yield this.case(text, header, line);
      cases += 1;
      last = line;
    }
    if (cases !== header.cases) {
      const reason = `the suite has ${cases} cases, but its header says ${header.cases}: the file is cut off or ${damaged.replace('the file is ', '')}`;
      throw new SuiteFileError(last, reason);
    }
  }
}

const notASuite = 'not a suite file of ixgate (generate one with ixgate generate --format json)';
const damaged = 'the file is damaged, generate it again';

const among = <Name extends string>(names: readonly Name[]) => v.picklist(names, names.join(', '));
const whole = 'a whole number, 0 or more';
const count = v.pipe(v.number(whole), v.safeInteger(whole), v.minValue(0, whole));

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

function objectIn(text: string, line: number, hint: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SuiteFileError(line, `not JSON: ${hint}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SuiteFileError(line, `expected a JSON object: ${hint}`);
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

/** A value for an error message. Lists and objects are shown by their kind only. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
