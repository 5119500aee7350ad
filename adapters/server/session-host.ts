import type { DisconnectReason, StepRecord } from '../../machines/index.js';
import type { Admission, EventLoopBudget, ValidationQueue } from './limits/index.js';
import type { ServerSettings } from './options.js';
import type { ClientRequest, TrackedReply } from './reply.js';
import type { CountedLimit } from './server-counters.js';
import type { GateSession } from './session.js';
import type { Refusal } from './session-info.js';

/** What a session needs of its server. */
export interface SessionHost {
  /** What is in force now. */
  readonly settings: ServerSettings;
  readonly admission: Admission;
  readonly validations: ValidationQueue;
  /** What messages of clients that are not registered wait for. */
  readonly unregisteredBudget: EventLoopBudget;
  /** What messages of those wait for that were sent an EventError: right clients go first. */
  readonly refusedBudget: EventLoopBudget;
  /** What messages of registered clients wait for that have used up their own share. */
  readonly registeredBudget: EventLoopBudget;
  /** Whether there is room for one more session of this name. */
  claim(clientName: string, cap: number | undefined): boolean;
  /** Makes room by the policy. @returns whether a session of this name was replaced */
  makeRoom(clientName: string): boolean | Promise<boolean>;
  connected(session: GateSession): void;
  /** The registration is granted: it counts from now on. */
  granted(session: GateSession): void;
  /** The step to registered is taken. */
  registered(session: GateSession): void;
  refused(session: GateSession, refusal: Refusal): void;
  /** The session is over: it counts no more. @returns false when it was over already */
  over(session: GateSession): boolean;
  /** The step to disconnected is taken. */
  disconnected(session: GateSession, reason: DisconnectReason, error: Error | null): void;
  /** The connection itself is gone; after `disconnected`. */
  closed(session: GateSession): void;
  requested(request: ClientRequest, reply: TrackedReply): void;
  /** Whether anybody reads steps now: the journal, a listener, or a subscriber of the channel. */
  readonly readsSteps: boolean;
  stepped(step: StepRecord): void;
  /** A limit was met. */
  recordLimitHit(limit: CountedLimit): void;
  problem(error: Error): void;
}
