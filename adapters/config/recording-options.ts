/** The rows of `--record`: where what happens is written down, and how safely. */
import * as v from 'valibot';
import { recordSyncs } from '../recording/options.js';
import type { OptionRow } from './option-row.js';
import type { Range } from './quantities.js';
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
      'write every step of every session to files in this folder, one JSON object a line; it is created when it is not there',
    otherwise: 'without it nothing is written',
    restart: true,
  },
  recordSync: {
    kind: 'value',
    group: 'Recordings',
    schema: choice(recordSyncs),
    default: '1s',
    argument: '<always|1s|never>',
    description:
      'what outlives the machine: always, a registration is acknowledged only when it is on the disk; 1s, all but the last second; never, what the system has written by then. A process that is killed loses nothing that was written',
    restart: true,
  },
  recordSize: {
    kind: 'value',
    group: 'Recordings',
    schema: sizeOf(fileSize),
    default: '64MiB',
    argument: '<size>',
    description: 'size at which a file is finished and the next one begun',
    allowed: '1KiB to 1048576MiB',
    restart: true,
  },
  recordAge: {
    kind: 'value',
    group: 'Recordings',
    schema: durationOf(fileAge),
    default: '1h',
    argument: '<duration>',
    description: 'age of its first step at which a file is finished',
    allowed: '1s to 24d',
    restart: true,
  },
  recordKeep: {
    kind: 'value',
    group: 'Recordings',
    schema: numberOf(1, 1_000_000),
    default: null,
    argument: '<number>',
    description: 'how many recordings stay in the folder; the oldest are removed',
    allowed: '1 to 1000000',
    otherwise: 'without it all',
    restart: true,
  },
} as const satisfies Record<string, OptionRow>;
