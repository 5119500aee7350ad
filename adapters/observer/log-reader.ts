/** What a reader of a log format is: lines in, events out, every line counted. */
import type { ObservedEvent } from '../../machines/index.js';

/** Lines, by what became of them. `read` is always the sum of the other three. */
export interface LineCounts {
  readonly read: number;
  /** They say something of a session, or of the log itself (its header). */
  readonly used: number;
  /** They are of something else, or empty. */
  readonly ignored: number;
  /** They cannot be read. */
  readonly damaged: number;
}

/** A part of a log that cannot be read. It costs no more than itself. */
export interface Damage {
  readonly file: string;
  /** Its first line, 1 and up. */
  readonly line: number;
  /** How many lines it has. */
  readonly lines: number;
  /** What is wrong with it: `not JSON`, `attr_ref_id has no value`. */
  readonly reason: string;
}

/** Who is told what a reader finds. */
export interface LogSink {
  event(event: ObservedEvent): void;
  damage(damage: Damage): void;
}

/** One file, or what came through a pipe. */
export interface LogSource {
  /** As it is told to people, and as it stands in `Place.file`. */
  readonly file: string;
  /** The file's name without folders, for what a name may say (a date); null for a pipe. */
  readonly name: string | null;
}

/** Reads one file, line by line. */
export interface LogReader {
  /**
   * Takes the next line.
   * @param line without its end; a carriage return before it and a byte order mark are gone. May be a slice of a large buffer: what is
   * kept beyond the call must be copied (`ownText`).
   * @param isLatin1 its bytes are not UTF-8 and were read as Latin-1.
   */
  take(line: string, isLatin1: boolean): void;
  /** The line that would come next is longer than is read: it is skipped, and counts as damaged. */
  skip(reason: string): void;
  /**
   * The file is over: what was held back until the next line is told.
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
  /** When the first event of a file is, for putting files in order; null when its head does not say. Milliseconds since 1970. */
  startOf(head: readonly string[], source: LogSource): number | null;
  /** Which server wrote it: files of one server are read as one log. Null when its head does not say. */
  serverOf(head: readonly string[], source: LogSource): string | null;
  /** A reader for one file. */
  open(source: LogSource, sink: LogSink): LogReader;
}
