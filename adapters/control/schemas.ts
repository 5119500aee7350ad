/** JSON schemas of the answers, for the OpenAPI document. */
import type { Schema } from './arguments.js';

export const textSchema: Schema = { type: 'string' };
export const countSchema: Schema = { type: 'integer', minimum: 0 };
/** Times are milliseconds. */
export const timeSchema: Schema = { type: 'number', minimum: 0 };
export const yesNoSchema: Schema = { type: 'boolean' };

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** An object with exactly these keys. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

/** An object whose keys are not fixed. */
export function mapOf(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

/** Any value, e.g. of an option as it is written in the configuration file. */
export const anySchema: Schema = {
  type: ['string', 'number', 'boolean', 'array', 'object', 'null'],
};

const nullableText = orNull(textSchema);

export const sessionSchema: Schema = object({
  id: textSchema,
  carrier: nullableText,
  state: textSchema,
  scheme: textSchema,
  remoteAddress: textSchema,
  remotePort: countSchema,
  clientName: nullableText,
  askedAs: nullableText,
  clientType: nullableText,
  mediaType: nullableText,
  proxyClientId: orNull({ type: 'integer' }),
  connectedAt: timeSchema,
  registeredAt: orNull(timeSchema),
  deadline: orNull(timeSchema),
  errors: countSchema,
  certificateSubject: nullableText,
  age: timeSchema,
});

export const kickedSchema: Schema = object({
  kicked: countSchema,
  ids: listOf(textSchema),
  banned: listOf(textSchema),
});

export const drainSchema: Schema = object({
  draining: yesNoSchema,
  open: countSchema,
  registered: countSchema,
});

export const reloadSchema: Schema = object({
  changed: mapOf(object({ from: anySchema, to: anySchema })),
  needsRestart: listOf(textSchema),
});

export const configSchema: Schema = object({
  options: listOf(object({ key: textSchema, value: anySchema, from: textSchema })),
});

export const logLevelSchema: Schema = object({ level: textSchema, configured: textSchema });

export const banSchema: Schema = object({ source: textSchema, remaining: orNull(timeSchema) });

export const penaltySchema: Schema = object({
  source: textSchema,
  remaining: timeSchema,
  isEnforced: yesNoSchema,
});

export const statusSchema: Schema = object({
  version: textSchema,
  node: textSchema,
  pid: countSchema,
  startedAt: timeSchema,
  uptime: timeSchema,
  state: { type: 'string', enum: ['running', 'draining', 'stopping'] },
  notReady: nullableText,
  endpoints: listOf(textSchema),
  open: countSchema,
  registered: countSchema,
  unregistered: countSchema,
  accepted: countSchema,
  rejected: mapOf(countSchema),
  outcomes: mapOf(countSchema),
  errors: mapOf(countSchema),
  limits: mapOf(countSchema),
  problems: countSchema,
  validationsRunning: countSchema,
  validationsWaiting: countSchema,
  workers: orNull(
    object({
      wanted: countSchema,
      running: countSchema,
      live: countSchema,
      deaths: countSchema,
      startError: nullableText,
    }),
  ),
  service: orNull(
    object({
      admin: nullableText,
      control: nullableText,
      configFile: nullableText,
      logLevel: logLevelSchema,
      overrides: mapOf(anySchema),
      bans: countSchema,
    }),
  ),
});

export const errorSchema: Schema = object({
  error: object({ status: countSchema, message: textSchema }),
});
