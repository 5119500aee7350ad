/** The result of reading logs. */
import type { ObservedEvent } from '../../machines/registration/observer/events.js';
import type { Damage, LineCounts } from './log-reader.js';
import type { PassedOver } from './sources/listing.js';

/** Takes the events of one log, in order. */
export interface EventTaker {
  take(event: ObservedEvent): void;
}

/** One file that was read. */
export interface FileRead {
  readonly file: string;
  readonly server: string;
  /** `LogFormat.id`. */
  readonly format: string;
  /** Size on the disk, packed where the file is packed. */
  readonly bytes: number;
  readonly counts: LineCounts;
}

export interface LogsRead {
  /** In the order of reading. */
  readonly files: readonly FileRead[];
  /** Files of a folder that are not logs, each with the reason. */
  readonly passedOver: readonly PassedOver[];
  readonly counts: LineCounts;
  /** The first 1,000 damaged places. */
  readonly damages: readonly Damage[];
  /** The number of all damaged places. */
  readonly damaged: number;
}
