/** The rows of `--record`: where steps are recorded, and how durably. */
import * as v from 'valibot';
import { recordSyncs } from '../recording/options.js';
import type { Range } from '../runtime/quantities.js';
import type { OptionRow } from './option-row.js';
import { choice, durationOf, numberOf, sizeOf } from './readings.js';

const fileSize: Range = { min: '1KiB', max: '1048576MiB' };
const fileAge: Range = { min: '1s', max: '24d' };

export const recordingOptions = {
  record: {
    kind: 'path',
    group: 'Recordings',
    schema: v.pipe(v.string('a folder'), v.nonEmpty('a folder')),
    default: null,
    argument: '<folder>',
    description:
      'folder for recordings: files with every step of every session, one JSON object per line; created if it does not exist',
    otherwise: 'without it no recording',
    restart: true,
  },
  recordSync: {
    kind: 'value',
    group: 'Recordings',
    schema: choice(recordSyncs),
    default: '1s',
    argument: '<always|1s|never>',
    description:
      'durability if the machine crashes: always acknowledges a registration only when it is on the disk; 1s loses at most the last second; never leaves it to the system. A killed process loses nothing that was written',
    restart: true,
  },
  recordSize: {
    kind: 'value',
    group: 'Recordings',
    schema: sizeOf(fileSize),
    default: '64MiB',
    argument: '<size>',
    description: 'maximum size of a file; then the next file begins',
    allowed: '1KiB to 1048576MiB',
    restart: true,
  },
  recordAge: {
    kind: 'value',
    group: 'Recordings',
    schema: durationOf(fileAge),
    default: '1h',
    argument: '<duration>',
    description: 'maximum age of the first step in a file; then the next file begins',
    allowed: '1s to 24d',
    restart: true,
  },
  recordKeep: {
    kind: 'value',
    group: 'Recordings',
    schema: numberOf(1, 1_000_000),
    default: null,
    argument: '<number>',
    description: 'maximum number of recordings in the folder; the oldest are removed',
    allowed: '1 to 1000000',
    otherwise: 'without it all are kept',
    restart: true,
  },
} as const satisfies Record<string, OptionRow>;
