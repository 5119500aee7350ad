import { type ChartTable, stepOf } from '../table/table.js';
import type { SimulatedSystem } from '../testgen/simulation.js';

/** One connection to a server that runs a chart, in simulated time. Messages take no time. */
export class ChartSession implements SimulatedSystem<ChartSession> {
  readonly #table: ChartTable;
  readonly #lengths: Readonly<Record<string, number>>;
  /** The milliseconds left of each running timer. */
  readonly #timers: Map<string, number>;
  #state: string;
  #edges: string[] = [];

  /**
   * @param lengths the length of each timer in milliseconds.
   * @param from a connection to copy. @default a new connection
   */
  constructor(
    table: ChartTable,
    lengths: Readonly<Record<string, number>>,
    from: ChartSession | null = null,
  ) {
    this.#table = table;
    this.#lengths = lengths;
    this.#state = from ? from.#state : table.initial;
    this.#timers = new Map(from ? from.#timers : []);
    if (!from) this.#start(table.start.starts);
  }

  copy(): ChartSession {
    return new ChartSession(this.#table, this.#lengths, this);
  }

  get state(): string {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#table.states[this.#state]?.isFinal ?? true;
  }

  get identity(): string {
    const timers = [...this.#timers].map(([timer, left]) => `${timer} ${left}`).sort();
    return [this.#state, ...timers].join(' ');
  }

  /** The timer that expires next; null when no timer runs. */
  get timer(): string | null {
    const [next] = [...this.#timers].sort(([, one], [, other]) => one - other);
    return next?.[0] ?? null;
  }

  /** Milliseconds until it expires. */
  get left(): number | null {
    return this.timer === null ? null : (this.#timers.get(this.timer) ?? null);
  }

  /** Ids of the transitions (`Edge`) taken since the last call. */
  taken(): readonly string[] {
    return this.#edges.splice(0);
  }

  /** Gives it an event of the chart. @returns the actions of the step. */
  take(input: string): readonly string[] {
    if (this.isClosed) return [];
    const { to, actions, stops, starts, transitions } = stepOf(this.#table, this.#state, input);
    this.#edges.push(...transitions);
    this.#state = to;
    for (const timer of stops) this.#timers.delete(timer);
    this.#start(starts);
    if (this.isClosed) this.#timers.clear();
    return actions;
  }

  /** Lets milliseconds pass. @returns the actions of the timers that expire. */
  pass(milliseconds: number): readonly string[] {
    const actions: string[] = [];
    let rest = milliseconds;
    for (let left = this.left; left !== null && left <= rest; left = this.left) {
      const timer = this.timer as string;
      rest -= left;
      this.#elapse(left);
      this.#timers.delete(timer);
      actions.push(...this.take(timer));
    }
    this.#elapse(rest);
    return actions;
  }

  #start(timers: readonly string[]): void {
    for (const timer of timers) this.#timers.set(timer, this.#lengths[timer] as number);
  }

  #elapse(milliseconds: number): void {
    for (const [timer, left] of this.#timers) this.#timers.set(timer, left - milliseconds);
  }
}
