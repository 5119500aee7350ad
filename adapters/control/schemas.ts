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

/** An object with exactly these keys. @param optional keys that may be left out */
export function object(
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
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
  node: nullableText,
  epoch: orNull(countSchema),
  age: timeSchema,
});

/** The gates of the cluster that did not answer. */
export const unreachableSchema = { unreachable: listOf(textSchema) };

export const kickedSchema: Schema = object(
  { kicked: countSchema, ids: listOf(textSchema), banned: listOf(textSchema) },
  unreachableSchema,
);

const drained = { draining: yesNoSchema, open: countSchema, registered: countSchema };

const reloaded = {
  changed: mapOf(object({ from: anySchema, to: anySchema })),
  needsRestart: listOf(textSchema),
};

/** The answers of gates that a request names. */
function nodesSchema(more: Readonly<Record<string, Schema>>): Schema {
  return object({ nodes: listOf(object({ node: textSchema, problem: nullableText }, more)) });
}

export const setSchema: Schema = object(reloaded);

export const drainSchema: Schema = { anyOf: [object(drained), nodesSchema({})] };

export const reloadSchema: Schema = { anyOf: [object(reloaded), nodesSchema(reloaded)] };

const directoryState: Schema = { type: 'string', enum: ['live', 'lost'] };
const nodeState: Schema = {
  type: 'string',
  enum: ['running', 'draining', 'stopping', 'unreachable'],
};

export const nodeSchema: Schema = object({
  node: textSchema,
  state: nodeState,
  directory: orNull(directoryState),
  version: nullableText,
  sessions: orNull(countSchema),
  registered: orNull(countSchema),
  open: orNull(countSchema),
  names: countSchema,
  admin: nullableText,
  leaseRemaining: timeSchema,
});

const clusterSchema: Schema = object(
  {
    kind: { type: 'string', enum: ['memory', 'redis', 'nats'] },
    address: textSchema,
    cluster: textSchema,
    node: textSchema,
    state: directoryState,
    claimsOnLoss: { type: 'string', enum: ['refuse', 'provisional'] },
    names: countSchema,
  },
  {
    nodes: listOf(object({ node: textSchema, state: nodeState, sessions: orNull(countSchema) })),
  },
);

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

export const statusSchema: Schema = object(
  {
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
  },
  { cluster: clusterSchema },
);

export const errorSchema: Schema = object({
  error: object({ status: countSchema, message: textSchema }),
});
