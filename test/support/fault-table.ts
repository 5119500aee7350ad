/** The permitted effects of a fault: where an exchange can be broken, and the outcome at each side. */
import { getInitialSnapshot, getNextSnapshot } from 'xstate';
import type { Scheme } from '../../adapters/net/transports/index.js';
import { configurationOf, registrationMachine, type StepRecord } from '../../machines/index.js';
import { inWords, type Outcome, type Side } from './fault-exchange.js';
import type { Direction, Fault } from './fault-proxy.js';

/** The boundaries of one direction, in bytes from its start. */
interface Places {
  /** The end of its first TLS record; 0 without TLS. */
  readonly hello: number;
  /** Where its part of the connection setup ends. */
  readonly open: number;
  /** Where the request, or the answer, ends. */
  readonly said: number;
}

export interface Landmarks {
  readonly scheme: Scheme;
  readonly up: Places;
  readonly down: Places;
}

/** Determines them from an undisturbed exchange. */
export function landmarksOf(scheme: Scheme, { passed }: Outcome): Landmarks {
  const { connected, registered } = passed;
  const secure = scheme === 'tls' || scheme === 'wss';
  const ends = secure ? recordEnds(registered.up) : [0];
  // A TLS 1.3 client is connected before its last handshake message, which it sends together with the request.
  const open = scheme === 'tls' ? ends.at(-2) : connected.up.length;
  const hello = (bytes: Buffer) => (secure ? (recordEnds(bytes)[0] ?? 0) : 0);
  return {
    scheme,
    up: { hello: hello(registered.up), open: open ?? 0, said: registered.up.length },
    down: {
      hello: hello(registered.down),
      open: connected.down.length,
      said: registered.down.length,
    },
  };
}

/** Where each TLS record ends. */
function recordEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    at += 5 + bytes.readUInt16BE(at + 3);
    ends.push(at);
  }
  return ends;
}

const clean = 'registered, client-closed | registered, peer-closed';

/** Client | server, by the part of the direction in which the fault happens. A fault at the very end of a part belongs to the next. */
const table: Record<`${Direction} ${Exclude<Fault['kind'], 'split'>}`, [string, string, string]> = {
  'up cut': [
    'connect-failed | handshake-failed',
    'peer-closed | peer-closed',
    'registered, peer-closed | registered, peer-closed',
  ],
  'up reset': [
    'connect-failed | handshake-failed',
    'transport-error | transport-error',
    'transport-error | registered, transport-error',
  ],
  'up stall': ['connect-failed | handshake-failed', 'peer-closed | registration-timeout', clean],
  'down cut': [
    'connect-failed | handshake-failed',
    'peer-closed | registered, peer-closed',
    'registered, peer-closed | registered, peer-closed',
  ],
  'down reset': [
    'connect-failed | handshake-failed',
    'transport-error | registered, transport-error',
    'registered, transport-error | registered, transport-error',
  ],
  'down stall': [
    'connect-failed | handshake-failed',
    'reply-timeout | registered, peer-closed',
    clean,
  ],
};

/** The number of bytes by which a TLS server's output varies between handshakes (its signature). */
const varies = 8;

function giveOf({ scheme }: Landmarks, direction: Direction): number {
  return direction === 'down' && (scheme === 'tls' || scheme === 'wss') ? varies : 0;
}

/** The permitted outcomes of a fault, one or more of `inWords`. */
export function allowed(landmarks: Landmarks, fault: Fault): string[] {
  const { scheme, up } = landmarks;
  const { direction, kind, at } = fault;
  if (kind === 'split') return [clean];
  const secure = scheme === 'tls' || scheme === 'wss';
  const { open, said } = landmarks[direction];
  const give = giveOf(landmarks, direction);
  const row = table[`${direction} ${kind}`];
  const results = new Set<string>();
  for (const place of [at - give, at, at + give]) {
    const part = place >= said ? 2 : place >= open ? 1 : 0;
    const answered = part === 0 && direction === 'down' && (scheme === 'ws' || scheme === 'wss');
    // The server of a WebSocket is connected when it has answered the upgrade; with TLS that is somewhere within the exchange.
    if (answered)
      results.add(`connect-failed | ${kind === 'reset' ? 'transport-error' : 'peer-closed'}`);
    if (!answered || secure || (kind === 'reset' && at === 0)) results.add(row[part]);
  }
  // A reset also stops the other direction, whose last bytes may just be taking effect.
  if (kind === 'reset' && Math.abs(at - open) <= give) {
    results.add('connect-failed | transport-error');
    results.add('transport-error | transport-error');
    if (scheme === 'tls') results.add('transport-error | handshake-failed');
  }
  // A TLS client is connected before its server, as soon as it has the server's part of the handshake.
  if (scheme === 'tls' && direction === 'up' && at >= up.hello && at < open) {
    results.add(`${kind === 'reset' ? 'transport-error' : 'peer-closed'} | handshake-failed`);
  }
  // The close is longer than the variation of the answer: the fault happens in the close, or never.
  if (give > 0 && at + give >= said) {
    results.add(clean);
    results.add('registered, client-closed | registered, transport-error');
  }
  return [...results];
}

