/** The fields of log lines. A field has one type in all lines, so that a log store can index it. */

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const texts = { type: 'array', items: text } as const;
const count = { type: 'integer', minimum: 0 } as const;
const countOrNull = { type: ['integer', 'null'], minimum: 0 } as const;
const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const;
const code = { type: ['integer', 'null'] } as const;
const object = { type: 'object' } as const;

/** Where the command of an operator came from. */
export const operatorDoors = [
  'control-socket',
  'token',
  'service',
  'control',
  'signal',
  'file',
  'parent',
] as const;

/** Who did something to the gate. */
export interface Operator {
  readonly via: (typeof operatorDoors)[number];
  /** The user name that `ixgate ctl` states; nothing checks it. */
  readonly user?: string;
  readonly remoteAddress?: string;
  readonly signal?: string;
}

const operator = {
  type: 'object',
  properties: {
    via: { enum: operatorDoors },
    user: text,
    remoteAddress: text,
    signal: text,
  },
  required: ['via'],
  additionalProperties: false,
} as const;

const field = <const Schema>(schema: Schema, description: string) => ({ schema, description });

/** The fields: JSON Schema and meaning. Fields of one event only are described by their event. */
export const logFields = {
  action: field(text, 'what was done'),
  admin: field(textOrNull, 'address of the admin port; null without one'),
  arguments: field(object, 'arguments of the action, without secrets'),
  by: field(
    operator,
    'who did it: `via` (`control-socket`, `token`, `service`, `control`: see the line `control`, `signal`, `file` for a changed file, `parent` for npm), and `user` as stated, `remoteAddress` or `signal` where known',
  ),
  carrier: field(text, 'session of the proxy that carries the client'),
  cause: field(text, 'a signal, or `parent exited`'),
  changed: field(object, 'changed options by name, each with `from` and `to`'),
  clientName: field(
    textOrNull,
    'name in the last registration request, at most 255 characters; null before the first',
  ),
  clientType: field(textOrNull, 'type in the last registration request'),
  code: field(textOrNull, 'code of the error ([errors.md](errors.md)); null without one'),
  daysLeft: field({ type: 'integer' }, 'whole days until the expiry; negative after it'),
  deaths: field(count, 'workers that died since the start'),
  dropped: field(count, 'number of lines or steps that were dropped'),
  durationMs: field(count, 'milliseconds since the connect'),
  endpoints: field(texts, 'addresses for clients'),
  entries: field(count, 'clients in the list'),
  epoch: field({ type: 'integer' }, 'fencing number of the name; only in a cluster'),
  error: field(textOrNull, 'how the connection broke, or the last EventError'),
  errorCode: field(code, 'number of the EventError'),
  errorDescription: field(text, 'text of the EventError'),
  errorName: field(textOrNull, 'name of the EventError; null for numbers of a validator'),
  file: field(text, 'path of a log file'),
  injected: field(text, 'name of the injected event'),
  needsRestart: field(texts, 'changed options that take effect after a restart'),
  node: field(text, 'name of the gate in its cluster'),
  notAfter: field(text, 'expiry of the certificate, ISO 8601'),
  of: field(text, 'event of the suppressed lines'),
  outcome: field(text, '`done` or `failed`'),
  page: field(textOrNull, 'address of the page; null without one'),
  path: field(text, 'path of a recording'),
  problem: field(textOrNull, 'what was wrong; null without a problem'),
  proxyClientId: field(code, 'proxyClientId of the client'),
  reason: field(text, 'why; for sessions and rejections a stable name'),
  record: field(textOrNull, 'folder of the recording; null without one'),
  remoteAddress: field(text, 'address of the client; `unix` for unix sockets'),
  remotePort: field(port, 'port of the client'),
  result: field(
    { type: ['object', 'null'] } as const,
    'what the action answered; null after a failure',
  ),
  retryAfter: field(
    countOrNull,
    'milliseconds after which the client may try again; null if unknown',
  ),
  revoked: field(count, 'disconnected clients'),
  rotated: field(text, 'path that the full log file has now'),
  running: field(count, 'workers that listen'),
  scheme: field(text, 'transport of the client'),
  session: field(textOrNull, 'id of the session, unique in all processes'),
  sessions: field(count, 'number of sessions'),
  signal: field(textOrNull, 'name of the signal'),
  steps: field(count, 'number of steps'),
  store: field(text, 'store of the names of the cluster, without its password'),
  suppressed: field(count, 'number of suppressed lines'),
  try: field(texts, 'commands to try'),
  url: field(text, 'an address for browsers'),
  viewer: field(text, 'a viewer of /xstate'),
  wanted: field(count, 'configured workers'),
  worker: field(countOrNull, 'process id of the worker'),
} as const;

export type FieldName = keyof typeof logFields;

type Plain = {
  string: string;
  integer: number;
  null: null;
  object: object;
  array: readonly string[];
};

/** The type of a field, from its schema. */
export type FieldValue<Name extends FieldName> = Name extends 'by'
  ? Operator
  : (typeof logFields)[Name]['schema'] extends { readonly type: infer Type }
    ? Type extends readonly (infer Each)[]
      ? Plain[Each & keyof Plain]
      : Plain[Type & keyof Plain]
    : never;
