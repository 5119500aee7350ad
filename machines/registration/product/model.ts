/** The two seats and the connection between them: the initial state, and every step from a state. */

import type { CheckedModel } from '../../engine/checking/model.js';
import type { ChartTable } from '../../engine/table/table.js';
import { ClientSeat } from './client-seat.js';
import { type GlobalState, link, StateEncoding } from './global-state.js';
import { type ModelStep, modelStep } from './model-step.js';
import type { CheckedPropertyId } from './properties.js';
import { SeatChart } from './seat-chart.js';
import { ServerSeat, type Visit } from './server-seat.js';

/** Faults of a seat, not of a chart. */
export interface SeatMistakes {
  /** The server continues to read while an answer is pending. @default false */
  readonly readsOn?: boolean | undefined;
  /** The server does not close after an unsolicited EventError to an unregistered client. @default false */
  readonly staysAfterError?: boolean | undefined;
  /** The client does not read while the server has not read its messages. @default false */
  readonly writesFirst?: boolean | undefined;
}

export interface ModelOptions {
  readonly server: ChartTable;
  readonly client: ChartTable;
  /** Maximum number of messages in flight in each direction. */
  readonly bound: number;
  readonly mistakes?: SeatMistakes | undefined;
}

const connects = modelStep(null, 'connects', { isDue: true });
const fails = modelStep(null, 'fails');
const drops = modelStep(null, 'drops');

export class Model implements CheckedModel<GlobalState, ModelStep, CheckedPropertyId> {
  readonly server: SeatChart;
  readonly client: SeatChart;
  readonly encoding: StateEncoding;
  readonly initial: GlobalState;
  readonly #serverSeat: ServerSeat;
  readonly #clientSeat: ClientSeat;

  constructor({ server, client, bound, mistakes = {} }: ModelOptions) {
    this.server = new SeatChart(server);
    this.client = new SeatChart(client);
    const { readsOn = false, staysAfterError = false, writesFirst = false } = mistakes;
    this.#serverSeat = new ServerSeat({ chart: this.server, bound, readsOn, staysAfterError });
    this.#clientSeat = new ClientSeat({ chart: this.client, bound, writesFirst });
    this.encoding = new StateEncoding({
      server: this.server.names.length,
      client: this.client.names.length,
      timers: this.server.timers.length,
      bound,
    });
    this.initial = {
      link: link.none,
      server: this.server.initial,
      timers: 0,
      owes: 0,
      serving: 0,
      open: 0,
      isForgotten: 0,
      isLeaving: 0,
      wasGranted: 0,
      serverClosed: 0,
      client: this.client.initial,
      waits: 0,
      clientClosed: 0,
      isRude: 0,
      toServer: 0,
      toClient: 0,
    };
  }

  get timerCount(): number {
    return this.server.timers.length;
  }

  runningTimers({ timers }: GlobalState): number {
    return timers;
  }

  /** Visits every step that is possible in a state. */
  each(state: GlobalState, visit: Visit): void {
    if (this.isTerminal(state)) return;
    if (state.link === link.none) {
      visit(connects, { ...state, link: link.up }, [], 0);
      visit(fails, { ...state, link: link.lost }, [], 0);
    } else if (state.link === link.up) {
      visit(drops, { ...state, link: link.lost, toServer: 0, toClient: 0 }, [], 0);
    }
    this.#serverSeat.each(state, visit);
    this.#clientSeat.each(state, visit);
  }

  /** Whether both sides have ended, and the connection too. */
  isTerminal(state: GlobalState): boolean {
    const isGone = this.server.isFinal[state.server] && this.client.isFinal[state.client];
    if (isGone && state.link === link.lost) return true;
    return state.serverClosed === 1 && state.clientClosed === 1;
  }

  /** Whether the server has an unregistered connection. */
  isPending(state: GlobalState): boolean {
    return this.server.phase(state.server) === 'unregistered';
  }

  /** Whether the connection is quiescent: no message is in flight, no answer is pending. Only a new message or a timer changes it. */
  isAtRest(state: GlobalState): boolean {
    return (
      state.link === link.up &&
      state.toServer === 0 &&
      state.toClient === 0 &&
      state.owes === 0 &&
      state.serving === 0 &&
      state.isLeaving === 0 &&
      state.serverClosed === 0 &&
      state.clientClosed === 0 &&
      this.server.phase(state.server) !== 'connecting' &&
      this.client.phase(state.client) !== 'connecting'
    );
  }

  /** The properties that a state violates. */
  violatedIn(state: GlobalState): CheckedPropertyId[] {
    const broken: CheckedPropertyId[] = [];
    const [server, client] = [this.server.phase(state.server), this.client.phase(state.client)];
    if (client === 'registered' && !state.wasGranted) broken.push('agreement');
    if (server === 'unregistered' && state.timers === 0) broken.push('deadline');
    if (!this.isAtRest(state)) return broken;
    if (server !== client && !state.isRude) broken.push('settled');
    const isKeptWaiting = state.waits && client !== 'registered' && !state.isRude;
    if (state.isForgotten || isKeptWaiting) broken.push('answered');
    return broken;
  }
}