const errorNames: Partial<Record<Side['reason'], string>> = {
  'connect-failed': 'ConnectFailedError',
  'peer-closed': 'DisconnectedError',
  'transport-error': 'DisconnectedError',
  'reply-timeout': 'ReplyTimeoutError',
};

/** Describes what is wrong with an outcome; empty when it is correct. */
export function objections(landmarks: Landmarks, outcome: Outcome): string[] {
  const { fault, struck, client, server, refusal, proxy } = outcome;
  const wrong: string[] = [];
  const words = inWords(outcome);
  const expected = struck && fault ? allowed(landmarks, fault) : [clean];
  // A fault after the registration happens during the close.
  if (!struck && fault) expected.push('registered, client-closed | registered, transport-error');
  if (
    !struck &&
    fault &&
    fault.at <= landmarks[fault.direction].said - giveOf(landmarks, fault.direction)
  ) {
    wrong.push('the fault did not happen');
  }
  if (!expected.includes(words)) wrong.push(`${words}, not ${expected.join(' or ')}`);
  if (client.registered && !server.registered) wrong.push('only the client is registered');
  const name = client.error?.name;
  if (name !== errorNames[client.reason]) wrong.push(`${client.reason} with ${name}`);
  if (!client.registered && refusal !== client.error) wrong.push(`registered rejects: ${refusal}`);
  if ((server.reason === 'transport-error') !== (server.error !== null)) {
    if (server.reason !== 'handshake-failed') wrong.push(`${server.reason}: ${server.error}`);
  }
  for (const side of [client, server]) wrong.push(...unlawful(side));
  for (const { received, passed } of [proxy.up, proxy.down]) {
    const [came, went] = [Buffer.concat(received), Buffer.concat(passed)];
    if (!came.subarray(0, went.length).equals(went)) wrong.push('the proxy changed the bytes');
  }
  return wrong.map((text) => `${JSON.stringify(fault)}: ${text}`);
}

/** Plays a side's records on the chart itself: each must lead to its recorded state. */
function unlawful({ reason, registered, steps }: Side): string[] {
  if (reason === 'handshake-failed') return steps.length > 0 ? ['a step before the session'] : [];
  const wrong: string[] = [];
  let snapshot = getInitialSnapshot(registrationMachine);
  for (const [index, step] of steps.entries()) {
    const from = configurationOf(snapshot);
    snapshot = getNextSnapshot(registrationMachine, snapshot, eventOf(step));
    const to = configurationOf(snapshot);
    const said = `${step.seq} ${step.name}: ${step.from} to ${step.to}`;
    if (step.seq !== index + 1 || step.from !== from || step.to !== to) {
      wrong.push(`step ${said}, where the chart goes from ${from} to ${to}`);
    }
    if (from === to) wrong.push(`step ${said} is not expected there`);
  }
  const last = steps.at(-1);
  if (last?.to !== 'disconnected' || last.reason !== reason) wrong.push(`ends with ${last?.name}`);
  if (steps.some(({ to }) => to === 'registered') !== registered)
    wrong.push('the records and the outcome disagree about the registration');
  return wrong;
}

type ChartEvent = Parameters<typeof getNextSnapshot<typeof registrationMachine>>[2];

/** In a registration each message has the name of its event; a deadline has the name of the chart. */
function eventOf({ kind, name, reason }: StepRecord): ChartEvent {
  const type =
    kind === 'timer'
      ? registrationMachine.events.find((event) => String(event).startsWith(`xstate.after.${name}`))
      : name;
  return { type, ...(reason && { reason }) } as ChartEvent;
}
