import type * as v from 'valibot';

/**
 * How a flag or an environment variable, which are text, becomes what the schema reads. A `secret` is shown nowhere; what begins
 * with `@` is the path of the file that holds it.
 */
export type OptionKind = 'value' | 'list' | 'switch' | 'numbers' | 'path' | 'secret';

/** The headings of the help, in its order. */
export const optionGroups = [
  'Where it listens',
  'Who may register',
  'Time',
  'Limits on strangers',
  'Limits on messages',
  'Penalties',
  'Answers',
  'Recordings',
  'Processes',
  'Log',
] as const;
export type OptionGroup = (typeof optionGroups)[number];

export interface OptionRow {
  readonly kind: OptionKind;
  readonly group: OptionGroup;
  readonly schema: v.GenericSchema<unknown, unknown>;
  /** As it would stand in the file; null when there is none. */
  readonly default: string | boolean | readonly string[] | null;
  /** What stands after the flag in the help; none for a switch. */
  readonly argument?: string;
  /** Where the flag is not the key in kebab case. */
  readonly flag?: string;
  readonly description: string;
  /** What is allowed, in words, for the help. Left out where `description` or `argument` has it. */
  readonly allowed?: string;
  /** What happens without it, where `default` does not tell. */
  readonly otherwise?: string;
  /** A running gate cannot take a new value. */
  readonly restart?: true;
}
