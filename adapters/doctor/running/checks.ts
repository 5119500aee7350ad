import { readdir } from 'node:fs/promises';
import { duration } from '../../../machines/text/format.js';
import { version } from '../../runtime/version.js';
import { type Check, fail, ok, warn } from '../check.js';
import type { GateState } from './gate-state.js';
import { limitHits, refusals, rejections } from './refusals.js';

/** Milliseconds from which on an answer of the gate is slow. */
const slow = 500;
/** The share of connections or files from which on a gate is nearly full. */
const nearlyFull = 0.8;

const readiness: Check<GateState> = {
  id: 'readiness',
  title: 'State',
  description: 'the state of the gate, whether it is ready, and how fast it answers',
  run({ where, answerTime, status: { state, notReady, uptime, open, registered, endpoints } }) {
    const facts = `${state} for ${duration(uptime)}, ${open} connections, ${registered} registered clients`;
    const slowly =
      answerTime < slow
        ? []
        : [
            warn(
              `${where} answered after ${duration(answerTime)}`,
              'the event loop is busy: use more --workers, or look for a client that sends much',
            ),
          ];
    if (notReady === null) return [ok(`${facts}, at ${endpoints.join(' ')}`), ...slowly];
    const fix = state === 'draining' ? 'ixgate ctl resume' : 'look at the log of the gate';
    return [fail(`${facts}; not ready: ${notReady}`, fix), ...slowly];
  },
};

const versions: Check<GateState> = {
  id: 'version',
  title: 'Version',
  description: 'the version that runs is the installed one',
  run({ status }) {
    const installed = version();
    const text = `ixgate ${status.version} on Node ${status.node}, process ${status.pid}`;
    if (status.version === installed) return [ok(text)];
    return [warn(`${text}; ${installed} is installed here`, 'restart the gate')];
  },
};

const workers: Check<GateState> = {
  id: 'workers',
  title: 'Workers',
  description: 'all workers run, and none has crashed',
  run({ status: { workers: counts } }) {
    if (counts === null) return [];
    const { wanted, live, deaths, startError } = counts;
    const text = `${live} of ${wanted} run`;
    const fix = 'the log has the error of the worker';
    if (live < wanted) {
      return [fail(`${text}${startError === null ? '' : ` (${startError})`}`, fix)];
    }
    if (deaths === 0) return [ok(text)];
    return [warn(`${text}; ${deaths} crashed since the start`, fix)];
  },
};

const room: Check<GateState> = {
  id: 'room',
  title: 'Room',
  description:
    'connections against --max-connections, and open files of the process against its limit, on this machine',
  async run({ status: { open, pid }, options, system }) {
    const value = options?.find(({ key }) => key === 'maxConnections')?.value;
    const max = Number(value);
    const findings =
      max > 0 && open > max * nearlyFull
        ? [warn(`${open} of at most ${max} connections`, 'raise --max-connections')]
        : [ok(`${open} connections${max > 0 ? ` of at most ${max}` : ''}`)];
    const isHere = (await system.text(`/proc/${pid}/cmdline`))?.includes('ixgate') === true;
    const limits = isHere ? await system.text(`/proc/${pid}/limits`) : null;
    const allowed = Number(/^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1]);
    const used = (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
    if (!(allowed > 0) || used === 0) return findings;
    const text = `${used} of at most ${allowed} open files`;
    const isFull = used > allowed * nearlyFull;
    return [...findings, isFull ? warn(text, 'raise LimitNOFILE of the unit') : ok(text)];
  },
};

const control: Check<GateState> = {
  id: 'control',
  title: 'Set by hand',
  description:
    'options, bans and a log level that live control has set and that end with the gate; addresses with penalties',
  run({ status: { service }, penalized }) {
    if (service === null) return [];
    const { overrides, bans, logLevel } = service;
    const keys = Object.keys(overrides);
    const findings = [
      ...(keys.length === 0
        ? []
        : [
            warn(
              `set by ixgate ctl until the gate stops: ${keys.join(', ')}`,
              'write them into the configuration file, or ixgate ctl unset',
            ),
          ]),
      ...(logLevel.level === logLevel.configured
        ? []
        : [
            warn(
              `the log level is ${logLevel.level} instead of ${logLevel.configured}`,
              `ixgate ctl log-level ${logLevel.configured}`,
            ),
          ]),
      ...(bans === 0 ? [] : [ok(`${bans} bans: ixgate ctl bans`)]),
      ...(penalized === 0
        ? []
        : [
            warn(
              `${penalized} addresses are rejected for their penalties`,
              'ixgate ctl penalties lists them; the log tells why',
            ),
          ]),
    ];
    return findings.length > 0 ? findings : [ok('no settings, bans or penalties')];
  },
};

const problems: Check<GateState> = {
  id: 'problems',
  title: 'Internal errors',
  description: 'errors of handlers, validators and the gate itself since the start',
  run({ status: { problems: count } }) {
    if (count === 0) return [ok('none')];
    return [warn(`${count} since the start`, 'the log has them, at level error')];
  },
};

/** Every check of a running gate, in the order of the report. */
export const runningChecks: readonly Check<GateState>[] = [
  readiness,
  versions,
  workers,
  room,
  rejections,
  refusals,
  limitHits,
  control,
  problems,
];
