/**
 * The possible steps of a server's seat in a state, modelled after `adapters/server/session.ts`. Where the server does two things at
 * once, such as closing after an unsolicited error, the model allows other steps in between: it has more behaviours, never fewer.
 */
import { serverEffectOf } from '../chart/server-effects.js';
import {
  firstOf,
  type GlobalState,
  lengthOf,
  link,
  mostOwed,
  owing,
  type Queue,
  toClient,
  toServer,
  withLast,
  withoutFirst,
} from './global-state.js';
import { type ModelStep, modelStep } from './model-step.js';
import type { CheckedPropertyId } from './properties.js';
import type { SeatChart } from './seat-chart.js';

/** Receives a step, the state after it, the properties that it violates, and the server's timers that restart or expire (bits). */
export type Visit = (
  step: ModelStep,
  next: GlobalState,
  breaks: readonly CheckedPropertyId[],
  restarts: number,
) => void;

type ServerMessage = keyof typeof toClient;
const events = ['EventAck', 'EventError', 'OtherEvent'] as const satisfies readonly ServerMessage[];

const connected = modelStep('server', 'notices', { event: 'Connected', isDue: true });
const handshakeFailed = disconnectedBy('handshake-failed');
const broken = disconnectedBy('transport-error');
const peerClosed = disconnectedBy('peer-closed');
const closes = modelStep('server', 'closes', { event: 'Disconnected', reason: 'server-closed' });
const leaves = modelStep('server', 'closes', { ...closes, reason: 'drained', isDue: true });

function disconnectedBy(reason: 'handshake-failed' | 'transport-error' | 'peer-closed'): ModelStep {
  return modelStep('server', 'notices', { event: 'Disconnected', reason, isDue: true });
}

const received: Readonly<Record<number, ModelStep>> = {
  [toServer.valid]: receiving('RequestRegisterClient', true),
  [toServer.invalid]: receiving('RequestRegisterClient', false),
  [toServer.other]: receiving('OtherMessage', null),
};

function receiving(
  event: 'RequestRegisterClient' | 'OtherMessage',
  valid: boolean | null,
): ModelStep {
  return modelStep('server', 'receives', { event, valid, isDue: true });
}

const sending = (event: ServerMessage, purpose: ModelStep['purpose']): ModelStep =>
  modelStep('server', 'sends', { event, purpose, isDue: purpose !== 'unsolicited' });
const answers = {
  EventAck: sending('EventAck', 'answer'),
  EventError: sending('EventError', 'answer'),
};
const served = events.map((event) => sending(event, 'service'));
const unsolicited = events.map((event) => sending(event, 'unsolicited'));
const tries = events.map((event) => modelStep('server', 'tries', { event }));

export interface ServerSeatOptions {
  readonly chart: SeatChart;
  /** Maximum number of messages in flight to the client. */
  readonly bound: number;
  /** A fault: the server continues to read while an answer is pending. */
  readonly readsOn: boolean;
  /** A fault: the server does not close after an unsolicited EventError. */
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

  /** Visits every step that the seat can take. */
  each(state: GlobalState, visit: Visit): void {
    if (this.#chart.isFinal[state.server]) return;
    this.#sendAtAnyTime(state, visit);
    const phase = this.#chart.phase(state.server);
    if (phase === 'disconnected') return;
    this.#expire(state, visit);
    const isConnected = phase !== 'connecting';
    if (state.link === link.lost) {
      this.#notice(state, isConnected ? broken : handshakeFailed, visit);
    } else if (!isConnected) {
      if (state.link === link.up) this.#notice(state, connected, visit);
    } else this.#receive(state, visit);
    if (!isConnected) return;
    this.#answer(state, visit);
    this.#serve(state, visit);
    this.#notice(state, state.isLeaving ? leaves : closes, visit);
  }

  #notice(state: GlobalState, step: ModelStep, visit: Visit): void {
    const next = { ...state };
    this.#take(next, step, visit);
  }

