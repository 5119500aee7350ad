import type { StepRecord } from '../step.js';
import type { ObservedEvent, Place } from './events.js';
import type { Finding } from './findings.js';
import type { ObservedSession } from './observed-session.js';

/** Who is told what an observer sees. */
export interface ObserverListener {
  /** Each step of each session, in the order of the log. Without it no step records are made, which is faster. */
  onStep?: ((step: StepRecord) => void) | undefined;
  onFinding?: ((finding: Finding) => void) | undefined;
  /** Each session when it has ended; those that are still open when the log is over, in the order in which they began. */
  onSession?: ((session: ObservedSession) => void) | undefined;
}

export interface ObserverOptions extends ObserverListener {
  /** Whether each label is one connection, as in a recording; else it may be the name of several. @default true */
  readonly hasConnections?: boolean | undefined;
  /** The server's deadlines in milliseconds, 1 or more, where they are known; they are not Genesys's, whose are not. @default null */
  readonly registrationTimeout?: number | null | undefined;
  readonly rejectionTimeout?: number | null | undefined;
  /** How much later than its deadline a server may close before that is a finding, in milliseconds. @default 500 */
  readonly tolerance?: number | undefined;
  /** Names a session. @default the label, where each is a connection; else label and line, e.g. `51@13` */
  readonly sessionId?: ((label: string, place: Place | null) => string) | undefined;
}

/**
 * Runs every connection of one server's log through the chart, in the observer's seat: nothing is sent, and recorded time drives the
 * clock.
 */
export class Observer {
  constructor(_options: ObserverOptions = {}) {}

  /** Takes the next event, in the order of the log. Never throws. */
  take(_event: ObservedEvent): void {}

  /** The log is over. */
  end(): void {}
}
