/** What a reader makes of a log: timed events, in the order in which they were written down. */

import type { Configuration } from '../chart/configurations.js';
import type { WireMessage } from '../chart/messages.js';
import type { DisconnectReason } from '../chart/seat.js';
import type { Inference, MissingReason } from './marks.js';

/** Where a line stands. */
export interface Place {
  readonly file: string;
  /** 1 and up. */
  readonly line: number;
}

/** Whom an event is of, as the log calls it. */
export interface Peer {
  /**
   * What the log calls it: the number or the address of its connection, or the client's name. Where a log has names in one line and
   * numbers in another, the observer finds out which belong together.
   */
  readonly label: string;
  /** The proxy through which the client speaks, as the log calls it. */
  readonly proxy?: string | undefined;
  /** What to call the client where its label is only the id of its connection, as in recordings of other logs. */
  readonly name?: string | undefined;
}

/** What every event has. */
export interface Observed {
  /** Wall clock, milliseconds since 1970. A log without a time zone is read as if it were UTC. */
  readonly at: number;
  readonly place: Place | null;
  /** What of it the reader did not read but concluded, e.g. a date from the file's name. */
  readonly inferred?: readonly Inference[] | undefined;
}

/** One thing that a log says has happened. */
export type ObservedEvent = Observed &
  (
    | {
        /** The log begins here: the first event of a log, and of each further log of the same server. */
        readonly type: 'began';
        /** Nothing happened before it: it begins with the start of the server. */
        readonly isWhole: boolean;
      }
    | { readonly type: 'connected'; readonly peer: Peer }
    | {
        readonly type: 'said';
        readonly by: 'client' | 'server';
        readonly peer: Peer;
        readonly message: WireMessage;
        /** Where whoever wrote the log had the chart itself: where it says the session was, and is after this. */
        readonly recorded?: Recorded | undefined;
      }
    | {
        /** The log says, in a line of its own, that the client was registered. */
        readonly type: 'registered';
        readonly peer: Peer;
      }
    | {
        readonly type: 'disconnected';
        readonly peer: Peer;
        /** Who ended it; null when the log does not say. */
        readonly by: 'client' | 'server' | null;
        /** Why, where the log says it. */
        readonly reason?: DisconnectReason | undefined;
        readonly recorded?: Recorded | undefined;
      }
    | {
        /** Something is missing here, so that from here on the absence of a message proves nothing. */
        readonly type: 'missing';
        /** Of whom; null when it may be of anybody. */
        readonly peer: Peer | null;
        readonly reason: MissingReason;
      }
    | {
        /** The log itself reports something amiss. */
        readonly type: 'reported';
        readonly peer: Peer | null;
        /** The finding it is. */
        readonly code: 'unknown-client-unregistered';
        /** In the log's own words. */
        readonly text: string;
      }
  );

/** Where a recording says that a session was before a step and is after it. */
export interface Recorded {
  readonly from: Configuration;
  readonly to: Configuration;
}

/** A message in a log. */
export type Said = Extract<ObservedEvent, { type: 'said' }>;

/** The end of a connection in a log. */
export type Disconnection = Extract<ObservedEvent, { type: 'disconnected' }>;

/** Identifies a peer. Names contain no line feed. */
export function keyOf({ label, proxy }: Peer): string {
  return proxy === undefined ? label : `${proxy}\n${label}`;
}
