/**
 * What a client's seat may do in a world. It hears and waits like `adapters/client/link.ts`, and says more than that: anything, at any
 * moment, or nothing at all. One that says what its chart does not let it say is rude, and may be left confused; the server may not.
 */
import { type ModelStep, modelStep } from './model-step.js';
import type { CheckedPropertyId } from './properties.js';
import type { SeatChart } from './seat-chart.js';
import type { Visit } from './server-seat.js';
import {
  firstOf,
  lengthOf,
  link,
  toClient,
  toServer,
  type World,
  withLast,
  withoutFirst,
} from './world.js';

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
  /** Messages on their way to the server, at most. */
  readonly bound: number;
  /** A mistake: it does not read while what it has said is not taken. */
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

  /** Every step that the seat may take. */
  each(world: World, visit: Visit): void {
    if (world.clientClosed || this.#chart.isFinal[world.client]) return;
    const isConnected = this.#chart.phase(world.client) !== 'connecting';
    if (world.link === link.lost) {
      this.#tell({ ...world }, isConnected ? broken : connectFailed, visit);
    } else if (!isConnected) {
      if (world.link === link.up) this.#tell({ ...world }, connected, visit);
    } else this.#hear(world, visit);
    if (!isConnected) return;
    this.#say(world, visit);
    this.#tell({ ...world }, closes, visit);
    if (!world.waits) return;
    const isRegistered = this.#chart.phase(world.client) === 'registered';
    this.#tell({ ...world }, replyTimeout, visit, isRegistered ? ['left-alone'] : []);
  }

  #say(world: World, visit: Visit): void {
    const isLost = world.link === link.lost || world.serverClosed === 1;
    if (!isLost && lengthOf(world.toServer) >= this.#bound) return;
    for (const [message, step] of says) {
      const { isUnexpected } = this.#chart.step(world.client, step.event as string);
      const next = { ...world, isRude: isUnexpected ? 1 : world.isRude };
      if (!isLost) next.toServer = withLast(world.toServer, message);
      this.#tell(next, step, visit);
    }
  }

  /** Reads the next message, or the end behind the last. */
  #hear(world: World, visit: Visit): void {
    if (this.#writesFirst && lengthOf(world.toServer) >= this.#bound) return;
    const step = hears[firstOf(world.toClient)];
    if (step) {
      this.#tell({ ...world, toClient: withoutFirst(world.toClient) }, step, visit);
    } else if (world.serverClosed) this.#tell({ ...world }, peerClosed, visit);
  }

  /** Tells the chart, and does what its actions say. The deadlines are the server's: the client keeps none. */
  #tell(
    next: World,
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
