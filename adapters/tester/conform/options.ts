import type {
  Case,
  FigureClients,
  ServiceAnswer,
  StepRecord,
  SuiteHeader,
} from '../../../machines/index.js';
import type { HearingOptions } from '../overheard.js';
import type { FigureTarget } from '../target.js';
import type { CaseDifference } from './result.js';
import type { Stalls } from './stalls.js';

/** The deadlines of the server under test, in milliseconds; null for one that was not seen to end a connection. */
export interface ServerTimeouts {
  readonly registrationTimeout: number | null;
  readonly rejectionTimeout: number | null;
}

/** How a case is played against a live server. All durations are in milliseconds. */
export interface PlayCaseOptions extends HearingOptions {
  /** A client that the server finds valid, and one that it does not. @default those of `figureClients` */
  readonly valid?: FigureClients['valid'] | undefined;
  readonly invalid?: FigureClients['invalid'] | undefined;
  /** The server's deadlines. @default those of this project, 10000 and 5000 */
  readonly timeouts?: ServerTimeouts | undefined;
  /**
   * How far off a disconnect may be, and how long before a deadline `wait` ends.
   * @default a tenth of the shorter deadline, 20 at least
   */
  readonly margin?: number | undefined;
  /** How long to wait for an answer, and for the end of a connection that is to be closed. @default 2000 */
  readonly patience?: number | undefined;
  /** How long to watch after an answer that nothing more comes. @default 30 */
  readonly quiet?: number | undefined;
  /** What the service answers to a registered client, where it is not what the case says. */
  readonly answers?: ServiceAnswer | undefined;
  /** The longest frame in bytes that the server takes. @default 65536 */
  readonly longestFrame?: number | undefined;
  /** How often a case is played at most, where the tester was late or a difference of time has to be seen again. @default 3 */
  readonly attempts?: number | undefined;
  /** Hears each step of the tester's chart as it is made. */
  readonly onStep?: ((step: StepRecord) => void) | undefined;
  /** Whoever plays many cases at once watches this process for all of them. */
  readonly stalls?: Stalls | undefined;
}

/** The margin where none is given. */
export function marginFor({ registrationTimeout, rejectionTimeout }: ServerTimeouts): number {
  const known = [registrationTimeout, rejectionTimeout].filter((one) => one !== null);
  return Math.max(20, Math.min(10_000, ...known) / 10);
}

/** A suite, however its cases come. */
export type PlayedSuite = SuiteHeader &
  ({ [Symbol.iterator](): Iterator<Case> } | { [Symbol.asyncIterator](): AsyncIterator<Case> });

export interface ConformProgress {
  readonly phase: 'measuring' | 'playing' | 'shrinking';
  readonly done: number;
  /** 0 where it is unknown. */
  readonly total: number;
}

/** How a suite is played against a live server. All durations are in milliseconds. */
export interface ConformOptions extends Omit<PlayCaseOptions, 'timeouts' | 'stalls'> {
  readonly target: FigureTarget;
  /** Made by `suiteOf`, or read from a file while it is played. */
  readonly suite: PlayedSuite;
  /** The server's deadlines. @default measured first */
  readonly registrationTimeout?: number | undefined;
  readonly rejectionTimeout?: number | undefined;
  /** How long to wait for a disconnect where a timeout is measured. @default 60000 */
  readonly longestTimeout?: number | undefined;
  /** Connections at once, 1 or more. @default 16 */
  readonly connections?: number | undefined;
  /** Only what a figure shows counts; the rest is listed. @default false */
  readonly documentedOnly?: boolean | undefined;
  /** Sessions that may be played to make one failure short. @default 30 */
  readonly replays?: number | undefined;
  readonly onProgress?: ((progress: ConformProgress) => void) | undefined;
  /** Hears of each kind of failure when it is first seen. */
  readonly onFailure?: ((difference: CaseDifference) => void) | undefined;
}
