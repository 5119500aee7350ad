import { type ErrorName, errorCodes } from '../../machines/registration/chart/error-codes.js';
import type { FaultKind } from '../net/wire/codec.js';
import { type DurationCounts, Durations } from './durations.js';
import { type LimitName, type RejectionReason, rejectionReasons } from './limits/index.js';
import { Traffic } from './traffic.js';

/** The outcomes of an accepted connection. Each connection counts once, when its outcome is decided. */
export const outcomes = {
  registered: 'was registered',
  refused: 'was sent EventError and did not register',
  'timed-out': 'did not register before its deadline',
  left: 'closed the connection without an answer',
  'protocol-error': 'sent an invalid frame',
  'handshake-failed': 'failed the TLS handshake or the WebSocket upgrade',
  closed: 'was closed by the service, or when the gate was',
} as const;
export type Outcome = keyof typeof outcomes;

/** The outcomes of a validation. Registrations that are rejected before the validator is asked do not count. */
export const validationOutcomes = {
  granted: 'the validator granted the registration',
  refused: 'the validator refused it',
  failed: 'the validator threw, rejected, or returned something else',
  'timed-out': 'the validator took longer than `validatorTimeout`',
  aborted: 'the client left, or its deadline expired, before the verdict',
} as const;
export type ValidationOutcome = keyof typeof validationOutcomes;

/** The limits that are counted, by the names of their options, and what one hit means. */
export const countedLimits = {
  maxConnections: 'a connection was rejected',
  maxUnregistered: 'a connection was rejected',
  maxUnregisteredPerAddress: 'a connection was rejected',
  maxUnregisteredPerPrefix: 'a connection was rejected',
  penaltyMin: 'a connection was rejected',
  maxLag: 'the event loop was delayed, or a connection was rejected for that',
  registrationRate: 'a registration was answered with server-busy',
  errorRate: 'a client was disconnected',
  messageRate: 'a registered client had to wait',
  proxyClients: 'a client of a proxy was answered with server-busy',
  maxErrors: 'a client was disconnected',
  maxValidations: 'a registration had to wait for its validation',
  maxFrame: 'a registered client was disconnected',
  maxFrameUnregistered: 'a client was disconnected',
  maxDepth: 'a client was disconnected',
  maxAttributes: 'a client was disconnected',
  maxUnsent: 'a registered client was disconnected',
  maxUnsentUnregistered: 'a client was disconnected',
  writeTimeout: 'a client was disconnected',
  turnBudget: 'a client had to wait for a later turn of the event loop',
} as const satisfies Partial<Record<LimitName, string>>;
export type CountedLimit = keyof typeof countedLimits;

const limitOf: Readonly<Record<RejectionReason, CountedLimit | null>> = {
  closing: null,
  draining: null,
  banned: null,
  overloaded: 'maxLag',
  'max-connections': 'maxConnections',
  penalty: 'penaltyMin',
  'per-address': 'maxUnregisteredPerAddress',
  'per-prefix': 'maxUnregisteredPerPrefix',
  'max-unregistered': 'maxUnregistered',
};

/** The limit that an invalid frame has hit; null for other faults. */
export function limitOfFault(kind: FaultKind, isRegistered: boolean): CountedLimit | null {
  switch (kind) {
    case 'too-long':
      return isRegistered ? 'maxFrame' : 'maxFrameUnregistered';
    case 'too-deep':
      return 'maxDepth';
    case 'too-many-attributes':
      return 'maxAttributes';
    default:
      return null;
  }
}

/** The totals of a gate since its start, and its current numbers. */
export interface GateCounts {
  /** Accepted connections: the sum of `outcomes` and of the connections whose outcome is not decided. */
  readonly accepted: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Rejected connections, by reason. */
  readonly rejected: Readonly<Record<RejectionReason, number>>;
  /** EventErrors sent to clients that were not registered, by name; `other` for unknown numbers. */
  readonly errors: Readonly<Record<ErrorName | 'other', number>>;
  /** Limit hits, by the name of the option. */
  readonly limits: Readonly<Record<CountedLimit, number>>;
  /** `problem` events. */
  readonly problems: number;
  /** Validations, by outcome. */
  readonly validations: Readonly<Record<ValidationOutcome, number>>;
  /** Duration of the validations, without their time in the queue. */
  readonly validationDurations: DurationCounts;
  /** Time from the connection to the registration. */
  readonly registrationDurations: DurationCounts;
  /** Messages of clients, by name: the names of the protocol and of declared messages, at most 99, and `other`. */
  readonly messagesReceived: Readonly<Record<string, number>>;
  /** Messages to clients, by the same names. */
  readonly messagesSent: Readonly<Record<string, number>>;
  /** Bytes of messages from clients, without TLS and the headers of WebSocket frames. */
  readonly bytesReceived: number;
  /** Bytes of messages to clients, the same. */
  readonly bytesSent: number;
  /** Open connections, in any state. */
  readonly open: number;
  /** Open connections that are not registered. */
  readonly unregistered: number;
  /** Registered sessions, with those of clients that a proxy carries. */
  readonly registered: number;
  /** Sessions of clients that proxies carry on their connections, in any state. */
  readonly carried: number;
  readonly validationsRunning: number;
  readonly validationsWaiting: number;
}

/** The counts that only grow. */
export type GateTotals = Omit<
  GateCounts,
  'open' | 'unregistered' | 'registered' | 'carried' | 'validationsRunning' | 'validationsWaiting'
>;

/** Counts the totals of a gate. */
export class ServerCounters {
  accepted = 0;
  problems = 0;
  readonly traffic = new Traffic();
  readonly validations = zeroes(validationOutcomes);
  readonly validationDurations = new Durations();
  readonly registrationDurations = new Durations();
  readonly outcomes = zeroes(outcomes);
  readonly rejected = zeroes(rejectionReasons);
  readonly errors = { ...zeroes(errorCodes), other: 0 };
  readonly limits = zeroes(countedLimits);

  countRejection(reason: RejectionReason): void {
    this.rejected[reason] += 1;
    const limit = limitOf[reason];
    if (limit !== null) this.limits[limit] += 1;
  }

  /** A copy of the totals. */
  totals(): GateTotals {
    const { accepted, problems, traffic, validationDurations, registrationDurations } = this;
    return {
      accepted,
      problems,
      outcomes: { ...this.outcomes },
      rejected: { ...this.rejected },
      errors: { ...this.errors },
      limits: { ...this.limits },
      validations: { ...this.validations },
      validationDurations: validationDurations.counts(),
      registrationDurations: registrationDurations.counts(),
      messagesReceived: traffic.messages('received'),
      messagesSent: traffic.messages('sent'),
      bytesReceived: traffic.bytesReceived,
      bytesSent: traffic.bytesSent,
    };
  }
}

function zeroes<Name extends string>(names: Readonly<Record<Name, unknown>>): Record<Name, number> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, 0])) as Record<Name, number>;
}
