import { type ErrorName, errorCodes } from '../../machines/index.js';
import type { FaultKind } from '../net/wire/codec.js';
import { type LimitName, type RejectionReason, rejectionReasons } from './limits/index.js';

/** What can become of an accepted connection. It counts once, when it is decided. */
export const outcomes = {
  registered: 'was registered',
  refused: 'was sent EventError and did not register',
  'timed-out': 'said nothing that was refused until its deadline',
  left: 'left by itself, without an answer',
  'protocol-error': 'sent what is no message',
  'handshake-failed': 'was never set up: TLS or the WebSocket upgrade',
  closed: 'was closed by the service, or when the gate was',
} as const;
export type Outcome = keyof typeof outcomes;

/** The limits that can be met, by the names of their options, with what it means that one was met once. */
export const countedLimits = {
  maxConnections: 'a connection was turned away',
  maxUnregistered: 'a connection was turned away',
  maxUnregisteredPerAddress: 'a connection was turned away',
  maxUnregisteredPerPrefix: 'a connection was turned away',
  penaltyMin: 'a connection was turned away',
  maxLag: 'the event loop was held up, or a connection was turned away for that',
  registrationRate: 'a registration was answered with server-busy',
  errorRate: 'a client was disconnected',
  messageRate: 'a registered client had to wait',
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
  overloaded: 'maxLag',
  'max-connections': 'maxConnections',
  penalty: 'penaltyMin',
  'per-address': 'maxUnregisteredPerAddress',
  'per-prefix': 'maxUnregisteredPerPrefix',
  'max-unregistered': 'maxUnregistered',
};

/** The limit that a frame has met; null where it is just no message. */
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

/** The sums of a gate since its start, and what is there now. */
export interface GateCounts {
  /** Connections that got a place. They are the sum of `outcomes` and of those whose outcome is not decided. */
  readonly accepted: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Connections that got no place, by reason. */
  readonly rejected: Readonly<Record<RejectionReason, number>>;
  /** EventErrors sent to clients that were not registered, by name; `other` for unknown numbers. */
  readonly errors: Readonly<Record<ErrorName | 'other', number>>;
  /** How often a limit was met, by the name of its option. */
  readonly limits: Readonly<Record<CountedLimit, number>>;
  /** Problems that were told. */
  readonly problems: number;
  /** Connections that are there now, in whatever state. */
  readonly open: number;
  /** Those among them that are not registered. */
  readonly unregistered: number;
  /** Those that are. */
  readonly registered: number;
  readonly validationsRunning: number;
  readonly validationsWaiting: number;
}

/** The sums, as they are kept. */
export class ServerCounters {
  accepted = 0;
  problems = 0;
  readonly outcomes = zeroes(outcomes);
  readonly rejected = zeroes(rejectionReasons);
  readonly errors = { ...zeroes(errorCodes), other: 0 };
  readonly limits = zeroes(countedLimits);

  countRejection(reason: RejectionReason): void {
    this.rejected[reason] += 1;
    const limit = limitOf[reason];
    if (limit !== null) this.limits[limit] += 1;
  }
}

function zeroes<Name extends string>(names: Readonly<Record<Name, unknown>>): Record<Name, number> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, 0])) as Record<Name, number>;
}
