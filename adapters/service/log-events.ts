/**
 * The events of the log of `ixgate serve`: every line has one of them. The types of the writers, docs/log-events.md and
 * docs/log-schema.json come from this table.
 */
import type { FieldName, FieldValue } from './log-fields.js';

/** Version of the schema. It is raised when a field or an event changes its meaning or is removed, not when one is added. */
export const logSchema = 1;

export type Severity = 'info' | 'warn' | 'error' | 'fatal';

interface EventRow {
  readonly severity: Severity;
  /** A field with `?` may be missing. */
  readonly fields: readonly (FieldName | `${FieldName}?`)[];
  readonly meaning: string;
  /** `often`: at most 20 lines of a kind in 10 s. `once`: one line while a problem lasts. The rest is counted in `suppressed`. */
  readonly limit?: 'often' | 'once';
  /** Whether it is something that an operator did: written at any log level, and to the audit file. */
  readonly audit?: true;
}

const client = [
  'session',
  'clientName',
  'clientType',
  'scheme',
  'remoteAddress',
  'remotePort',
  'carrier?',
  'proxyClientId?',
  'epoch?',
] as const;
const peer = ['remoteAddress', 'remotePort'] as const;

/** The table, in the order of the docs. */
export const logEvents = {
  listening: {
    severity: 'info',
    fields: ['endpoints', 'admin', 'page', 'record', 'try'],
    meaning: 'the gate has started; written at any level',
    audit: true,
  },
  inspector: {
    severity: 'info',
    fields: ['url'],
    meaning:
      'the inspector of apps is open; its address has the token that pages need, unless that is --admin-token',
  },
  stately: {
    severity: 'info',
    fields: ['url'],
    meaning: "the page with Stately's inspector is open",
  },
  'drain-delayed': {
    severity: 'info',
    fields: ['cause', 'by'],
    meaning: 'the gate is to stop: /readyz is 503, clients are still accepted for --drain-delay',
    audit: true,
  },
  draining: {
    severity: 'info',
    fields: ['cause', 'signal', 'by'],
    meaning: 'the gate stops: it accepts no clients, registered ones have --drain to leave',
    audit: true,
  },
  stopped: {
    severity: 'info',
    fields: [],
    meaning: 'all clients are disconnected; the process ends',
    audit: true,
  },
  crashed: {
    severity: 'fatal',
    fields: [],
    meaning: 'an internal error ends the process; written at any level',
    audit: true,
  },
  registered: {
    severity: 'info',
    fields: [...client, 'durationMs'],
    meaning: 'a client is registered',
  },
  refused: {
    severity: 'warn',
    fields: [...client, 'errorCode', 'errorName', 'errorDescription'],
    meaning: 'an unregistered client was sent EventError',
    limit: 'often',
  },
  disconnected: {
    severity: 'info',
    fields: [...client, 'reason', 'durationMs', 'error'],
    meaning: 'a session has ended; limited for clients that never registered',
    limit: 'often',
  },
  'connection-rejected': {
    severity: 'warn',
    fields: [...peer, 'reason', 'retryAfter'],
    meaning: 'a limit rejected a connection before it became a session',
    limit: 'often',
  },
  'handshake-failed': {
    severity: 'warn',
    fields: [...peer, 'code'],
    meaning: 'a TLS handshake, a WebSocket upgrade or the header of a proxy failed',
    limit: 'often',
  },
  'forged-address': {
    severity: 'warn',
    fields: [...peer, 'code'],
    meaning: 'a peer that is not a trusted proxy stated another client address; it is ignored',
    limit: 'often',
  },
  problem: {
    severity: 'error',
    fields: ['code'],
    meaning: 'an error that the gate survives',
    limit: 'once',
  },
  'directory-joined': {
    severity: 'info',
    fields: ['node', 'store'],
    meaning:
      'the gate has joined its cluster, at the start or again; it grants names that have a cap',
  },
  'directory-lost': {
    severity: 'error',
    fields: ['node', 'store'],
    meaning:
      'the store of names does not answer; unless --claims-on-directory-loss is provisional, no name with a cap is granted and /readyz is 503',
  },
  reloaded: {
    severity: 'info',
    fields: ['reason', 'changed', 'needsRestart', 'by'],
    meaning: 'the configuration was read again and is in force',
    audit: true,
  },
  'reload-failed': {
    severity: 'error',
    fields: ['reason', 'code', 'by'],
    meaning: 'the new configuration is invalid; the old one stays',
    audit: true,
  },
  'clients-reloaded': {
    severity: 'info',
    fields: ['entries', 'by'],
    meaning: 'the list of clients has changed and is in force',
    audit: true,
  },
  'clients-reload-failed': {
    severity: 'error',
    fields: ['by'],
    meaning: 'the new list of clients is invalid; the old one stays',
    audit: true,
  },
  'clients-disconnected': {
    severity: 'info',
    fields: ['revoked'],
    meaning: 'registered clients that the list no longer allows were disconnected',
    audit: true,
  },
  'certificate-expiry': {
    severity: 'warn',
    fields: ['notAfter', 'daysLeft'],
    meaning: 'the TLS certificate has expired, or expires within 14 days; repeated daily',
  },
  control: {
    severity: 'info',
    fields: ['action', 'arguments', 'outcome', 'result', 'problem', 'by'],
    meaning: 'live control changed the gate, or tried to; secrets are left out',
    audit: true,
  },
  'signed-in': {
    severity: 'info',
    fields: ['by'],
    meaning: 'a browser signed in on the page with the token',
    audit: true,
  },
  'signed-out': {
    severity: 'info',
    fields: ['by'],
    meaning: 'a browser signed out',
    audit: true,
  },
  'sign-in-failed': {
    severity: 'warn',
    fields: ['by'],
    meaning: 'a sign-in with a wrong token was refused',
    limit: 'often',
    audit: true,
  },
  'signal-ignored': {
    severity: 'info',
    fields: ['signal', 'by'],
    meaning: 'a signal had no effect: SIGUSR1 (no debugger is opened), SIGUSR2 without --log-file',
    audit: true,
  },
  'viewer-connected': {
    severity: 'info',
    fields: ['viewer'],
    meaning: 'a viewer connected to /xstate',
  },
  'viewer-disconnected': {
    severity: 'info',
    fields: ['viewer'],
    meaning: 'a viewer disconnected from /xstate',
  },
  'viewer-closed': {
    severity: 'warn',
    fields: ['viewer', 'problem'],
    meaning: 'a viewer of /xstate was disconnected, because it sent invalid data',
  },
  injected: {
    severity: 'warn',
    fields: ['viewer', 'session', 'injected'],
    meaning: 'a viewer of /xstate sent a message as a client (--allow-inject)',
    audit: true,
  },
  'injection-refused': {
    severity: 'warn',
    fields: ['viewer', 'session', 'injected', 'reason'],
    meaning: 'a viewer of /xstate tried that and may not',
    audit: true,
  },
  'recording-resumed': {
    severity: 'info',
    fields: ['path', 'dropped'],
    meaning: 'the recording works again',
  },
  'worker-died': {
    severity: 'error',
    fields: ['worker', 'reason', 'sessions'],
    meaning: 'a worker died with its sessions; it is restarted',
  },
  'worker-killed': {
    severity: 'error',
    fields: ['worker', 'reason'],
    meaning: 'the gate killed a worker that hung',
  },
  'worker-crashed': {
    severity: 'error',
    fields: [],
    meaning: 'an internal error ends a worker',
  },
  'worker-started': {
    severity: 'info',
    fields: ['wanted', 'running', 'deaths'],
    meaning: 'a worker was restarted',
  },
  'worker-start-failed': {
    severity: 'error',
    fields: ['code', 'reason'],
    meaning: 'a worker cannot be restarted; the gate tries again',
    limit: 'once',
  },
  'worker-reload-failed': {
    severity: 'error',
    fields: ['worker'],
    meaning: 'a worker keeps an old configuration; the gate tries again',
    limit: 'once',
  },
  'steps-dropped': {
    severity: 'error',
    fields: ['steps'],
    meaning: 'the page lacks steps, because the primary process is too slow',
    limit: 'once',
  },
  'otlp-failed': {
    severity: 'error',
    fields: [],
    meaning: 'traces or metrics could not be sent to --otlp; the gate tries again',
    limit: 'once',
  },
  'lines-dropped': {
    severity: 'warn',
    fields: ['dropped'],
    meaning: 'the log lacks lines: its reader or its disk was too slow, full or missing',
  },
  'log-rotated': {
    severity: 'info',
    fields: ['file', 'rotated', 'reason'],
    meaning: 'the log continues in a new file; the reason is `size`, `age` or `SIGUSR2`',
  },
  'log-reopened': {
    severity: 'info',
    fields: ['file', 'reason'],
    meaning:
      'a log file was moved or removed and created again; the reason is `SIGUSR2` or `missing`',
  },
} as const satisfies Readonly<Record<string, EventRow>>;

export type EventName = keyof typeof logEvents;
export const eventNames = Object.keys(logEvents) as EventName[];

type NeverMissing<Field> = Exclude<Field, `${string}?`>;
type MayBeMissing<Field> = Field extends `${infer Name}?` ? Name : never;

/** A line of one event: the event and its fields. */
export type LineOf<Name extends EventName> = Name extends EventName
  ? { readonly event: Name } & {
      readonly [Field in NeverMissing<(typeof logEvents)[Name]['fields'][number]> &
        FieldName]: FieldValue<Field>;
    } & {
      readonly [Field in MayBeMissing<(typeof logEvents)[Name]['fields'][number]> &
        FieldName]?: FieldValue<Field>;
    }
  : never;

type With<Wanted extends Severity> = {
  [Name in EventName]: (typeof logEvents)[Name]['severity'] extends Wanted ? Name : never;
}[EventName];

/** The lines of each severity. */
export type GateLines = { readonly [Each in Severity]: LineOf<With<Each>> };

/** Whether the lines of an event are for the audit file, too. */
export function isAudited(event: string): boolean {
  const row: EventRow | undefined = Object.hasOwn(logEvents, event)
    ? logEvents[event as EventName]
    : undefined;
  return row?.audit === true;
}
