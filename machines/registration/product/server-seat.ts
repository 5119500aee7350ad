/**
 * What a server's seat may do in a world, after `adapters/server/session.ts`. Where that does something at once (it refuses what comes
 * first, it closes after an error unasked) the model lets anything happen in between: it has more behaviours, never fewer.
 */
import { serverEffectOf } from '../chart/server-effects.js';
import { type ModelStep, modelStep } from './model-step.js';
import type { CheckedPropertyId } from './properties.js';
import type { SeatChart } from './seat-chart.js';
import {
  firstOf,
  lengthOf,
  link,
  mostOwed,
  owing,
  type Queue,
  toClient,
  toServer,
  type World,
  withLast,
  withoutFirst,
} from './world.js';

/** Hears of a step, the world after it, the properties that it breaks, and the server's timers that restart or expire (bits). */
export type Visit = (
  step: ModelStep,
  next: World,
  breaks: readonly CheckedPropertyId[],
  restarts: number,
) => void;

type Said = keyof typeof toClient;
const events = ['EventAck', 'EventError', 'OtherEvent'] as const satisfies readonly Said[];

const connected = modelStep('server', 'told', { event: 'Connected', isDue: true });
const handshakeFailed = told('handshake-failed');
const broken = told('transport-error');
const peerClosed = told('peer-closed');
const closes = modelStep('server', 'closes', { event: 'Disconnected', reason: 'server-closed' });
const leaves = modelStep('server', 'closes', { ...closes, reason: 'drained', isDue: true });

function told(reason: 'handshake-failed' | 'transport-error' | 'peer-closed'): ModelStep {
  return modelStep('server', 'told', { event: 'Disconnected', reason, isDue: true });
}

const hears: Readonly<Record<number, ModelStep>> = {
  [toServer.valid]: hear('RequestRegisterClient', true),
  [toServer.invalid]: hear('RequestRegisterClient', false),
  [toServer.other]: hear('OtherMessage', null),
};

function hear(event: 'RequestRegisterClient' | 'OtherMessage', valid: boolean | null): ModelStep {
  return modelStep('server', 'hears', { event, valid, isDue: true });
}

const says = (event: Said, purpose: ModelStep['purpose']): ModelStep =>
  modelStep('server', 'says', { event, purpose, isDue: purpose !== 'unasked' });
const answers = { EventAck: says('EventAck', 'answer'), EventError: says('EventError', 'answer') };
const served = events.map((event) => says(event, 'service'));
const unasked = events.map((event) => says(event, 'unasked'));
const tries = events.map((event) => modelStep('server', 'tries', { event }));

export interface ServerSeatOptions {
  readonly chart: SeatChart;
  /** Messages on their way to the client, at most. */
  readonly bound: number;
  /** A mistake: it goes on reading while it owes an answer. */
  readonly readsOn: boolean;
  /** A mistake: it does not close after an EventError unasked. */
  readonly staysAfterError: boolean;
}

export class ServerSeat {
  readonly #chart: SeatChart;
  readonly #bound: number;
  readonly #readsOn: boolean;
  readonly #staysAfterError: boolean;
  readonly #timers: readonly ModelStep[];

  constructor({ chart, bound, readsOn, staysAfterError }: ServerSeatOptions) {
    this.#chart = chart;
    this.#bound = bound;
    this.#readsOn = readsOn;
    this.#staysAfterError = staysAfterError;
    this.#timers = chart.timers.map((timer) => modelStep('server', 'timer', { timer }));
  }

  /** Every step that the seat may take. */
  each(world: World, visit: Visit): void {
    if (this.#chart.isFinal[world.server]) return;
    this.#stray(world, visit);
    const phase = this.#chart.phase(world.server);
    if (phase === 'disconnected') return;
    this.#expire(world, visit);
    const isConnected = phase !== 'connecting';
    if (world.link === link.lost) {
      this.#told(world, isConnected ? broken : handshakeFailed, visit);
    } else if (!isConnected) {
      if (world.link === link.up) this.#told(world, connected, visit);
    } else this.#hear(world, visit);
    if (!isConnected) return;
    this.#answer(world, visit);
    this.#serve(world, visit);
    this.#told(world, world.isLeaving ? leaves : closes, visit);
  }

  #told(world: World, step: ModelStep, visit: Visit): void {
    const next = { ...world };
    this.#tell(next, step, visit);
  }

