import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { ManagedSession } from './admitted-connection.js';
import type { Instrumentation } from './instrumentation.js';
import type { Admission, EventLoopBudget, ValidationQueue } from './limits/index.js';
import type { ServerSettings } from './options.js';
import type { ProxiedClientsHost } from './proxied-clients.js';
import type { ClientRequest, TrackedReply } from './reply.js';
import type { CountedLimit, ValidationOutcome } from './server-counters.js';
import type { SessionGroups } from './session-groups.js';
import type { Refusal } from './session-info.js';
import type { SharedNames } from './shared-names.js';
import type { Traffic } from './traffic.js';

/** What a session needs of its server. */
export interface SessionHost extends ProxiedClientsHost {
  /** The settings in force now. */
  readonly settings: ServerSettings;
  readonly admission: Admission;
  readonly groups: SessionGroups;
  readonly validations: ValidationQueue;
  /** The budget of clients that are not registered. */
  readonly unregisteredBudget: EventLoopBudget;
  /** The budget of unregistered clients that were sent an EventError. It is smaller, so that correct clients go first. */
  readonly refusedBudget: EventLoopBudget;
  /** The budget of registered clients that have used up their own share. */
  readonly registeredBudget: EventLoopBudget;
  /** Whether there is room for one more session of this name, where its names are not shared with other gates. */
  claim(clientName: string, cap: number | undefined): boolean;
  /** The names that are shared with other gates; null without a directory. */
  readonly sharedNames: SharedNames | null;
  /** Makes room by the name policy. @returns whether a session of this name was replaced */
  makeRoom(clientName: string): boolean | Promise<boolean>;
  connected(session: ManagedSession): void;
  /** The registration is granted: the session counts as registered from now on. */
  granted(session: ManagedSession): void;
  /** The step to registered is taken. */
  registered(session: ManagedSession): void;
  refused(session: ManagedSession, refusal: Refusal): void;
  /** The session is over and does not count any more. @returns false when it was over already */
  over(session: ManagedSession): boolean;
  /** The step to disconnected is taken. */
  disconnected(session: ManagedSession, reason: DisconnectReason, error: Error | null): void;
  /** The connection is gone; called after `disconnected`. */
  closed(session: ManagedSession): void;
  /** Runs the handler of the service. @returns a promise that resolves when it is done; undefined if it is done already */
  requested(request: ClientRequest<unknown>, reply: TrackedReply): Promise<void> | undefined;
  /** Whether the journal, a listener, or a subscriber of the channel reads steps now. */
  readonly readsSteps: boolean;
  stepped(step: StepRecord): void;
  readonly traffic: Traffic;
  /** Traces the sessions; null without tracing. */
  readonly instrumentation: Instrumentation | null;
  /** A validation has ended. @param milliseconds its duration, without its time in the queue */
  validated(outcome: ValidationOutcome, milliseconds: number): void;
  recordLimitHit(limit: CountedLimit): void;
  problem(error: Error): void;
}
