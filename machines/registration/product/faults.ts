/** Charts and seats with one fault each, to test the checker: each fault must violate its property. */
import { type AnyStateMachine, createMachine } from 'xstate';
import type { ChartTable } from '../../engine/table/table.js';
import { registrationMachine } from '../chart/registration.js';
import { registrationTableOf } from '../chart/registration-table.js';
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
    sentence: 'A stray EventAck stops the deadline of an unregistered connection.',
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
    sentence: 'The first EventError stops the registration deadline and starts no other.',
    breaks: 'deadline',
    seat: 'both',
    chart: changedAt([...unregistered, 'deadline'], (node) => ({
      ...node,
      states: { ...(node.states as Config), rejection: {} },
    })),
  },
  {
    id: 'error-restarts-deadline',
    sentence: 'Each EventError restarts the rejection deadline.',
    breaks: 'end',
    seat: 'both',
    chart: changedAt(
      deadline('rejection'),
      answering('EventError', { target: 'rejection', reenter: true }),
    ),
  },
  {
    id: 'deadline-starts-over',
    sentence: 'When the rejection deadline expires, the registration deadline starts again.',
    breaks: 'end',
    seat: 'both',
    chart: changedAt(deadline('rejection'), (node) => ({
      ...node,
      after: { rejectionTimeout: 'registration' },
    })),
  },
  {
    id: 'refusal-registers',
    sentence: 'An EventError to a message before the registration registers the client.',
    breaks: 'entry',
    seat: 'server',
    chart: changedAt(exchange('refusing'), answering('EventError', { target: registered })),
  },
  {
    id: 'unsolicited-ack-registers',
    sentence: 'An EventAck registers a client that has not sent RequestRegisterClient.',
    breaks: 'entry',
    seat: 'both',
    chart: changedAt(exchange('awaiting'), answering('EventAck', { target: registered })),
  },
  {
    id: 'error-is-a-yes',
    sentence: 'The client treats EventError as EventAck.',
    breaks: 'agreement',
    seat: 'client',
    chart: changedAt(exchange('validating'), answering('EventError', { target: registered })),
  },
  {
    id: 'refused-stays-validating',
    sentence:
      'After EventError the server stays in validating: a stray EventAck registers a rejected client.',
    breaks: 'entry',
    seat: 'server',
    chart: changedAt(exchange('validating'), answering('EventError', { actions: 'refused' })),
  },
  {
    id: 'swallowed-message',
    sentence: 'A message before the registration is ignored without an answer.',
    breaks: 'answered',
    seat: 'server',
    chart: changedAt(exchange('awaiting'), answering('OtherMessage', {})),
  },
  {
    id: 'answered-twice',
    sentence: 'The server sends already-registered to a client right after its registration.',
    breaks: 'once',
    seat: 'server',
    chart: changedAt(['connected', 'registered'], (node) => ({
      ...node,
      entry: ['granted', 'registerAgain'],
    })),
  },
  {
    id: 'delivered-twice',
    sentence: 'A message of a registered client is delivered to the service twice.',
    breaks: 'once',
    seat: 'server',
    chart: changedAt(
      ['connected', 'registered'],
      answering('OtherMessage', { actions: ['deliver', 'deliver'] }),
    ),
  },
  {
    id: 'asks-twice',
    sentence: 'The client can send RequestRegisterClient again before the answer.',
    breaks: 'settled',
    seat: 'client',
    chart: changedAt(exchange('validating'), answering('RequestRegisterClient', {})),
  },
  {
    id: 'registered-deadline',
    sentence: 'The registration deadline continues to run after the registration.',
    breaks: 'left-alone',
    seat: 'both',
    chart: changedAt(['connected'], (node) => ({
      ...node,
      after: { registrationTimeout: '#registration.disconnected' },
    })),
  },
  {
    id: 'unsettled-wait',
    sentence: 'The reply timeout of the client continues to run after the registration.',
    breaks: 'left-alone',
    seat: 'client',
    chart: changedAt(exchange('validating'), (node) => ({
      ...answering('EventError', { target: 'awaiting', actions: ['settle', 'refused'] })(node),
      exit: [],
    })),
  },
  {
    id: 'speaks-after-disconnect',
    sentence: 'Messages of the service are sent after the disconnect.',
    breaks: 'silence',
    seat: 'server',
    chart: changedAt(['disconnected'], ({ type: _, ...node }) => ({
      ...node,
      on: { OtherEvent: { actions: 'deliver' } },
    })),
  },
  {
    id: 'connection-left-open',
    sentence: 'The server ends a session and leaves its connection open.',
    breaks: 'settled',
    seat: 'server',
    chart: changedAt(['disconnected'], (node) => ({ ...node, entry: [] })),
  },
  {
    id: 'reads-on',
    sentence: 'The server continues to read while an answer is pending.',
    breaks: 'answered',
    seat: 'server',
    chart: null,
    mistakes: { readsOn: true },
  },
  {
    id: 'error-and-stay',
    sentence:
      'The server sends an unsolicited EventError to an unregistered client and does not close: the client takes it for an answer.',
    breaks: 'answered',
    seat: 'server',
    chart: null,
    mistakes: { staysAfterError: true },
  },
  {
    id: 'writes-first',
    sentence: 'The client does not read while the server has not read its messages.',
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
  throw new RangeError(`unknown fault ${JSON.stringify(id)}; expected one of: ${ids}`);
}

/** The options of `checkRegistration` that check the faulty model. */
export function checkOptionsFor({ chart, seat, mistakes }: SeededFault): CheckOptions {
  const table: ChartTable | undefined = chart ? registrationTableOf(chart()) : undefined;
  return {
    mistakes,
    ...(seat !== 'client' && { server: table }),
    ...(seat !== 'server' && { client: table }),
  };
}
