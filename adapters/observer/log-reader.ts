/** The interfaces of a log format and its reader: lines in, events out, every line counted. */
import type { ObservedEvent } from '../../machines/registration/observer/events.js';

/** Line counts by result. `read` is always the sum of the other three. */
export interface LineCounts {
  readonly read: number;
  /** Lines about a session or about the log itself (its header). */
  readonly used: number;
  /** Empty lines and lines about other things. */
  readonly ignored: number;
  /** Lines that cannot be read. */
  readonly damaged: number;
}

/** A part of a log that cannot be read. The rest is read. */
export interface Damage {
  readonly file: string;
  /** Its first line, 1 and up. */
  readonly line: number;
  /** Number of its lines. */
  readonly lines: number;
  /** The problem: `not JSON`, `attr_ref_id has no value`. */
  readonly reason: string;
}

/** Receives the events and damages of a reader. */
export interface LogSink {
  event(event: ObservedEvent): void;
  damage(damage: Damage): void;
}

/** One file, or standard input. */
export interface LogSource {
  /** The name for messages and for `Place.file`. */
  readonly file: string;
  /** The file's name without folders, which may contain a date; null for a pipe. */
  readonly name: string | null;
}

/** Reads one file, line by line. */
export interface LogReader {
  /**
   * Takes the next line.
   * @param line without its end, carriage return and byte order mark. It may be a slice of a large buffer: text that is
   * kept beyond the call must be copied (`ownText`).
   * @param isLatin1 its bytes are not UTF-8 and were read as Latin-1.
   */
  take(line: string, isLatin1: boolean): void;
  /** Skips the next line because it is too long; it counts as damaged. */
  skip(reason: string): void;
  /**
   * Ends the file: a message that waits for its next line is emitted.
   * @param isTorn its last line had no end.
   */
  end(isTorn: boolean): void;
  readonly counts: LineCounts;
}

/** A log format. */
export interface LogFormat {
  /** Stable, for JSON: `interaction-server`, `outbound-contact-server`, `ixgate-recording`, `ixgate-log`, `json`. */
  readonly id: string;
  /** For people: `Interaction Server log`. */
  readonly title: string;
  /** Whether its peers are connections (true), or may be names that several connections share (false). */
  readonly hasConnections: boolean;
  /** Whether the first lines of a file are of this format; lines without their ends, the last one perhaps cut. */
  recognises(head: readonly string[]): boolean;
  /** Time of the first event, to order files, in milliseconds since 1970; null when the head does not show it. */
  startOf(head: readonly string[], source: LogSource): number | null;
  /** The server that wrote the file: files of one server are read as one log. Null when the head does not show it. */
  serverOf(head: readonly string[], source: LogSource): string | null;
  /** A reader for one file. */
  open(source: LogSource, sink: LogSink): LogReader;
}