  #expire(state: GlobalState, visit: Visit): void {
    const breaks: CheckedPropertyId[] =
      this.#chart.phase(state.server) === 'registered' ? ['left-alone'] : [];
    this.#timers.forEach((step, index) => {
      const bit = 1 << index;
      if ((state.timers & bit) === 0) return;
      const next = { ...state, timers: state.timers & ~bit };
      this.#take(next, step, visit, breaks, bit);
    });
  }

  /** Reads the next message, or the end of the stream after the last one. */
  #receive(state: GlobalState, visit: Visit): void {
    if (state.isLeaving || (state.owes > 0 && !this.#readsOn)) return;
    const step = received[firstOf(state.toServer)];
    if (step) {
      if (state.serving >= this.#bound) return;
      const next = { ...state, toServer: withoutFirst(state.toServer), open: state.open + 1 };
      this.#take(next, step, visit);
    } else if (state.clientClosed) this.#notice(state, peerClosed, visit);
  }

  /** Sends the answer that the seat owes. The validator may reject a valid client; it never accepts an invalid one. */
  #answer(state: GlobalState, visit: Visit): void {
    const owed = firstOf(state.owes);
    if (owed === 0 || !this.#hasRoom(state)) return;
    for (const event of ['EventError', 'EventAck'] as const) {
      if (event === 'EventAck' && owed !== owing.valid) continue;
      const next = { ...state, owes: withoutFirst(state.owes) };
      this.#reply(next, answers[event], visit);
    }
  }

  /** The service answers a message that was delivered to it. */
  #serve(state: GlobalState, visit: Visit): void {
    if (state.serving === 0 || state.isLeaving || !this.#hasRoom(state)) return;
    for (const step of served) {
      this.#reply({ ...state, serving: state.serving - 1 }, step, visit);
    }
  }

  #reply(next: GlobalState, step: ModelStep, visit: Visit): void {
    const isSecond = next.open === 0;
    if (!isSecond) next.open -= 1;
    this.#send(next, step.event as ServerMessage);
    this.#take(next, step, visit, isSecond ? ['once'] : []);
  }

  /**
   * The service or the server sends an unsolicited message at any moment. The chart decides whether it goes out. An unregistered client
   * gets only EventError, and the seat closes after it (malformed-frame, server-busy, shutting-down, kicked). While a verdict is pending, the
   * service cannot send EventAck.
   */
  #sendAtAnyTime(state: GlobalState, visit: Visit): void {
    if (state.isLeaving) return;
    const owed = firstOf(state.owes);
    const owesVerdict = owed === owing.valid || owed === owing.invalid;
    events.forEach((event, index) => {
      if (event === 'EventAck' && owesVerdict) return;
      const { isUnexpected } = this.#chart.step(state.server, event);
      const step = (isUnexpected ? tries : unsolicited)[index] as ModelStep;
      const next = { ...state };
      if (isUnexpected) this.#take(next, step, visit);
      else this.#sendUnsolicited(next, step, visit);
    });
  }

  #sendUnsolicited(next: GlobalState, step: ModelStep, visit: Visit): void {
    const phase = this.#chart.phase(next.server);
    if (phase === 'disconnected') this.#take(next, step, visit, ['silence']);
    if (phase === 'disconnected' || !this.#hasRoom(next)) return;
    this.#send(next, step.event as ServerMessage);
    const mustLeave = phase === 'unregistered' && step.event === 'EventError';
    if (mustLeave && !this.#staysAfterError) next.isLeaving = 1;
    this.#take(next, step, visit);
  }

  #hasRoom({ link: connection, clientClosed, toClient: queue }: GlobalState): boolean {
    return clientClosed === 1 || connection === link.lost || lengthOf(queue) < this.#bound;
  }

  #send(next: GlobalState, event: ServerMessage): void {
    if (next.link !== link.up || next.clientClosed) return;
    next.toClient = withLast(next.toClient, toClient[event]);
  }

  /** Sends the event to the chart and applies the effects of its actions. */
  #take(
    next: GlobalState,
    taken: ModelStep,
    visit: Visit,
    breaks: readonly CheckedPropertyId[] = [],
    expired = 0,
  ): void {
    const chart = this.#chart;
    const before = chart.phase(next.server);
    const step = chart.step(next.server, taken.timer ?? (taken.event as string));
    next.server = step.to;
    next.timers = chart.running(next.timers, step);
    for (const action of step.actions) act(next, action, taken, this.#bound);
    let broken = breaks;
    if (chart.phase(step.to) === 'registered' && before !== 'registered') {
      next.wasGranted = 1;
      const isGranted = taken.event === 'EventAck' && taken.purpose === 'answer';
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
    visit(taken, next, broken, expired | step.starts);
  }
}

function act(next: GlobalState, action: string, { event, valid }: ModelStep, bound: number): void {
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

function owe(next: GlobalState, what: number): void {
  if (lengthOf(next.owes) < mostOwed) next.owes = withLast(next.owes, what);
}

/** The answers that are still owed when the validation is cancelled. */
function withoutVerdicts(owes: Queue): Queue {
  let left: Queue = 0;
  for (let rest = owes; rest > 0; rest = withoutFirst(rest)) {
    if (firstOf(rest) === owing.error) left = withLast(left, owing.error);
  }
  return left;
}

/** Clears all owed answers: a disconnected server owes none. */
function owesNothing(next: GlobalState): void {
  next.owes = next.serving = next.open = next.isForgotten = 0;
}
