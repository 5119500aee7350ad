/** The rows of the log: what is logged, and where. */
import * as v from 'valibot';
import { logLevels } from '../runtime/log-levels.js';
import type { Range } from '../runtime/quantities.js';
import type { OptionRow } from './option-row.js';
import { choice, durationOf, numberOf, sizeOf } from './readings.js';

const fileSize: Range = { min: '64KiB', max: '1048576MiB' };
const fileAge: Range = { min: '1m', max: '366d' };
const path = v.pipe(v.string('a file path'), v.nonEmpty('a file path'));

export const logOptions = {
  logLevel: {
    kind: 'value',
    group: 'Log',
    schema: choice(logLevels),
    default: 'info',
    argument: '<level>',
    description: 'minimum severity of log lines; actions of operators are logged at any level',
    allowed: logLevels.join(', '),
  },
  logFormat: {
    kind: 'value',
    group: 'Log',
    schema: choice(['pretty', 'json']),
    default: null,
    argument: '<pretty|json>',
    description: 'format on stdout; files have JSON, one object per line',
    otherwise: 'default pretty on a terminal, json elsewhere',
    restart: true,
  },
  logFile: {
    kind: 'path',
    group: 'Log',
    schema: path,
    default: null,
    argument: '<file>',
    description:
      'file for the log, in an existing folder; stdout then has the start message only. SIGUSR2 rotates it, or creates it again after logrotate has moved it away',
    otherwise: 'without it the log is on stdout',
    restart: true,
  },
  logSize: {
    kind: 'value',
    group: 'Log',
    schema: sizeOf(fileSize),
    default: '64MiB',
    argument: '<size>',
    description: 'size of --log-file from which on the log continues in a new file',
    allowed: '64KiB to 1048576MiB',
    restart: true,
  },
  logAge: {
    kind: 'value',
    group: 'Log',
    schema: durationOf(fileAge),
    default: null,
    argument: '<duration>',
    description: 'age of --log-file from which on the next line begins a new file, e.g. 1d',
    allowed: '1m to 366d',
    otherwise: 'without it only the size counts',
    restart: true,
  },
  logKeep: {
    kind: 'value',
    group: 'Log',
    schema: numberOf(1, 10_000),
    default: '10',
    argument: '<number>',
    description: 'maximum number of rotated files beside --log-file; the oldest are removed',
    allowed: '1 to 10000',
    restart: true,
  },
  auditFile: {
    kind: 'path',
    group: 'Log',
    schema: path,
    default: null,
    argument: '<file>',
    description:
      'file for the actions of operators, in addition to the log: start, stop, reloads, control, sign-ins. It is only appended to, synced line by line, and readable by its owner only',
    otherwise: 'without it they are only in the log',
    restart: true,
  },
} as const satisfies Record<string, OptionRow>;
