import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import {
  type DisconnectReason,
  disconnectReasons,
} from '../../../machines/registration/chart/seat.js';
import { serverEffects } from '../../../machines/registration/chart/server-effects.js';
import type { JsonObject } from './json-lines.js';

/** The lines of a gate's log about a session. */
export const sessionEvents = ['registered', 'refused', 'disconnected'] as const;
export type SessionEvent = (typeof sessionEvents)[number];

/** The checked content of a line about a session. */
export interface SessionLine {
  readonly event: SessionEvent;
  readonly session: string;
  /** From the client's last request; null without one. */
  readonly clientName: string | null;
  readonly clientType: string | null;
  /** Milliseconds since the connect; null when unknown. */
  readonly age: number | null;
  /** For `refused`. */
  readonly errorName: string | null;
  readonly errorCode: number | null;
  readonly errorDescription: string;
  /** For `disconnected`. */
  readonly reason: DisconnectReason;
  /** How the connection broke, or the error that the client received at the end. */
  readonly error: string | null;
}

/** Parses a line about a session. @returns the line, or its problem. */
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
    age: isEnd || isAge ? (durationMs as number) : event === 'registered' ? ageIn(msg) : null,
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

/** `registered desk-1 ... after 12 ms`, of gates before 0.2, whose line has no `durationMs`: times above a second have one decimal. */
function ageIn(msg: unknown): number | null {
  const found = typeof msg === 'string' ? / after (\d{1,5}(?:\.\d)?) (ms|s)$/.exec(msg) : null;
  if (!found) return null;
  return Math.round(Number(found[1]) * (found[2] === 's' ? 1_000 : 1));
}

/** The client's request as far as the log contains it. */
export function requestOf({ clientName, clientType }: SessionLine): WireMessage {
  return {
    messageName: 'RequestRegisterClient',
    ...(clientName !== null && { clientName }),
    ...(clientType !== null && { clientType }),
  };
}

const { error: notRegistered, description: notRegisteredText } = serverEffects.refuse;
const before = `${notRegisteredText}: send RequestRegisterClient before `;

/** The message that an EventError answered: not-registered answers every message but a registration, and only those. */
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

/** The side that ended the session, according to the gate. */
export function enderOf({ reason }: SessionLine): 'client' | 'server' | null {
  if (byNobody.has(reason)) return null;
  return byClient.has(reason) ? 'client' : 'server';
}

/** Ends that follow an EventError: without a line for it, that line is missing. */
export const afterRefusal: ReadonlySet<DisconnectReason> = new Set([
  'rejection-timeout',
  'too-many-errors',
]);

/** Ends for which the server sends an EventError. */
export const withLastWords: ReadonlySet<DisconnectReason> = new Set(['protocol-error', 'drained']);
