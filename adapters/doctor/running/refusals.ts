/** Why clients of a running gate are rejected, refused or disconnected, and what to do about each reason. */
import { type ErrorName, errorTable } from '../../../machines/registration/chart/error-codes.js';
import { flagOf } from '../../config/index.js';
import {
  type CountedLimit,
  countedLimits,
  type Outcome,
  outcomes,
  type RejectionReason,
  rejectionReasons,
} from '../../server/index.js';
import { type Check, type Finding, ok, orOk, warn } from '../check.js';
import type { GateState } from './gate-state.js';

/** Share of all connections from which on a reason is a warning. */
const noteworthy = 0.01;

/** What to do; null where nothing is: the gate does what an operator wants, or what it is for. */
type Fix = string | null;

const rejectionFixes: Readonly<Record<RejectionReason, Fix>> = {
  closing: null,
  draining: 'ixgate ctl resume, if the drain should not go on',
  banned: 'ixgate ctl bans lists the bans, ixgate ctl unban takes one back',
  overloaded: 'use more --workers or a faster machine; look for a client that sends much',
  'max-connections': 'raise --max-connections and the limit of open files',
  penalty: 'ixgate ctl penalties lists the addresses; the log tells what their clients did wrong',
  'per-address': 'raise --max-unregistered-per-address, or set --trust-proxy behind a proxy',
  'per-prefix': 'raise --max-unregistered-per-prefix, or set --trust-proxy behind a proxy',
  'max-unregistered': 'raise --max-unregistered; look for clients that connect and never register',
};

const errorFixes: Readonly<Partial<Record<ErrorName | 'other', Fix>>> = {
  'not-registered': 'the client must send RequestRegisterClient first',
  'invalid-client': 'add the client to --clients, or look at the log of the web service',
  'malformed-request': 'correct the client; the log has the attribute',
  'malformed-frame':
    'correct the client, or raise --max-frame-unregistered; docs/protocol.md has the form',
  'server-busy': 'see the limits below',
  'shutting-down': null,
  kicked: null,
  'validation-failed': 'look at the web service: ixgate doctor with --validator',
  'name-in-use': 'raise cap in --clients, or look for a second client with the same name',
};

const outcomeFixes: Readonly<Partial<Record<Outcome, string>>> = {
  'timed-out':
    'the client is too slow or does not register; raise --registration-timeout if it is slow',
  left: 'health checks do this, and port scans; otherwise look at the timeout of the client',
  'protocol-error': 'a client with another protocol (TLS, HTTP) connects to this port',
  'handshake-failed':
    'look at the certificates, and at --allow-origin and --allow-host for WebSockets',
};

/** Limits that protect the gate from itself. */
const limitFixes: Readonly<Partial<Record<CountedLimit, Fix>>> = {
  maxLag: 'use more --workers or a faster machine; look for a client that sends much',
  // Unregistered clients wait for registered ones.
  turnBudget: null,
  maxValidations: 'make the web service faster, or raise --max-validations',
  writeTimeout: 'look at the network of these clients',
};

export const rejections: Check<GateState> = {
  id: 'rejections',
  title: 'Rejected connections',
  description: 'connections that were rejected before they became sessions, by reason',
  run({ status: { rejected, accepted } }) {
    const all = accepted + sumOf(rejected);
    const findings = nonZero(rejected).map(([reason, count]) =>
      counted(count, all, `${reason}: ${rejectionReasons[reason]}`, rejectionFixes[reason]),
    );
    return orOk(findings, `none of ${all}`);
  },
};

export const refusals: Check<GateState> = {
  id: 'refusals',
  title: 'Refused clients',
  description:
    'EventErrors to clients that were not registered, and connections that ended without a registration',
  run({ status: { errors, outcomes: ended, accepted } }) {
    const toldOff = nonZero(errors).map(([name, count]) => {
      const meaning = name === 'other' ? 'another error' : errorTable[name].description;
      return counted(count, accepted, `EventError ${name}: ${meaning}`, errorFixes[name]);
    });
    const gone = nonZero(ended)
      .filter(([name]) => name !== 'registered' && name !== 'refused' && name !== 'closed')
      .map(([name, count]) =>
        counted(count, accepted, `${name}: the client ${outcomes[name]}`, outcomeFixes[name]),
      );
    const registered = `${ended.registered} of ${accepted} connections were registered`;
    return [ok(registered), ...toldOff, ...gone];
  },
};

export const limitHits: Check<GateState> = {
  id: 'limits',
  title: 'Limits',
  description: 'limits that were hit, and what happened then',
  run({ status: { limits, accepted, rejected } }) {
    const all = accepted + sumOf(rejected);
    const findings = nonZero(limits).map(([name, count]) => {
      const flag = flagOf(name);
      const { [name]: fix = `raise ${flag} if these clients are yours` } = limitFixes;
      return counted(count, all, `${flag}: ${countedLimits[name]}`, fix);
    });
    return orOk(findings, 'none was hit');
  },
};

function counted(
  count: number,
  all: number,
  what: string,
  fix: Fix = 'the log has the clients',
): Finding {
  const text = `${count} times ${what}`;
  const isNoteworthy = count >= Math.max(1, all * noteworthy);
  return isNoteworthy && fix !== null ? warn(text, fix) : ok(text);
}

function nonZero<Name extends string>(
  counts: Readonly<Record<Name, number>>,
): [name: Name, count: number][] {
  const entries = Object.entries(counts) as [Name, number][];
  return entries.filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one);
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
