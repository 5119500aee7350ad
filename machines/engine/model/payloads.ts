/** The data of events: given values, a function that makes them, or a schema. */
import { schemaSamples } from './schema-samples.js';

/** The part of a Standard Schema that is used: its validation, and its JSON Schema where the library offers one. */
export interface PayloadSchema {
  readonly '~standard': {
    readonly vendor: string;
    validate(value: unknown): unknown;
    readonly jsonSchema?: {
      input(options: { readonly target: 'draft-2020-12' }): Record<string, unknown>;
    };
  };
}

/** What the data of an event type is made from: the data of its events, one after the other; the event's `type` is added. */
export type PayloadSource =
  | readonly object[]
  | ((count: number, seed: number) => readonly object[])
  | PayloadSchema;

/** How many values a function is asked for, and at most taken from a schema. */
export const payloadCount = 20;

/** Payloads that cannot be used; the message names the event type, the value and what is expected. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
  readonly code = 'BAD_PAYLOADS';
}

/**
 * The data of the events of one type.
 * @param type the event type, for messages. @param seed for functions.
 * @throws {PayloadError}
 */
export function payloadsOf(type: string, source: PayloadSource, seed = 1): readonly object[] {
  const values = valuesOf(type, source, seed);
  const wrong = values.find((value) => typeof value !== 'object' || value === null);
  if (values.length === 0 || wrong !== undefined) {
    const found = values.length === 0 ? 'no values' : JSON.stringify(wrong);
    throw new PayloadError(
      `payloads of ${type}: ${found}; expected objects with the data of the event, e.g. [{ "name": "" }, { "name": "x" }]`,
    );
  }
  return values;
}

function valuesOf(type: string, source: PayloadSource, seed: number): readonly object[] {
  if (Array.isArray(source)) return source;
  if (typeof source === 'function' && !('~standard' in source)) {
    return (source as (count: number, seed: number) => readonly object[])(payloadCount, seed);
  }
  const standard = (Object(source) as Partial<PayloadSchema>)['~standard'];
  if (standard) return samplesOf(type, standard);
  const isArbitrary = typeof (Object(source) as { generate?: unknown }).generate === 'function';
  const hint = isArbitrary
    ? 'for an arbitrary of fast-check write (count, seed) => fc.sample(arbitrary, { numRuns: count, seed })'
    : 'expected a list of objects, a function (count, seed) that returns one, or a Standard Schema';
  throw new PayloadError(`payloads of ${type}: ${hint}`);
}

function samplesOf(type: string, standard: PayloadSchema['~standard']): readonly object[] {
  if (!standard.jsonSchema) {
    throw new PayloadError(
      `payloads of ${type}: this schema of ${standard.vendor} cannot be written as JSON Schema, so no values can be made from it; give a list of objects, or a schema with ~standard.jsonSchema`,
    );
  }
  const schema = standard.jsonSchema.input({ target: 'draft-2020-12' });
  return schemaSamples(schema, payloadCount).filter((value) => {
    const result = standard.validate(value);
    if (result instanceof Promise) {
      throw new PayloadError(
        `payloads of ${type}: the schema validates asynchronously; give a list of objects`,
      );
    }
    return !(Object(result) as { issues?: unknown }).issues;
  }) as readonly object[];
}
