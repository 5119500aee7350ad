/** What a protocol adds to the formats of a suite, and the texts that all formats share. */
import { criteria } from '../criteria.js';
import type { SuiteSettings } from '../model.js';
import type { Case, Suite } from '../suite.js';

/** A protocol's suites in words. */
export interface SuiteWords<
  Input extends string = string,
  Settings extends SuiteSettings = SuiteSettings,
> {
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
  words: Pick<SuiteWords<Input>, 'clientDoes' | 'serverDoes'>,
): string {
  const parts = steps.map(
    ({ input, output }) => `it ${words.clientDoes(input)}, the server ${words.serverDoes(output)}`,
  );
  return `a client connects; ${parts.join('; ')}`;
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
  const requirement = criterion.startsWith('random:')
    ? criteria['random:N']
    : requirementOf(criterion);
  return [
    `Criterion ${criterion}: ${requirement}${seed === null ? '' : ` (seed ${seed})`}.`,
    `This suite ${guarantee}.`,
    `${cases} ${cases === 1 ? 'case' : 'cases'}, a connection each, with ${steps} inputs.`,
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
