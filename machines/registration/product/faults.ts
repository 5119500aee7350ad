/** Charts and seats with one fault each, to test the checker: each fault must violate its property. */
import { type AnyStateMachine, createMachine } from 'xstate';
import { type ChartTable, registrationTableOf } from '../../engine/mealy/index.js';
import { registrationMachine } from '../chart/registration.js';
import type { CheckOptions } from './check.js';
import type { SeatMistakes } from './model.js';
import type { ModelSeat } from './model-step.js';
import type { CheckedPropertyId } from './properties.js';

export interface SeededFault {
  readonly id: string;
  readonly sentence: string;
  /** The property that it violates with the shortest counterexample. */
  readonly breaks: CheckedPropertyId;
  /** The seat with the faulty chart; `both` when both run it. */
  readonly seat: ModelSeat | 'both';
  /** Makes the faulty chart; null for a fault of the seat. */
  readonly chart: (() => Chart) | null;
  readonly mistakes?: SeatMistakes;
}

type Chart = typeof registrationMachine;
type Config = { readonly [key: string]: unknown };
type Change = (node: Config) => Config;

const unregistered = ['connected', 'unregistered'];
const exchange = (state: string) => [...unregistered, 'exchange', state];
const deadline = (state: string) => [...unregistered, 'deadline', state];

/** The registration chart with one state changed. The original is not modified. */
function changedAt(path: readonly string[], change: Change): () => Chart {
  return () => {
    const config = changedIn(registrationMachine.config as Config, path, change);
    const { implementations } = registrationMachine;
    const machine: AnyStateMachine = createMachine(config as never, implementations as never);
    return machine as unknown as Chart;
  };
}

function changedIn(node: Config, [key, ...rest]: readonly string[], change: Change): Config {
  if (key === undefined) return change(node);
  const states = node.states as Readonly<Record<string, Config>>;
  return { ...node, states: { ...states, [key]: changedIn(states[key] ?? {}, rest, change) } };
}

/** Replaces the answer to one event. */
const answering =
  (event: string, answer: unknown): Change =>
  (node) => ({ ...node, on: { ...(node.on as Config), [event]: answer } });

const registered = '#registration.connected.registered';

