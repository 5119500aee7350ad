/** What a protocol adds to the formats of a suite, and the texts that all formats share. */
import { criteria } from '../criteria.js';
import type { SuiteSettings } from '../model.js';
import type { Case, Suite } from '../suite.js';

/** What a suite calls the two sides and their sessions. */
export interface SuiteRoles {
  /** Who gives the inputs. */
  readonly client: string;
  /** What reacts to them. */
  readonly system: string;
  /** One case. */
  readonly session: string;
  /** The beginning of each case as a clause, and as a Given. */
  readonly begins: string;
  readonly given: string;
  /** The first arrow of a diagram; null for none. */
  readonly firstArrow: string | null;
}

/** A client and a server. */
export const connectionRoles: SuiteRoles = {
  client: 'client',
  system: 'server',
  session: 'connection',
  begins: 'a client connects',
  given: 'a client that has just connected',
  firstArrow: 'connect',
};

/** A protocol's suites in words. */
export interface SuiteWords<
  Input extends string = string,
  Settings extends SuiteSettings = SuiteSettings,
> {
  /** @default a client and a server */
  readonly roles?: SuiteRoles;
  /** The title of a feature. */
  readonly title: string;
  /** The system under test, as diagrams call it. */
  readonly system: string;
  /** What a client does for an input, after `the client`: `says EventAck itself`. */
  clientDoes(input: Input): string;
  /** What the server is expected to do, after `the server`: `answers EventAck`. */
  serverDoes(output: string): string;
  /** What a diagram shows for an input: the label of an arrow, or a note where nothing is sent. */
  inputArrow(input: Input): { readonly label: string; readonly isNote: boolean };
  /** The parts of an output, in order. @default its words */
  parts?(output: string): readonly string[];
  /** What a diagram shows for each part of an output. */
  outputArrow(part: string): {
    readonly label: string;
    readonly kind: 'message' | 'close' | 'note';
  };
  /** Sentences about the alphabet and the settings of a suite. */
  notes(suite: Suite<Input, Settings>): readonly string[];
  /** The options of `ixgate generate` that belong to the settings, e.g. ` --answers ack`. */
  options(settings: Settings): string;
  /** The lines before the tests of a vitest file: a comment that tells how to run it, and the code that defines `plays(case)`. */
  vitest(suite: Suite<Input, Settings>): {
    readonly comment: readonly string[];
    readonly code: readonly string[];
  };
}

/** A case as one sentence. */
export function caseSentence<Input extends string>(
  { steps }: Case<Input>,
  words: Pick<SuiteWords<Input>, 'clientDoes' | 'serverDoes' | 'roles'>,
): string {
  const { system, begins } = words.roles ?? connectionRoles;
  const parts = steps.map(
    ({ input, output }) =>
      `it ${words.clientDoes(input)}, the ${system} ${words.serverDoes(output)}`,
  );
  return `${begins}; ${parts.join('; ')}`;
}

/** The parts of an output, in order. */
export function partsOf(output: string): string[] {
  return output.split(' ').filter((part) => part !== '');
}

/** The head of a suite in every format: its criterion and guarantee, how to generate it again, and the numbers of cases and inputs. */
export function headingOf<Input extends string, Settings extends SuiteSettings>(
  suite: Suite<Input, Settings>,
  words: SuiteWords<Input, Settings>,
): string[] {
  const { criterion, guarantee, cases, steps, seed } = suite;
  const { session } = words.roles ?? connectionRoles;
  const requirement = criterion.startsWith('random:')
    ? criteria['random:N']
    : requirementOf(criterion);
  return [
    `Criterion ${criterion}: ${requirement}${seed === null ? '' : ` (seed ${seed})`}.`,
    `This suite ${guarantee}.`,
    `${cases} ${cases === 1 ? 'case' : 'cases'}, a ${session} each, with ${steps} inputs.`,
    ...words.notes(suite),
  ];
}

function requirementOf(criterion: string): string {
  return Object.hasOwn(criteria, criterion) ? criteria[criterion as keyof typeof criteria] : '';
}

/** The mark in the first line of a generated file: only a file with it may be overwritten. */
export const mark = 'Made by ixgate generate';

/** The first line, without the characters that make it a comment. */
export function firstLine<Input extends string, Settings extends SuiteSettings>(
  suite: Suite<Input, Settings>,
  words: SuiteWords<Input, Settings>,
): string {
  const { criterion, seed } = suite;
  const seeded = seed === null ? '' : ` --seed ${seed}`;
  return `${mark} --criterion ${criterion}${seeded}${words.options(suite)}; generating it again overwrites this file.`;
}
