/** The protocol between a viewer and a gate on `/feed`: one JSON object in each WebSocket text message. */
import type { Configuration } from '../chart/configurations.js';
import type { SeatDelays } from '../chart/seat.js';
import type { SessionGap } from './gap-mark.js';
import type { StepRecord } from './step.js';
import type { SessionSummary, SessionVerdict } from './verdict.js';

/** The version of this protocol. A viewer of another version reports it and stops. */
export const feedVersion = 1;

/** From the viewer. */
export type ViewerMessage =
  /** Subscribes to the list of sessions; changes come at most ten times a second. */
  | { readonly type: 'list' }
  /** Subscribes to a session: its history after `after` (a seq, 0 for all), then its steps. */
  | { readonly type: 'watch'; readonly session: string; readonly after: number }
  | { readonly type: 'unwatch'; readonly session: string }
  /** Asks for a `pong` with the gate's clock. */
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
  /** The gate in its cluster; after `hello` and when it changes. Never for a gate without one. */
  | { readonly type: 'cluster'; readonly cluster: FeedCluster }
  /**
   * New or changed sessions. After `list` the gate first sends all held sessions in pages; `complete` is true on the last
   * page and on every change after it. `removed` left the gate's memory.
   */
  | {
      readonly type: 'sessions';
      readonly sessions: readonly SessionSummary[];
      readonly removed: readonly string[];
      readonly complete: boolean;
      /** Sessions since the gate started by verdict and by state, including those no longer held. */
      readonly totals: FeedTotals;
    }
  /** Steps of a watched session, in order of seq. */
  | { readonly type: 'steps'; readonly session: string; readonly steps: readonly StepRecord[] }
  /** Steps `from` to `to` (seq, inclusive) were evicted, or dropped because the viewer was slow. */
  | (SessionGap & {
      readonly type: 'gap';
      readonly session: string;
      readonly cause: 'forgotten' | 'slow-viewer';
    })
  /** The gate does not know the session, or no longer. */
  | { readonly type: 'unknown'; readonly session: string }
  /** Answer to `ping`, with the gate's wall clock. */
  | { readonly type: 'pong'; readonly at: number }
  /** The gate shuts down: it accepts no new clients; sessions continue until they end. */
  | { readonly type: 'stopping' }
  /** The viewer sent an invalid message. The gate closes the connection after this. */
  | { readonly type: 'problem'; readonly code: string; readonly message: string };

/** A gate in its cluster. */
export interface FeedCluster {
  /** The name of the cluster. */
  readonly name: string;
  /** The name of this gate. */
  readonly node: string;
  /** The store of names, without a password. */
  readonly store: string;
  /** `lost` while the store does not answer. */
  readonly state: 'live' | 'lost';
  /** The gates that do not answer; what the list has of their sessions may be old. */
  readonly unreachable: readonly string[];
}

export interface FeedTotals {
  /** Connections since the start; the clients of a proxy share its connection. */
  readonly accepted: number;
  readonly byVerdict: Readonly<Partial<Record<SessionVerdict, number>>>;
  readonly byState: Readonly<Partial<Record<Configuration, number>>>;
}

/**
 * Whether a page may connect to the feed. `token-needed`: the user must sign in, again after the token changes.
 * `origin-refused`: the gate does not know the page's address, which a reverse proxy gave it.
 */
export type FeedAccess = 'granted' | 'token-needed' | 'origin-refused';

/**
 * The content of `/recordings.json`, which tells the page who serves it. A plain web server has no such file; then
 * there is no gate, and the only recordings are those that the user drops on the page.
 */
export interface RecordingIndex {
  /** Whether a gate answers at `/feed`. */
  readonly gate: boolean;
  /** Whether the page may connect to the feed. @default 'granted' */
  readonly access?: FeedAccess;
  /** Whether the browser is signed in, so that it can sign out. @default false */
  readonly isSignedIn?: boolean;
  /** Recordings, coverage files and learned machines that were given with `ixgate viz FILE...`. */
  readonly recordings: readonly RecordingEntry[];
}

export interface RecordingEntry {
  /** The file's name, without its folder. */
  readonly name: string;
  /** Path of its text, e.g. `/recordings/1`: see `parseRecording`, `isCoverageText` and `isLearnedText`. */
  readonly path: string;
  readonly steps: number;
  readonly sessions: number;
}
