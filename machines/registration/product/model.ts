/** The two seats and the connection between them: every world, and every step from it. */

import type { CheckedModel } from '../../engine/checking/model.js';
import type { ChartTable } from '../../engine/table/table.js';
import { ClientSeat } from './client-seat.js';
import { type ModelStep, modelStep } from './model-step.js';
import type { CheckedPropertyId } from './properties.js';
import { SeatChart } from './seat-chart.js';
import { ServerSeat, type Visit } from './server-seat.js';
import { Encoding, link, type World } from './world.js';

/** Mistakes of a seat, not of a chart. */
export interface SeatMistakes {
  /** The server goes on reading while it owes an answer. @default false */
  readonly readsOn?: boolean | undefined;
  /** The server does not close after an EventError unasked to somebody who is not registered. @default false */
  readonly staysAfterError?: boolean | undefined;
  /** The client does not read while what it has said is not taken. @default false */
  readonly writesFirst?: boolean | undefined;
}

export interface ModelOptions {
  readonly server: ChartTable;
  readonly client: ChartTable;
  /** Messages that are on their way in each direction, at most. */
  readonly bound: number;
  readonly mistakes?: SeatMistakes | undefined;
}

const connects = modelStep(null, 'connects', { isDue: true });
const fails = modelStep(null, 'fails');
const drops = modelStep(null, 'drops');

export class Model implements CheckedModel<World, ModelStep, CheckedPropertyId> {
  readonly server: SeatChart;
  readonly client: SeatChart;
  readonly encoding: Encoding;
  readonly initial: World;
  readonly #serverSeat: ServerSeat;
  readonly #clientSeat: ClientSeat;

  constructor({ server, client, bound, mistakes = {} }: ModelOptions) {
    this.server = new SeatChart(server);
    this.client = new SeatChart(client);
    const { readsOn = false, staysAfterError = false, writesFirst = false } = mistakes;
    this.#serverSeat = new ServerSeat({ chart: this.server, bound, readsOn, staysAfterError });
    this.#clientSeat = new ClientSeat({ chart: this.client, bound, writesFirst });
    this.encoding = new Encoding({
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

  runningTimers({ timers }: World): number {
    return timers;
  }

  /** Every step that may be taken, whichever is first. */
  each(world: World, visit: Visit): void {
    if (this.isTerminal(world)) return;
    if (world.link === link.none) {
      visit(connects, { ...world, link: link.up }, [], 0);
      visit(fails, { ...world, link: link.lost }, [], 0);
    } else if (world.link === link.up) {
      visit(drops, { ...world, link: link.lost, toServer: 0, toClient: 0 }, [], 0);
    }
    this.#serverSeat.each(world, visit);
    this.#clientSeat.each(world, visit);
  }

  /** Both sides are gone, and so is the connection. */
  isTerminal(world: World): boolean {
    const isGone = this.server.isFinal[world.server] && this.client.isFinal[world.client];
    if (isGone && world.link === link.lost) return true;
    return world.serverClosed === 1 && world.clientClosed === 1;
  }

  /** Connected as the server has it, and not registered. */
  isPending(world: World): boolean {
    return this.server.phase(world.server) === 'unregistered';
  }

  /** Nothing is on its way and nothing is owed: until somebody speaks or a timer runs out everything stays as it is. */
  isAtRest(world: World): boolean {
    return (
      world.link === link.up &&
      world.toServer === 0 &&
      world.toClient === 0 &&
      world.owes === 0 &&
      world.serving === 0 &&
      world.isLeaving === 0 &&
      world.serverClosed === 0 &&
      world.clientClosed === 0 &&
      this.server.phase(world.server) !== 'connecting' &&
      this.client.phase(world.client) !== 'connecting'
    );
  }

  /** The properties that a world breaks by itself. */
  violatedIn(world: World): CheckedPropertyId[] {
    const broken: CheckedPropertyId[] = [];
    const [server, client] = [this.server.phase(world.server), this.client.phase(world.client)];
    if (client === 'registered' && !world.wasGranted) broken.push('agreement');
    if (server === 'unregistered' && world.timers === 0) broken.push('deadline');
    if (!this.isAtRest(world)) return broken;
    if (server !== client && !world.isRude) broken.push('settled');
    const isKeptWaiting = world.waits && client !== 'registered' && !world.isRude;
    if (world.isForgotten || isKeptWaiting) broken.push('answered');
    return broken;
  }
}
