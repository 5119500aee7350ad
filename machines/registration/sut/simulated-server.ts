import { type ChartTable, stepOf } from '../../engine/table/table.js';
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

export interface SimulatedServerOptions {
  /** The chart of the server, possibly with a mistake. */
  readonly table: ChartTable;
  /** Milliseconds. */
  readonly delays: SeatDelays;
  /** @default ack */
  readonly answers?: ServiceAnswer;
}

/** An output of a server. */
export interface Seen {
  readonly output: ServerOutput;
  /** Milliseconds since Connected. */
  readonly at: number;
}

/** Maximum number of answers to one input: a chart with a mistake may answer its own answers for ever. */
const maxAnswers = 8;

/**
 * One connection to a server whose validator decides at once, in simulated time. It runs a chart by its table and the effects of the
 * server's seat. Messages take no time. Suites are generated from it, and mutants run on it.
 */
export class SimulatedServer {
  readonly #table: ChartTable;
  readonly #delays: SeatDelays;
  readonly #answers: ServiceAnswer;
  /** When each running timer expires. */
  readonly #timers: Map<string, number>;
  /** Events that wait until the current step is complete. */
  readonly #waiting: string[] = [];
  /** The outputs since the last call of `seen`. */
  #seen: Seen[] = [];
  #edges: string[] = [];
  #state: string;
  #now = 0;
  /** The current input; null between inputs. */
  #input: ServerInput | null = null;
  /** The number of answers to the current input or timer. */
  #answerCount = 0;
  #isEnding = false;
  #isClosed = false;

  /** @param from a connection to copy. @default a new connection */
  constructor({ table, delays, answers = 'ack' }: SimulatedServerOptions, from?: SimulatedServer) {
    this.#table = table;
    this.#delays = delays;
    this.#answers = answers;
    this.#state = from ? from.#state : table.initial;
    this.#timers = new Map(from ? from.#timers : []);
    if (!from) this.#take('Connected');
    else {
      this.#now = from.#now;
      this.#isEnding = from.#isEnding;
      this.#isClosed = from.#isClosed;
    }
  }

  /** An independent copy of the connection. */
  copy(): SimulatedServer {
    const options = { table: this.#table, delays: this.#delays, answers: this.#answers };
    return new SimulatedServer(options, this);
  }

  /** The state of its chart: a configuration for the registration chart. */
  get state(): string {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Milliseconds until its next timer expires; null when no timer runs. */
  get left(): number | null {
    const next = this.#next;
    return next && next[1] - this.#now;
  }

  /** The timer that expires next; null when no timer runs. */
  get timer(): string | null {
    return this.#next?.[0] ?? null;
  }

  /** Everything that decides its future: connections with equal identities behave equally. */
  get identity(): string {
    const timers = [...this.#timers].map(([timer, at]) => `${timer} ${at - this.#now}`).sort();
    const flags = `${this.#isEnding ? 'ending' : ''} ${this.#isClosed ? 'closed' : ''}`;
    return `${this.#state} ${flags} ${timers.join(' ')}`;
  }

  /** The outputs since the last call. */
  seen(): readonly Seen[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  /** Ids of the transitions (`Edge`) that the chart took since the last call. */
  taken(): readonly string[] {
    const edges = this.#edges;
    this.#edges = [];
    return edges;
  }

  /** Sends it a message or an invalid frame. */
  send(input: ServerInput): void {
    if (this.#isEnding || this.#isTerminal || this.#isClosed) return;
    this.#input = input;
    if (kindOf(input) === 'message') this.#take(eventOf(input));
    else {
      this.#answer('EventError');
      this.#drain();
      this.#isEnding = true;
      this.#take('Disconnected');
    }
    this.#input = null;
  }

  /** Lets milliseconds pass. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next; next !== null && next[1] <= end; next = this.#next) {
      const [timer, at] = next;
      this.#now = at;
      this.#timers.delete(timer);
      this.#take(timer);
    }
    this.#now = end;
  }

  /** The timer that expires next, and when. */
  get #next(): readonly [timer: string, at: number] | null {
    const [next = null] = [...this.#timers].sort(([, one], [, other]) => one - other);
    return next;
  }

  get #isTerminal(): boolean {
    return this.#table.states[this.#state]?.isFinal ?? true;
  }

  #take(event: string): void {
    this.#answerCount = 0;
    this.#waiting.push(event);
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!this.#isTerminal) this.#step(next);
    }
  }

  #step(event: string): void {
    const { to, actions, stops, starts, transitions } = stepOf(this.#table, this.#state, event);
    this.#edges.push(...transitions);
    for (const timer of stops) this.#timers.delete(timer);
    for (const action of actions) this.#act(action, event);
    this.#state = to;
    for (const timer of starts) {
      this.#timers.set(timer, this.#now + this.#delays[timer as keyof SeatDelays]);
    }
    if (this.#isTerminal) this.#timers.clear();
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

  /** The service answers registered clients only. */
  #serve(): void {
    const isRegistered = this.#state.startsWith('registered');
    if (!isRegistered || this.#answers === 'none') return;
    if (this.#answers === 'ack') this.#answer('EventAck');
    else if (!this.#isClosed) this.#seen.push({ output: 'service', at: this.#now });
  }

  /** Sends a message. The chart takes its event after the current step. */
  #answer(message: AnswerName): void {
    if (this.#isEnding || this.#isTerminal || this.#answerCount === maxAnswers) return;
    this.#answerCount += 1;
    if (!this.#isClosed) this.#seen.push({ output: message, at: this.#now });
    this.#waiting.push(message);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#seen.push({ output: 'closed', at: this.#now });
  }
}
