import {
  type DisconnectReason,
  disconnectReasons,
  serverEffects,
  type WireMessage,
} from '../../../machines/index.js';
import type { JsonObject } from './json-lines.js';

/** The lines of a gate's log that are of a session. */
export const sessionEvents = ['registered', 'refused', 'disconnected'] as const;
export type SessionEvent = (typeof sessionEvents)[number];

/** What a line of a session says, checked. */
export interface SessionLine {
  readonly event: SessionEvent;
  readonly session: string;
  /** As the client last asked with it; null when it never asked. */
  readonly clientName: string | null;
  readonly clientType: string | null;
  /** Milliseconds since it connected; null where the line does not say. */
  readonly age: number | null;
  /** Of `refused`. */
  readonly errorName: string | null;
  readonly errorCode: number | null;
  readonly errorDescription: string;
  /** Of `disconnected`. */
  readonly reason: DisconnectReason;
  /** How the connection broke, or what the client was told at the end. */
  readonly error: string | null;
}

/** A line of a session; or what is wrong with it. */
export function sessionLine(object: JsonObject, event: SessionEvent): SessionLine | string {
  const { session, durationMs, msg, reason } = object;
  if (typeof session !== 'string' || session === '') return 'no session';
  const isEnd = event === 'disconnected';
  if (isEnd && (typeof reason !== 'string' || !Object.hasOwn(disconnectReasons, reason))) {
    return 'unknown reason';
  }
  const isAge = typeof durationMs === 'number' && durationMs >= 0 && durationMs <= mostAge;
  if (isEnd && !isAge) return 'no durationMs';
  return {
    event,
    session,
    clientName: text(object.clientName),
    clientType: text(object.clientType),
    age: isEnd ? (durationMs as number) : event === 'registered' ? ageIn(msg) : null,
    errorName: text(object.errorName),
    errorCode: typeof object.errorCode === 'number' ? object.errorCode : null,
    errorDescription: text(object.errorDescription) ?? '',
    reason: (isEnd ? reason : 'transport-error') as DisconnectReason,
    error: text(object.error),
  };
}

/** Milliseconds; no connection is older than a hundred years. */
const mostAge = 100 * 366 * 86_400_000;

const text = (value: unknown) => (typeof value === 'string' ? value : null);

/** `registered desk-1 ... after 12 ms`: of what is longer than a second only tenths are written. */
function ageIn(msg: unknown): number | null {
  const found = typeof msg === 'string' ? / after (\d{1,5}(?:\.\d)?) (ms|s)$/.exec(msg) : null;
  if (!found) return null;
  return Math.round(Number(found[1]) * (found[2] === 's' ? 1_000 : 1));
}

/** The client's request, as far as the log shows it. */
export function requestOf({ clientName, clientType }: SessionLine): WireMessage {
  return {
    messageName: 'RequestRegisterClient',
    ...(clientName !== null && { clientName }),
    ...(clientType !== null && { clientType }),
  };
}

const { error: notRegistered, description: notRegisteredText } = serverEffects.refuse;
const before = `${notRegisteredText}: send RequestRegisterClient before `;

/** What was answered with an EventError: anything but a registration is answered with not-registered, and nothing else is. */
export function refusedMessage(line: SessionLine): WireMessage {
  if (line.errorName !== notRegistered) return requestOf(line);
  const { errorDescription } = line;
  const named = errorDescription.startsWith(before) ? errorDescription.slice(before.length) : '';
  const isName = named !== '' && named !== 'RequestRegisterClient';
  return { messageName: isName ? named : 'OtherMessage' };
}

export function refusalOf({ errorCode, errorDescription }: SessionLine): WireMessage {
  return { messageName: 'EventError', ...(errorCode !== null && { errorCode }), errorDescription };
}

const byClient: ReadonlySet<DisconnectReason> = new Set(['peer-closed', 'client-closed']);
const byNobody: ReadonlySet<DisconnectReason> = new Set([
  'transport-error',
  'handshake-failed',
  'connect-failed',
]);

/** Who ended it, as the gate saw it. */
export function enderOf({ reason }: SessionLine): 'client' | 'server' | null {
  if (byNobody.has(reason)) return null;
  return byClient.has(reason) ? 'client' : 'server';
}

/** Ends of which a refusal must have been before, so that its line is missing where there is no such file. */
export const afterRefusal: ReadonlySet<DisconnectReason> = new Set([
  'rejection-timeout',
  'too-many-errors',
]);

/** Ends with which the client is told why. */
export const withLastWords: ReadonlySet<DisconnectReason> = new Set(['protocol-error', 'drained']);
