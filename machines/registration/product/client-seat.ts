/**
 * The possible steps of a client's seat in a state. It receives and waits like the client in `adapters/client`, but it may send any
 * message at any moment, or none. A client that sends an unexpected message (`isRude`) may end up in a wrong state; the server may not.
 */

import {
  firstOf,
  type GlobalState,
  lengthOf,
  link,
  toClient,
  toServer,
  withLast,
  withoutFirst,
} from './global-state.js';
import { type ModelStep, modelStep } from './model-step.js';
import type { CheckedPropertyId } from './properties.js';
import type { SeatChart } from './seat-chart.js';
import type { Visit } from './server-seat.js';

const connected = modelStep('client', 'notices', { event: 'Connected', isDue: true });
const connectFailed = disconnectedBy('connect-failed');
const broken = disconnectedBy('transport-error');
const peerClosed = disconnectedBy('peer-closed');
const closes = modelStep('client', 'closes', { event: 'Disconnected', reason: 'client-closed' });
const replyTimeout = modelStep('client', 'timer', {
  event: 'Disconnected',
  timer: 'replyTimeout',
  reason: 'reply-timeout',
});

function disconnectedBy(reason: 'connect-failed' | 'transport-error' | 'peer-closed'): ModelStep {
  return modelStep('client', 'notices', { event: 'Disconnected', reason, isDue: true });
}

const sent = [
  [toServer.valid, modelStep('client', 'sends', { event: 'RequestRegisterClient', valid: true })],
  [
    toServer.invalid,
    modelStep('client', 'sends', { event: 'RequestRegisterClient', valid: false }),
  ],
  [toServer.other, modelStep('client', 'sends', { event: 'OtherMessage' })],
] as const;

const received: Readonly<Record<number, ModelStep>> = Object.fromEntries(
  (['EventAck', 'EventError', 'OtherEvent'] as const).map((event) => [
    toClient[event],
    modelStep('client', 'receives', { event, isDue: true }),
  ]),
);

export interface ClientSeatOptions {
  readonly chart: SeatChart;
  /** Maximum number of messages in flight to the server. */
  readonly bound: number;
  /** A fault: the client does not read while the server has not read its messages. */
  readonly writesFirst: boolean;
}

export class ClientSeat {
  readonly #chart: SeatChart;
  readonly #bound: number;
  readonly #writesFirst: boolean;

  constructor({ chart, bound, writesFirst }: ClientSeatOptions) {
    this.#chart = chart;
    this.#bound = bound;
    this.#writesFirst = writesFirst;
  }

  /** Visits every step that the seat can take. */
  each(state: GlobalState, visit: Visit): void {
    if (state.clientClosed || this.#chart.isFinal[state.client]) return;
    const isConnected = this.#chart.phase(state.client) !== 'connecting';
    if (state.link === link.lost) {
      this.#take({ ...state }, isConnected ? broken : connectFailed, visit);
    } else if (!isConnected) {
      if (state.link === link.up) this.#take({ ...state }, connected, visit);
    } else this.#receive(state, visit);
    if (!isConnected) return;
    this.#send(state, visit);
    this.#take({ ...state }, closes, visit);
    if (!state.waits) return;
    const isRegistered = this.#chart.phase(state.client) === 'registered';
    this.#take({ ...state }, replyTimeout, visit, isRegistered ? ['left-alone'] : []);
  }

  #send(state: GlobalState, visit: Visit): void {
    const isLost = state.link === link.lost || state.serverClosed === 1;
    if (!isLost && lengthOf(state.toServer) >= this.#bound) return;
    for (const [message, step] of sent) {
      const { isUnexpected } = this.#chart.step(state.client, step.event as string);
      const next = { ...state, isRude: isUnexpected ? 1 : state.isRude };
      if (!isLost) next.toServer = withLast(state.toServer, message);
      this.#take(next, step, visit);
    }
  }

  /** Reads the next message, or the end of the stream after the last one. */
  #receive(state: GlobalState, visit: Visit): void {
    if (this.#writesFirst && lengthOf(state.toServer) >= this.#bound) return;
    const step = received[firstOf(state.toClient)];
    if (step) {
      this.#take({ ...state, toClient: withoutFirst(state.toClient) }, step, visit);
    } else if (state.serverClosed) this.#take({ ...state }, peerClosed, visit);
  }

  /** Sends the event to the chart and applies its actions. The client has no deadlines: they belong to the server. */
  #take(
    next: GlobalState,
    taken: ModelStep,
    visit: Visit,
    breaks: readonly CheckedPropertyId[] = [],
  ): void {
    const step = this.#chart.step(next.client, taken.event as string);
    next.client = step.to;
    for (const action of step.actions) {
      if (action === 'validate') next.waits = 1;
      else if (action === 'settle') next.waits = 0;
      else if (action === 'disconnect') {
        next.clientClosed = 1;
        next.waits = next.isRude = 0;
        next.toClient = 0;
      }
    }
    visit(taken, next, breaks, 0);
  }
}
