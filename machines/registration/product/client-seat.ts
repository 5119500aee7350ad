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

const connected = modelStep('client', 'told', { event: 'Connected', isDue: true });
const connectFailed = told('connect-failed');
const broken = told('transport-error');
const peerClosed = told('peer-closed');
const closes = modelStep('client', 'closes', { event: 'Disconnected', reason: 'client-closed' });
const replyTimeout = modelStep('client', 'timer', {
  event: 'Disconnected',
  timer: 'replyTimeout',
  reason: 'reply-timeout',
});

function told(reason: 'connect-failed' | 'transport-error' | 'peer-closed'): ModelStep {
  return modelStep('client', 'told', { event: 'Disconnected', reason, isDue: true });
}

const says = [
  [toServer.valid, modelStep('client', 'says', { event: 'RequestRegisterClient', valid: true })],
  [toServer.invalid, modelStep('client', 'says', { event: 'RequestRegisterClient', valid: false })],
  [toServer.other, modelStep('client', 'says', { event: 'OtherMessage' })],
] as const;

const hears: Readonly<Record<number, ModelStep>> = Object.fromEntries(
  (['EventAck', 'EventError', 'OtherEvent'] as const).map((event) => [
    toClient[event],
    modelStep('client', 'hears', { event, isDue: true }),
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
      this.#tell({ ...state }, isConnected ? broken : connectFailed, visit);
    } else if (!isConnected) {
      if (state.link === link.up) this.#tell({ ...state }, connected, visit);
    } else this.#hear(state, visit);
    if (!isConnected) return;
    this.#say(state, visit);
    this.#tell({ ...state }, closes, visit);
    if (!state.waits) return;
    const isRegistered = this.#chart.phase(state.client) === 'registered';
    this.#tell({ ...state }, replyTimeout, visit, isRegistered ? ['left-alone'] : []);
  }

  #say(state: GlobalState, visit: Visit): void {
    const isLost = state.link === link.lost || state.serverClosed === 1;
    if (!isLost && lengthOf(state.toServer) >= this.#bound) return;
    for (const [message, step] of says) {
      const { isUnexpected } = this.#chart.step(state.client, step.event as string);
      const next = { ...state, isRude: isUnexpected ? 1 : state.isRude };
      if (!isLost) next.toServer = withLast(state.toServer, message);
      this.#tell(next, step, visit);
    }
  }

  /** Reads the next message, or the end of the stream after the last one. */
  #hear(state: GlobalState, visit: Visit): void {
    if (this.#writesFirst && lengthOf(state.toServer) >= this.#bound) return;
    const step = hears[firstOf(state.toClient)];
    if (step) {
      this.#tell({ ...state, toClient: withoutFirst(state.toClient) }, step, visit);
    } else if (state.serverClosed) this.#tell({ ...state }, peerClosed, visit);
  }

  /** Sends the event to the chart and applies its actions. The client has no deadlines: they belong to the server. */
  #tell(
    next: GlobalState,
    told: ModelStep,
    visit: Visit,
    breaks: readonly CheckedPropertyId[] = [],
  ): void {
    const step = this.#chart.step(next.client, told.event as string);
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
    visit(told, next, breaks, 0);
  }
}
