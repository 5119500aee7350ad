/** What a viewer and a gate say to each other on `/feed`: one JSON object a WebSocket text message. */
import type { Configuration } from '../chart/configurations.js';
import type { SeatDelays } from '../chart/seat.js';
import type { SessionGap } from './gap-mark.js';
import type { StepRecord } from './step.js';
import type { SessionSummary, SessionVerdict } from './verdict.js';

/** The version of this protocol; a viewer that knows another one says so and stops. */
export const feedVersion = 1;

/** From the viewer. */
export type ViewerMessage =
  /** Wants the list of sessions, and its changes at most ten times a second. */
  | { readonly type: 'list' }
  /** Wants a session's history from `after` (a seq, 0 for all) and its steps as they come. */
  | { readonly type: 'watch'; readonly session: string; readonly after: number }
  | { readonly type: 'unwatch'; readonly session: string }
  /** Asks for a `pong`: whether the gate is still there, and what its clock says. */
  | { readonly type: 'ping' };

/** From the gate. */
export type FeedMessage =
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly gate: string;
      /** Differs from one start of the gate to the next. */
      readonly run: string;
      /** Whether the gate is shutting down. */
      readonly stopping: boolean;
      /** Wall clock of the gate, milliseconds since 1970. */
      readonly at: number;
      readonly delays: SeatDelays;
      /** Where clients connect, e.g. `tcp://127.0.0.1:7004`. */
      readonly endpoints: readonly string[];
    }
  /**
   * Sessions that are new or changed. After `list` all that are held come first, in pages; `complete` is true on the last
   * page and on every change after it. `removed` left the gate's memory.
   */
  | {
      readonly type: 'sessions';
      readonly sessions: readonly SessionSummary[];
      readonly removed: readonly string[];
      readonly complete: boolean;
      /** Connections since the gate started, by verdict and by state; those no longer held too. */
      readonly totals: FeedTotals;
    }
  /** Steps of a watched session, in order of seq. */
  | { readonly type: 'steps'; readonly session: string; readonly steps: readonly StepRecord[] }
  /** Steps `from` to `to` (seq, inclusive) are no longer held, or were dropped because the viewer was slow. */
  | (SessionGap & {
      readonly type: 'gap';
      readonly session: string;
      readonly cause: 'forgotten' | 'slow-viewer';
    })
  /** The session is not known (any more). */
  | { readonly type: 'unknown'; readonly session: string }
  /** Answer to `ping`, with the gate's wall clock. */
  | { readonly type: 'pong'; readonly at: number }
  /** The gate shuts down: it accepts no more clients, or will soon not; sessions go on until they have left. */
  | { readonly type: 'stopping' }
  /** What the viewer said could not be used. The connection is closed after it. */
  | { readonly type: 'problem'; readonly code: string; readonly message: string };

export interface FeedTotals {
  readonly accepted: number;
  readonly byVerdict: Readonly<Partial<Record<SessionVerdict, number>>>;
  readonly byState: Readonly<Partial<Record<Configuration, number>>>;
}

/**
 * Whether a page may connect to the feed. `token-needed`: it has to sign in first (again, when the gate has another token now).
 * `origin-refused`: the gate does not know the address that the page has, which a reverse proxy gave it.
 */
export type FeedAccess = 'granted' | 'token-needed' | 'origin-refused';

/**
 * What the page finds at `/recordings.json` beside itself: where it is served from. On a plain web server there is none; then
 * there is no gate and no recording but those that are dropped.
 */
export interface RecordingIndex {
  /** Whether a gate answers at `/feed`. */
  readonly gate: boolean;
  /** Whether the page may connect there. @default 'granted' */
  readonly access?: FeedAccess;
  /** Whether the browser is signed in, so that it can sign out. @default false */
  readonly isSignedIn?: boolean;
  /** Recordings and coverage files that were given with `ixgate viz FILE...`. */
  readonly recordings: readonly RecordingEntry[];
}

export interface RecordingEntry {
  /** The file's name, without its folder. */
  readonly name: string;
  /** Where its text is, e.g. `/recordings/1`: see `parseRecording`, and `isCoverageText` for one that is a coverage. */
  readonly path: string;
  readonly steps: number;
  readonly sessions: number;
}
