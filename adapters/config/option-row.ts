import type * as v from 'valibot';

/**
 * How the text of a flag or an environment variable becomes the input of the schema. A `secret` is never shown; a value that begins
 * with `@` is the path of the file that contains it.
 */
export type OptionKind = 'value' | 'list' | 'switch' | 'numbers' | 'path' | 'secret';

/** The headings of the help, in its order. */
export const optionGroups = [
  'Listening',
  'Registration',
  'Timeouts',
  'Limits on unregistered clients',
  'Limits on messages',
  'Penalties',
  'Responses',
  'Recordings',
  'Processes',
  'Cluster',
  'Log',
  'Telemetry',
] as const;
export type OptionGroup = (typeof optionGroups)[number];

export interface OptionRow {
  readonly kind: OptionKind;
  readonly group: OptionGroup;
  readonly schema: v.GenericSchema<unknown, unknown>;
  /** As it would be written in the file; null without a default. */
  readonly default: string | boolean | readonly string[] | null;
  /** The argument of the flag in the help; left out for a switch. */
  readonly argument?: string;
  /** The name of the flag, if it is not the key in kebab case. */
  readonly flag?: string;
  readonly description: string;
  /** The allowed values in words, for the help. Left out if `description` or `argument` has them. */
  readonly allowed?: string;
  /** What happens without the option, if `default` does not tell. */
  readonly otherwise?: string;
  /** Whether a new value needs a restart. */
  readonly restart?: true;
}

/** A key as its flag: `maxFrame` is `max-frame`. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}
