/** The events that a log reader makes: with times, in the order of the log. */

import type { Configuration } from '../chart/configurations.js';
import type { WireMessage } from '../chart/messages.js';
import type { DisconnectReason } from '../chart/seat.js';
import type { Inference, MissingReason } from './marks.js';

/** The place of a line. */
export interface Place {
  readonly file: string;
  /** 1 and up. */
  readonly line: number;
}

/** The client of an event, as named in the log. */
export interface Peer {
  /**
   * The identifier in the log: number or address of the connection, or the client's name. Where a log has names in one line and
   * numbers in another, the observer matches them.
   */
  readonly label: string;
  /** The proxy of the client, as named in the log. */
  readonly proxy?: string | undefined;
  /** The client's name where the label is only the id of its connection, as in recordings of other logs. */
  readonly name?: string | undefined;
}

/** The part that all events share. */
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
        /** Whether the log begins with the start of the server, so that nothing is missing before it. */
        readonly isWhole: boolean;
      }
    | { readonly type: 'connected'; readonly peer: Peer }
    | {
        readonly type: 'said';
        readonly by: 'client' | 'server';
        readonly peer: Peer;
        readonly message: WireMessage;
        /** For a log whose writer ran the chart: the recorded configurations before and after. */
        readonly recorded?: Recorded | undefined;
      }
    | {
        /** A separate line of the log states that the client was registered. */
        readonly type: 'registered';
        readonly peer: Peer;
      }
    | {
        readonly type: 'disconnected';
        readonly peer: Peer;
        /** The side that ended the connection; null when unknown. */
        readonly by: 'client' | 'server' | null;
        /** The reason, where the log has one. */
        readonly reason?: DisconnectReason | undefined;
        readonly recorded?: Recorded | undefined;
      }
    | {
        /** Lines are missing here: from here on the absence of a message proves nothing. */
        readonly type: 'missing';
        /** The client whose lines are missing; null for any client. */
        readonly peer: Peer | null;
        readonly reason: MissingReason;
      }
    | {
        /** The log itself reports a problem. */
        readonly type: 'reported';
        readonly peer: Peer | null;
        /** The code of the finding. */
        readonly code: 'unknown-client-unregistered';
        /** The text of the log. */
        readonly text: string;
      }
  );

/** The configurations of a recorded session before and after a step. */
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