  #expire(world: World, visit: Visit): void {
    const breaks: CheckedPropertyId[] =
      this.#chart.phase(world.server) === 'registered' ? ['left-alone'] : [];
    this.#timers.forEach((step, index) => {
      const bit = 1 << index;
      if ((world.timers & bit) === 0) return;
      const next = { ...world, timers: world.timers & ~bit };
      this.#tell(next, step, visit, breaks, bit);
    });
  }

  /** Reads the next message, or the end behind the last. */
  #hear(world: World, visit: Visit): void {
    if (world.isLeaving || (world.owes > 0 && !this.#readsOn)) return;
    const step = hears[firstOf(world.toServer)];
    if (step) {
      if (world.serving >= this.#bound) return;
      const next = { ...world, toServer: withoutFirst(world.toServer), open: world.open + 1 };
      this.#tell(next, step, visit);
    } else if (world.clientClosed) this.#told(world, peerClosed, visit);
  }

  /** What the seat itself owes. The validator may find whatever it likes wrong with a valid client, and never a yes for the others. */
  #answer(world: World, visit: Visit): void {
    const owed = firstOf(world.owes);
    if (owed === 0 || !this.#hasRoom(world)) return;
    for (const event of ['EventError', 'EventAck'] as const) {
      if (event === 'EventAck' && owed !== owing.valid) continue;
      const next = { ...world, owes: withoutFirst(world.owes) };
      this.#reply(next, answers[event], visit);
    }
  }

  /** The embedding service answers a message that it was given. */
  #serve(world: World, visit: Visit): void {
    if (world.serving === 0 || world.isLeaving || !this.#hasRoom(world)) return;
    for (const step of served) {
      this.#reply({ ...world, serving: world.serving - 1 }, step, visit);
    }
  }

  #reply(next: World, step: ModelStep, visit: Visit): void {
    const isSecond = next.open === 0;
    if (!isSecond) next.open -= 1;
    this.#send(next, step.event as Said);
    this.#tell(next, step, visit, isSecond ? ['once'] : []);
  }

  /**
   * The service, or the server as a whole, speaks unasked: at any moment. The chart decides whether it is sent. To somebody who is not
   * registered only EventError is, and the seat closes after it (malformed-frame, server-busy, shutting-down). While a verdict is owed
   * EventAck is not the service's to give.
   */
  #stray(world: World, visit: Visit): void {
    if (world.isLeaving) return;
    const owed = firstOf(world.owes);
    const owesVerdict = owed === owing.valid || owed === owing.invalid;
    events.forEach((event, index) => {
      if (event === 'EventAck' && owesVerdict) return;
      const { isUnexpected } = this.#chart.step(world.server, event);
      const step = (isUnexpected ? tries : unasked)[index] as ModelStep;
      const next = { ...world };
      if (isUnexpected) this.#tell(next, step, visit);
      else this.#sayUnasked(next, step, visit);
    });
  }

  #sayUnasked(next: World, step: ModelStep, visit: Visit): void {
    const phase = this.#chart.phase(next.server);
    if (phase === 'disconnected') this.#tell(next, step, visit, ['silence']);
    if (phase === 'disconnected' || !this.#hasRoom(next)) return;
    this.#send(next, step.event as Said);
    const mustLeave = phase === 'unregistered' && step.event === 'EventError';
    if (mustLeave && !this.#staysAfterError) next.isLeaving = 1;
    this.#tell(next, step, visit);
  }

  #hasRoom({ link: connection, clientClosed, toClient: queue }: World): boolean {
    return clientClosed === 1 || connection === link.lost || lengthOf(queue) < this.#bound;
  }

  #send(next: World, event: Said): void {
    if (next.link !== link.up || next.clientClosed) return;
    next.toClient = withLast(next.toClient, toClient[event]);
  }

  /** Tells the chart, and does what its actions say. */
  #tell(
    next: World,
    told: ModelStep,
    visit: Visit,
    breaks: readonly CheckedPropertyId[] = [],
    expired = 0,
  ): void {
    const chart = this.#chart;
    const before = chart.phase(next.server);
    const step = chart.step(next.server, told.timer ?? (told.event as string));
    next.server = step.to;
    next.timers = chart.running(next.timers, step);
    for (const action of step.actions) act(next, action, told, this.#bound);
    let broken = breaks;
    if (chart.phase(step.to) === 'registered' && before !== 'registered') {
      next.wasGranted = 1;
      const isGranted = told.event === 'EventAck' && told.purpose === 'answer';
      if (!isGranted) broken = [...breaks, 'entry'];
    }
    if (chart.phase(step.to) === 'disconnected' || next.isLeaving) owesNothing(next);
    else {
      const owed = lengthOf(next.owes) + next.serving;
      if (next.open > owed) {
        next.isForgotten = 1;
        next.open = owed;
      }
    }
    visit(told, next, broken, expired | step.starts);
  }
}

function act(next: World, action: string, { event, valid }: ModelStep, bound: number): void {
  const effect = serverEffectOf(action);
  switch (effect.kind) {
    case 'validate':
      owe(next, valid ? owing.valid : owing.invalid);
      break;
    case 'reject':
      owe(next, owing.error);
      break;
    case 'cancel':
      next.owes = withoutVerdicts(next.owes);
      break;
    case 'deliver':
      // One more than the server reads, so that the check finds a message that is delivered twice.
      if (event === effect.event) next.serving = Math.min(next.serving + 1, bound + 1);
      break;
    case 'close':
      next.serverClosed = 1;
      next.toServer = 0;
      break;
  }
}

function owe(next: World, what: number): void {
  if (lengthOf(next.owes) < mostOwed) next.owes = withLast(next.owes, what);
}

/** The validator is aborted: nobody waits for its verdict. */
function withoutVerdicts(owes: Queue): Queue {
  let left: Queue = 0;
  for (let rest = owes; rest > 0; rest = withoutFirst(rest)) {
    if (firstOf(rest) === owing.error) left = withLast(left, owing.error);
  }
  return left;
}

/** Who disconnects owes nothing any more. */
function owesNothing(next: World): void {
  next.owes = next.serving = next.open = next.isForgotten = 0;
}
