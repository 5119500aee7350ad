import type { FigureClients } from '../../../machines/registration/figures/play.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { ServiceAnswer } from '../../../machines/registration/sut/inputs.js';
import type { Case, SuiteHeader } from '../../../machines/registration/sut/suites.js';
import type {
  ServerTimeouts,
  TimerPolicy,
} from '../../../machines/registration/sut/timer-policy.js';
import type { ServerConnectionOptions } from '../server-connection.js';
import type { FigureTarget } from '../target.js';
import type { CaseDifference } from './result.js';
import type { StallMonitor } from './stall-monitor.js';

/** How a case is played against a live server. All durations are in milliseconds. */
export interface PlayCaseOptions extends ServerConnectionOptions {
  /** A client that the server accepts, and one that it refuses. @default those of `figureClients` */
  readonly valid?: FigureClients['valid'] | undefined;
  readonly invalid?: FigureClients['invalid'] | undefined;
  /** The server's timeouts. @default those of this project, 10000 and 5000 */
  readonly timeouts?: ServerTimeouts | undefined;
  /** Which timer ends the connection of an unregistered client. @default the policy of this project */
  readonly timerPolicy?: TimerPolicy | undefined;
  /**
   * Tolerance of a disconnect, and how long before a deadline `wait` ends.
   * @default a tenth of the shorter timeout, at least 20
   */
  readonly margin?: number | undefined;
  /** Maximum wait for an answer, and for a disconnect after an invalid frame. @default 2000 */
  readonly responseTimeout?: number | undefined;
  /** How long nothing more may come after an answer. @default 30 */
  readonly quietPeriod?: number | undefined;
  /** The answer of the service to a registered client. @default the answer in the case */
  readonly answers?: ServiceAnswer | undefined;
  /** Maximum frame size of the server, in bytes. @default 65536 */
  readonly longestFrame?: number | undefined;
  /** Maximum attempts at a case when the tester was late, or when a difference in time needs confirmation. @default 3 */
  readonly attempts?: number | undefined;
  /** Called with each step of the tester's chart. */
  readonly onStep?: ((step: StepRecord) => void) | undefined;
  /** Shared by cases that are played at once. @default one for this case */
  readonly stallMonitor?: StallMonitor | undefined;
}

export type { ServerTimeouts, TimerPolicy };

/** The default margin. */
export function marginFor({ registrationTimeout, rejectionTimeout }: ServerTimeouts): number {
  const known = [registrationTimeout, rejectionTimeout].filter((one) => one !== null);
  return Math.max(20, Math.min(10_000, ...known) / 10);
}

/** A suite whose cases are in memory or are read while they are played. */
export type PlayedSuite = SuiteHeader &
  ({ [Symbol.iterator](): Iterator<Case> } | { [Symbol.asyncIterator](): AsyncIterator<Case> });

export interface ConformProgress {
  readonly phase: 'measuring' | 'playing' | 'shrinking';
  readonly done: number;
  /** 0 when unknown. */
  readonly total: number;
}

/** How a suite is played against a live server. All durations are in milliseconds. */
export interface ConformOptions
  extends Omit<PlayCaseOptions, 'timeouts' | 'timerPolicy' | 'stallMonitor'> {
  readonly target: FigureTarget;
  /** Made by `suiteOf`, or read from a file. */
  readonly suite: PlayedSuite;
  /** The server's timeouts. @default measured first */
  readonly registrationTimeout?: number | undefined;
  readonly rejectionTimeout?: number | undefined;
  /**
   * Whether a few connections first show which timer ends the connection of an unregistered client, so that the cases expect that. If
   * false, the cases expect the policy of this project. @default true
   */
  readonly learnTimerPolicy?: boolean | undefined;
  /** Maximum wait for a disconnect while a timeout is measured. @default 60000 */
  readonly measureFor?: number | undefined;
  /** Number of concurrent connections, 1 or more. @default 16 */
  readonly connections?: number | undefined;
  /** Only differences from a figure count; the others are listed. @default false */
  readonly documentedOnly?: boolean | undefined;
  /** Maximum number of sessions to shrink one failure. @default 30 */
  readonly replays?: number | undefined;
  readonly onProgress?: ((progress: ConformProgress) => void) | undefined;
  /** Called with the first failure of each kind. */
  readonly onFailure?: ((difference: CaseDifference) => void) | undefined;
}
