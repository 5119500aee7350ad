/** One client and one gate: runs until no task is left, closes both, and runs until no task is left. */
import fc from 'fast-check';
import { createClient } from '../../adapters/client/index.js';
import { delay, type Manner, manner, networks, patience, validatorOf } from './arbitraries.js';
import type { Network } from './controlled-pair.js';
import { Interleaving } from './interleaving.js';
import { Dialing, eventsOf, RacingGate } from './racing.js';

/** Other events that may happen at any moment. */
export const deeds = [
  'the client closes',
  'the client is aborted',
  'the gate disconnects',
  'the gate closes',
  'the gate drains',
  'the gate is reconfigured',
  'the connection breaks',
  'the cable is pulled',
] as const;
export type Deed = (typeof deeds)[number];

/** Events of the client in whose listener it is closed. */
const news = ['connecting', 'step', 'registered', 'refused', 'disconnected', 'waiting'] as const;

const moments = [...news, 'set up'] as const;

export interface Given {
  readonly patience: number;
  readonly network: Network;
  /** Timeouts of the gate and the client, in milliseconds. */
  readonly registrationTimeout: number;
  readonly rejectionTimeout: number;
  readonly validatorTimeout: number;
  readonly replyTimeout: number;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly manner: Manner;
  readonly refuses: boolean;
  readonly reconnects: boolean;
  readonly closesAt: (typeof moments)[number] | null;
  /** The step, if the event is one. */
  readonly step: number;
  readonly deeds: readonly { readonly deed: Deed; readonly after: number }[];
}

/** @param chosen the deeds to draw from; all of them happen with `every`, otherwise some */
export function givens(chosen: readonly Deed[], every = false): fc.Arbitrary<Given> {
  const deed = fc.record({ deed: fc.constantFrom(...chosen), after: fc.nat({ max: 25 }) });
  const some = fc.uniqueArray(deed, { maxLength: 3, selector: (one) => one.deed });
  const all = fc.tuple(
    ...chosen.map((one) => fc.record({ deed: fc.constant(one), after: fc.nat({ max: 25 }) })),
  );
  return fc.record<Given>({
    patience,
    network: networks,
    registrationTimeout: delay,
    rejectionTimeout: delay,
    validatorTimeout: delay,
    replyTimeout: delay,
    connectTimeout: delay,
    requestTimeout: delay,
    manner,
    refuses: fc.constantFrom(false, false, false, true),
    reconnects: fc.boolean(),
    closesAt: fc.constantFrom(...Array.from({ length: 12 }, () => null), ...moments),
    step: fc.integer({ min: 1, max: 4 }),
    deeds: every ? all : some,
  });
}

export type Course = Awaited<ReturnType<typeof course>>;

export async function course(order: number, given: Given) {
  const interleaving = new Interleaving(order, given.patience);
  const validator = validatorOf(interleaving, () => given.manner);
  const { registrationTimeout, rejectionTimeout, validatorTimeout } = given;
  const options = { registrationTimeout, rejectionTimeout, validatorTimeout, validator };
  const gate = new RacingGate(interleaving, {
    ...options,
    onMessage: ({ reply }) => interleaving.later('answer of the service', () => reply.ack()),
  });
  const dialing = new Dialing(
    interleaving,
    given.network,
    (connection) => gate.accept(connection),
    (attempt) => given.refuses && attempt === 0,
    () => given.closesAt === 'set up' && close(),
  );
  const abort = new AbortController();
  const client = createClient({
    endpoints: 'tcp://gate.test:7004',
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    replyTimeout: given.replyTimeout,
    connectTimeout: given.connectTimeout,
    requestTimeout: given.requestTimeout,
    reconnect: given.reconnects ? { maxAttempts: 2, initialDelay: 10, spread: 10 } : false,
    random: () => 0.5,
    signal: abort.signal,
  });
  const events = eventsOf(client, interleaving);
  /** How each promise of the client was settled: `registered` first, then requests; `close` too. */
  const settled: Record<'registered' | 'request' | 'closed', string[]> = {
    registered: [],
    request: [],
    closed: [],
  };
  const note = (name: keyof typeof settled, promise: Promise<unknown>) =>
    void promise.then(
      () => settled[name].push('resolved'),
      (error: Error) => settled[name].push(error.name),
    );
  note('registered', client.registered);
  let closes = 0;
  /** The events of the client after it was closed for the first time. */
  let afterwards = (): string[] => [];
  const close = () => {
    closes += 1;
    const { length } = events;
    if (closes === 1) afterwards = () => events.slice(length);
    note('closed', client.close());
  };
  /** Whether the gate had registered the client, each time the client considered itself registered. */
  const agreements: boolean[] = [];
  client.on('registered', () => {
    const life = dialing.current && gate.lifeOn(dialing.current.gate);
    agreements.push(life?.events.includes('registered') ?? false);
  });
  let left = given.closesAt === 'step' ? given.step : 1;
  const closeInTime = () => {
    left -= 1;
    if (left === 0) close();
  };
  for (const name of news) if (given.closesAt === name) client.on(name, closeInTime);
  let requests = 0;
  client.on('registered', () => {
    for (let count = 0; count < 2; count += 1) {
      requests += 1;
      note('request', client.request({ messageName: 'RequestStatus' }));
    }
  });
  const does: Record<Deed, () => void> = {
    'the client closes': close,
    'the client is aborted': () => abort.abort(new Error('enough')),
    'the gate disconnects': () => {
      for (const { id } of gate.server.sessions()) gate.server.session(id)?.disconnect();
    },
    'the gate closes': () => gate.close(),
    'the gate drains': () => gate.close(10),
    'the gate is reconfigured': () =>
      gate.server.reconfigure({ ...options, registrationTimeout: 1, maxUnsent: 64 }),
    'the connection breaks': () => dialing.current?.drop(),
    'the cable is pulled': () => dialing.current?.vanish(),
  };
  for (const { deed, after } of given.deeds) {
    interleaving.later(deed, does[deed], after);
  }
  await interleaving.rest();
  const atRest = { registered: gate.server.counts().registered, client: client.state };
  close();
  gate.close();
  await interleaving.rest();
  return {
    interleaving,
    gate,
    client,
    dialing,
    events,
    agreements,
    settled,
    closes,
    requests,
    atRest,
    afterwards: afterwards(),
  };
}