export const seededFaults: readonly SeededFault[] = [
  {
    id: 'stray-ack-stops-clock',
    sentence:
      'The deadline reacts to EventAck by itself, as in a draft of the design: a stray one stops the clock of an unregistered connection.',
    breaks: 'deadline',
    seat: 'both',
    chart: changedAt([...unregistered, 'deadline'], (node) => ({
      ...node,
      on: { EventAck: '.stopped' },
      states: { ...(node.states as Config), stopped: {} },
    })),
  },
  {
    id: 'no-deadline-after-error',
    sentence: 'The first EventError stops the registration deadline and starts none.',
    breaks: 'deadline',
    seat: 'both',
    chart: changedAt([...unregistered, 'deadline'], (node) => ({
      ...node,
      states: { ...(node.states as Config), rejection: {} },
    })),
  },
  {
    id: 'error-restarts-deadline',
    sentence: 'Each EventError starts the rejection deadline anew.',
    breaks: 'end',
    seat: 'both',
    chart: changedAt(
      deadline('rejection'),
      answering('EventError', { target: 'rejection', reenter: true }),
    ),
  },
  {
    id: 'deadline-starts-over',
    sentence: 'When the rejection deadline runs out the registration deadline begins anew.',
    breaks: 'end',
    seat: 'both',
    chart: changedAt(deadline('rejection'), (node) => ({
      ...node,
      after: { rejectionTimeout: 'registration' },
    })),
  },
  {
    id: 'refusal-registers',
    sentence: 'An EventError to a message that came first registers the client.',
    breaks: 'entry',
    seat: 'server',
    chart: changedAt(exchange('refusing'), answering('EventError', { target: registered })),
  },
  {
    id: 'unasked-ack-registers',
    sentence: 'An EventAck registers a client that has not asked.',
    breaks: 'entry',
    seat: 'both',
    chart: changedAt(exchange('awaiting'), answering('EventAck', { target: registered })),
  },
  {
    id: 'error-is-a-yes',
    sentence: 'The client takes EventError for EventAck.',
    breaks: 'agreement',
    seat: 'client',
    chart: changedAt(exchange('validating'), answering('EventError', { target: registered })),
  },
  {
    id: 'refused-stays-validating',
    sentence:
      'After EventError the server goes on validating: a stray EventAck registers whom it has refused.',
    breaks: 'entry',
    seat: 'server',
    chart: changedAt(exchange('validating'), answering('EventError', { actions: 'refused' })),
  },
  {
    id: 'swallowed-message',
    sentence: 'A message that comes before the registration is passed over in silence.',
    breaks: 'answered',
    seat: 'server',
    chart: changedAt(exchange('awaiting'), answering('OtherMessage', {})),
  },
  {
    id: 'answered-twice',
    sentence: 'Whoever is registered hears at once that he is registered already.',
    breaks: 'once',
    seat: 'server',
    chart: changedAt(['connected', 'registered'], (node) => ({
      ...node,
      entry: ['granted', 'registerAgain'],
    })),
  },
  {
    id: 'delivered-twice',
    sentence: 'A message of a registered client is handed to the service twice.',
    breaks: 'once',
    seat: 'server',
    chart: changedAt(
      ['connected', 'registered'],
      answering('OtherMessage', { actions: ['deliver', 'deliver'] }),
    ),
  },
  {
    id: 'asks-twice',
    sentence: 'The client may ask again before it has an answer.',
    breaks: 'settled',
    seat: 'client',
    chart: changedAt(exchange('validating'), answering('RequestRegisterClient', {})),
  },
  {
    id: 'registered-deadline',
    sentence: 'The registration deadline goes on running after the registration.',
    breaks: 'left-alone',
    seat: 'both',
    chart: changedAt(['connected'], (node) => ({
      ...node,
      after: { registrationTimeout: '#registration.disconnected' },
    })),
  },
  {
    id: 'unsettled-wait',
    sentence: 'The client does not stop waiting when it is registered.',
    breaks: 'left-alone',
    seat: 'client',
    chart: changedAt(exchange('validating'), (node) => ({
      ...answering('EventError', { target: 'awaiting', actions: ['settle', 'refused'] })(node),
      exit: [],
    })),
  },
  {
    id: 'speaks-after-disconnect',
    sentence: 'Messages of the service are still sent after the disconnect.',
    breaks: 'silence',
    seat: 'server',
    chart: changedAt(['disconnected'], ({ type: _, ...node }) => ({
      ...node,
      on: { OtherEvent: { actions: 'deliver' } },
    })),
  },
  {
    id: 'connection-left-open',
    sentence: 'The server is done with a session and leaves its connection open.',
    breaks: 'settled',
    seat: 'server',
    chart: changedAt(['disconnected'], (node) => ({ ...node, entry: [] })),
  },
  {
    id: 'reads-on',
    sentence: 'The server goes on reading while it owes an answer.',
    breaks: 'answered',
    seat: 'server',
    chart: null,
    mistakes: { readsOn: true },
  },
  {
    id: 'error-and-stay',
    sentence:
      'The server says EventError unasked to somebody who is not registered, and does not close: it takes the place of an answer.',
    breaks: 'answered',
    seat: 'server',
    chart: null,
    mistakes: { staysAfterError: true },
  },
  {
    id: 'writes-first',
    sentence: 'The client does not read while what it has said is not taken.',
    breaks: 'deadlock',
    seat: 'client',
    chart: null,
    mistakes: { writesFirst: true },
  },
];

/** @throws {RangeError} for an unknown id; the message lists the ids. */
export function findSeededFault(id: string): SeededFault {
  const found = seededFaults.find((fault) => fault.id === id);
  if (found) return found;
  const ids = seededFaults.map((fault) => fault.id).join(', ');
  throw new RangeError(`there is no fault ${JSON.stringify(id)}; the faults are ${ids}`);
}

/** The options of `checkModel` that check the faulty model. */
export function checkOptionsFor({ chart, seat, mistakes }: SeededFault): CheckOptions {
  const table: ChartTable | undefined = chart ? registrationTableOf(chart()) : undefined;
  return {
    mistakes,
    ...(seat !== 'client' && { server: table }),
    ...(seat !== 'server' && { client: table }),
  };
}
