/** The header of a recording: its first line, if the writer has something to state about the whole file. Older files have none. */
import * as v from 'valibot';
import { someText } from './field-schemas.js';

export interface RecordingHeader {
  /** The version of the header. */
  readonly recording: 1;
  /** The name of the gate among those of its cluster. */
  readonly node?: string | undefined;
}

/** A header as it is read from a file; other keys are dropped. The messages are the allowed values. */
export const headerSchema = v.object({
  recording: v.literal(1, '1'),
  node: v.optional(someText),
});

/** A header as a line without its end. */
export function headerLine({ node }: Omit<RecordingHeader, 'recording'>): string {
  return JSON.stringify({ recording: 1, node });
}
