/** Timed events that a reader finds in a log, in the order of the log. */

import type { Configuration } from '../chart/configurations.js';
import type { WireMessage } from '../chart/messages.js';
import type { DisconnectReason } from '../chart/seat.js';
import type { Inference, MissingReason } from '../session/marks.js';

/** The place of a line. */
export interface Place {
  readonly file: string;
  /** 1 and up. */
  readonly line: number;
}

/** The client of an event, by its name in the log. */
export interface Peer {
  /**
   * The number or the address of its connection, or the client's name. If a log has names in some lines and numbers in others, the
   * observer finds out which belong together.
   */
  readonly label: string;
  /** The proxy through which the client sends, by its name in the log. */
  readonly proxy?: string | undefined;
  /** The client's name when its label is only the id of its connection, as in recordings of other logs. */
  readonly name?: string | undefined;
}

/** The fields of every event. */
export interface Observed {
  /** Wall clock, milliseconds since 1970. A log without a time zone is read as if it were UTC. */
  readonly at: number;
  readonly place: Place | null;
  /** What the reader inferred, e.g. a date from the file's name. */
  readonly inferred?: readonly Inference[] | undefined;
}

/** One event of a log. */
export type ObservedEvent = Observed &
  (
    | {
        /** The beginning of the log: the first event of a log, and of each further log of the same server. */
        readonly type: 'began';
        /** Whether the log begins with the start of the server, so that nothing happened before it. */
        readonly isWhole: boolean;
      }
    | { readonly type: 'connected'; readonly peer: Peer }
    | {
        readonly type: 'said';
        readonly by: 'client' | 'server';
        readonly peer: Peer;
        readonly message: WireMessage;
        /** For logs whose writer ran the chart: the states before and after this message. */
        readonly recorded?: Recorded | undefined;
      }
    | {
        /** A line of the log states that the client was registered. */
        readonly type: 'registered';
        readonly peer: Peer;
      }
    | {
        readonly type: 'disconnected';
        readonly peer: Peer;
        /** The side that ended it; null when the log does not state it. */
        readonly by: 'client' | 'server' | null;
        /** The reason, if the log states it. */
        readonly reason?: DisconnectReason | undefined;
        readonly recorded?: Recorded | undefined;
      }
    | {
        /** A part of the log is missing here. From here on the absence of a message proves nothing. */
        readonly type: 'missing';
        /** The client whose messages may be missing; null for all clients. */
        readonly peer: Peer | null;
        readonly reason: MissingReason;
      }
    | {
        /** The log itself reports a violation. */
        readonly type: 'reported';
        readonly peer: Peer | null;
        /** The finding's code. */
        readonly code: 'unknown-client-unregistered';
        /** The text of the log. */
        readonly text: string;
      }
  );

/** The states before and after a step, according to a recording. */
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
