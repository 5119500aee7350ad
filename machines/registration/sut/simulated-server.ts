import { type ChartTable, stepOf } from '../../engine/mealy/index.js';
import type { AnswerName } from '../chart/message-events.js';
import type { SeatDelays } from '../chart/seat.js';
import { serverEffectOf } from '../chart/server-effects.js';
import {
  eventOf,
  kindOf,
  type ServerInput,
  type ServerOutput,
  type ServiceAnswer,
} from './inputs.js';
import { transitionsOf } from './transitions-of.js';

export interface SimulatedServerOptions {
  /** The chart it runs; also one with a mistake. */
  readonly table: ChartTable;
  /** Milliseconds. */
  readonly delays: SeatDelays;
  /** @default ack */
  readonly answers?: ServiceAnswer;
}

/** Something that is seen of a server. */
export interface Seen {
  readonly output: ServerOutput;
  /** Milliseconds since Connected. */
  readonly at: number;
}

/** As many messages to one input, and no more: a chart with a mistake may answer its own answers for ever. */
const mostAnswers = 8;

/**
 * One connection to a server whose validator decides at once, in simulated time: a chart as a table, and what the server's seat does for
 * each of its actions. Messages take no time. It is the model that suites are made of, and what mutants are played on.
 */
export class SimulatedServer {
  readonly #table: ChartTable;
  readonly #delays: SeatDelays;
  readonly #answers: ServiceAnswer;
  /** When each running timer runs out. */
  readonly #timers: Map<string, number>;
  /** Events that wait until the step under way is done. */
  readonly #waiting: string[] = [];
  /** What has been seen since it was last asked. */
  #seen: Seen[] = [];
  #edges: string[] = [];
  #state: string;
  #now = 0;
  /** The input that the server answers now. */
  #input: ServerInput | null = null;
  /** Messages said to the input, or at the timer, under way. */
  #said = 0;
  #isEnding = false;
  #isClosed = false;

  /** Just connected. */
  constructor({ table, delays, answers = 'ack' }: SimulatedServerOptions, from?: SimulatedServer) {
    this.#table = table;
    this.#delays = delays;
    this.#answers = answers;
    this.#state = from ? from.#state : table.initial;
    this.#timers = new Map(from ? from.#timers : []);
    if (!from) this.#tell('Connected');
    else {
      this.#now = from.#now;
      this.#isEnding = from.#isEnding;
      this.#isClosed = from.#isClosed;
    }
  }

  /** The same connection, to go on differently. */
  copy(): SimulatedServer {
    const options = { table: this.#table, delays: this.#delays, answers: this.#answers };
    return new SimulatedServer(options, this);
  }

  /** The state of its chart: for the registration chart, the configuration. */
  get state(): string {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Milliseconds until its next timer, or null where none runs. */
  get left(): number | null {
    const next = this.#next;
    return next && next[1] - this.#now;
  }

  /** Its next timer, or null where none runs. */
  get timer(): string | null {
    return this.#next?.[0] ?? null;
  }

  /** All that decides what it will do: where two connections are alike in this, they go on alike. */
  get identity(): string {
    const timers = [...this.#timers].map(([timer, at]) => `${timer} ${at - this.#now}`).sort();
    const flags = `${this.#isEnding ? 'ending' : ''} ${this.#isClosed ? 'closed' : ''}`;
    return `${this.#state} ${flags} ${timers.join(' ')}`;
  }

  /** What has been seen since it was last asked. */
  seen(): readonly Seen[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  /** The transitions of the registration chart that were taken since it was last asked (ids of `Edge`), for that chart's own table. */
  taken(): readonly string[] {
    const edges = this.#edges;
    this.#edges = [];
    return edges;
  }

  /** Gives it a message, or a frame that is none. */
  say(input: ServerInput): void {
    if (this.#isEnding || this.#isOver || this.#isClosed) return;
    this.#input = input;
    if (kindOf(input) === 'message') this.#tell(eventOf(input));
    else {
      this.#answer('EventError');
      this.#drain();
      this.#isEnding = true;
      this.#tell('Disconnected');
    }
    this.#input = null;
  }

  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next; next !== null && next[1] <= end; next = this.#next) {
      const [timer, at] = next;
      this.#now = at;
      this.#timers.delete(timer);
      this.#tell(timer);
    }
    this.#now = end;
  }

  /** The timer that runs out next, and when. */
  get #next(): readonly [timer: string, at: number] | null {
    const [next = null] = [...this.#timers].sort(([, one], [, other]) => one - other);
    return next;
  }

  get #isOver(): boolean {
    return this.#table.states[this.#state]?.isFinal ?? true;
  }

  #tell(event: string): void {
    this.#said = 0;
    this.#waiting.push(event);
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!this.#isOver) this.#step(next);
    }
  }

  #step(event: string): void {
    const { to, actions, stops, starts } = stepOf(this.#table, this.#state, event);
    this.#edges.push(...transitionsOf(this.#state, event));
    for (const timer of stops) this.#timers.delete(timer);
    for (const action of actions) this.#act(action, event);
    this.#state = to;
    for (const timer of starts) {
      this.#timers.set(timer, this.#now + this.#delays[timer as keyof SeatDelays]);
    }
    if (this.#isOver) this.#timers.clear();
  }

  /** What the server's seat does for an action of the chart. It runs while the chart is still where it was. */
  #act(action: string, event: string): void {
    const effect = serverEffectOf(action);
    switch (effect.kind) {
      case 'validate':
        this.#answer(this.#input === 'register' ? effect.valid : effect.invalid);
        break;
      case 'reject':
        this.#answer('EventError');
        break;
      case 'deliver':
        if (event === effect.event) this.#serve();
        break;
      case 'close':
        this.#close();
        break;
    }
  }

  /** The service speaks to registered clients only. */
  #serve(): void {
    const isRegistered = this.#state.startsWith('registered');
    if (!isRegistered || this.#answers === 'none') return;
    if (this.#answers === 'ack') this.#answer('EventAck');
    else if (!this.#isClosed) this.#seen.push({ output: 'service', at: this.#now });
  }

  /** Says a message; the chart hears of it after the step under way. */
  #answer(message: AnswerName): void {
    if (this.#isEnding || this.#isOver || this.#said === mostAnswers) return;
    this.#said += 1;
    if (!this.#isClosed) this.#seen.push({ output: message, at: this.#now });
    this.#waiting.push(message);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#seen.push({ output: 'closed', at: this.#now });
  }
}
