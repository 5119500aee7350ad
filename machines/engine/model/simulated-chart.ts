/** A chart in simulated time. */
import { type ChartTable, stepOf } from '../table/table.js';
import type { SimulatedSystem } from '../testgen/simulation.js';

/** What one input did. */
export interface SimulatedReaction {
  readonly actions: readonly string[];
  readonly edges: readonly string[];
}

/**
 * One session of a chart that runs by its table. Events take no time. Timers that expire at the same moment do so in the order in which
 * they were started.
 */
export class SimulatedChart implements SimulatedSystem<SimulatedChart> {
  readonly #table: ChartTable;
  readonly #delays: Readonly<Record<string, number>>;
  #state: string;
  /** The milliseconds left of each running timer, in the order of their starts. */
  #timers: Map<string, number>;

  /** @param delays milliseconds of every timer of the table. @param from a session to copy. @default a new session */
  constructor(table: ChartTable, delays: Readonly<Record<string, number>>, from?: SimulatedChart) {
    this.#table = table;
    this.#delays = delays;
    this.#state = from ? from.#state : table.initial;
    this.#timers = new Map(from ? from.#timers : []);
    if (!from) for (const timer of table.start.starts) this.#start(timer);
  }

  copy(): SimulatedChart {
    return new SimulatedChart(this.#table, this.#delays, this);
  }

  /** The name of its state in the table. */
  get state(): string {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#table.states[this.#state]?.isFinal ?? true;
  }

  get identity(): string {
    return [this.#state, ...[...this.#timers].map(([timer, left]) => `${timer} ${left}`)].join(' ');
  }

  get timer(): string | null {
    return this.#next?.[0] ?? null;
  }

  /** Milliseconds until the next timer expires; null when no timer runs. */
  get left(): number | null {
    return this.#next?.[1] ?? null;
  }

  /** Takes an event. */
  send(event: string): SimulatedReaction {
    if (this.isClosed) return { actions: [], edges: [] };
    const { to, actions, stops, starts, transitions } = stepOf(this.#table, this.#state, event);
    this.#state = to;
    for (const timer of stops) this.#timers.delete(timer);
    for (const timer of starts) this.#start(timer);
    if (this.isClosed) this.#timers.clear();
    return { actions, edges: transitions };
  }

  /** Lets milliseconds pass; the timers that expire meanwhile take their steps. */
  pass(milliseconds: number): SimulatedReaction {
    const actions: string[] = [];
    const edges: string[] = [];
    let rest = milliseconds;
    for (let next = this.#next; next !== null && next[1] <= rest; next = this.#next) {
      const [timer, left] = next;
      rest -= left;
      this.#advance(left);
      this.#timers.delete(timer);
      const taken = this.send(timer);
      actions.push(...taken.actions);
      edges.push(...taken.edges);
    }
    this.#advance(rest);
    return { actions, edges };
  }

  get #next(): readonly [timer: string, left: number] | null {
    let next: readonly [string, number] | null = null;
    for (const one of this.#timers) if (next === null || one[1] < next[1]) next = one;
    return next;
  }

  #advance(milliseconds: number): void {
    if (milliseconds === 0) return;
    for (const [timer, left] of this.#timers) this.#timers.set(timer, left - milliseconds);
  }

  #start(timer: string): void {
    // Deleted first: a timer that restarts is the last one started.
    this.#timers.delete(timer);
    this.#timers.set(timer, this.#delays[timer] ?? 0);
  }
}
