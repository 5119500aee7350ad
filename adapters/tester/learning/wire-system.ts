import { setTimeout as wait } from 'node:timers/promises';
import { silence } from '../../../machines/engine/learning/timed-machine.js';
import type {
  Play,
  PlayPatience,
  TimedSystem,
  WordStep,
} from '../../../machines/engine/learning/timed-system.js';
import type { ConnectOptions } from '../../net/transports/index.js';
import { StallMonitor } from '../conform/stall-monitor.js';
import { MapperError, NotReachableError } from '../errors.js';
import { framingOf, openConnection } from '../protocols/byte-connection.js';
import {
  type ChosenInputs,
  chooseInputs,
  type Mapper,
  type MapperChoices,
} from '../protocols/mapper.js';
import { AnswerTimes } from './answer-times.js';
import { playWord } from './play-word.js';
import { WireConnection } from './wire-connection.js';

/** All durations are in milliseconds. */
export interface WireSystemOptions extends MapperChoices {
  /** tcp, tls, ws or wss. */
  readonly endpoint: string;
  readonly mapper: Mapper;
  /** Timers that a client states to the server. @default none: a mapper that needs one, e.g. a Keep Alive, states 0 */
  readonly timers?: Readonly<Record<string, number>> | undefined;
  readonly tls?: ConnectOptions['tls'];
  /** Maximum wait for a timeout of the server. @default that of the mapper, or 2500 */
  readonly horizon?: number | undefined;
  /** Maximum wait for an output. @default that of the mapper, or measured */
  readonly patience?: number | undefined;
  /** How long more outputs may come after one. @default that of the mapper, or 20 */
  readonly settle?: number | undefined;
  /** Maximum difference between two measurements of one timeout. @default that of the mapper, or 20 */
  readonly tolerance?: number | undefined;
  /** Timeout of a connect, and of the greeting. @default 5000 */
  readonly connectTimeout?: number | undefined;
}

/** Maximum wait for a timeout of a server of which nothing is known, in milliseconds. */
export const defaultHorizon = 2_500;
/** Pauses before a connect is tried again, in milliseconds: a server may limit the rate of connections. */
const backoffs = [50, 250];
/** How many times the patience a known output is waited for. */
const knownFactor = 5;
/** Connections that are thrown away, because a cold server is slow. */
const coldConnections = 2;
/** How long the answers to some inputs are waited for when they are measured, in milliseconds: longer and to all inputs if none comes. */
const measuring = [
  { time: 250, inputs: 3 },
  { time: 1_000, inputs: Number.POSITIVE_INFINITY },
] as const;

/** The sessions of this process. A client id made of the number is unique. */
let sessions = 0;

/** A live server as a system that a learner plays on. Each play is a connection. */
export class WireSystem implements TimedSystem, Disposable {
  readonly inputs: readonly string[];
  readonly chosen: ChosenInputs;
  readonly horizon: number;
  readonly tolerance: number;
  readonly #options: WireSystemOptions;
  readonly #framing: 'stream' | 'frame';
  readonly #settle: number;
  readonly #patience: number | undefined;
  readonly #answers = new AnswerTimes();
  readonly #stallMonitor = new StallMonitor();
  readonly #open = new Set<WireConnection>();
  #warmth: Promise<void> | null = null;
  #connections = 0;
  #isDisposed = false;

  /** @throws {EndpointError}; {ChoiceError} for an unknown setting or value */
  constructor(options: WireSystemOptions) {
    const { timing = {} } = options.mapper.wire;
    this.#options = options;
    this.#framing = framingOf(options.endpoint);
    this.chosen = chooseInputs(options.mapper, options);
    this.inputs = Object.keys(this.chosen.inputs);
    this.horizon = options.horizon ?? timing.horizon ?? defaultHorizon;
    this.tolerance = options.tolerance ?? timing.tolerance ?? 20;
    this.#settle = options.settle ?? timing.settle ?? 20;
    this.#patience = options.patience ?? timing.patience;
  }

  /** Maximum wait for an output in milliseconds, with the usual patience. */
  get patience(): number {
    return this.#patience ?? this.#answers.patience;
  }

  /** The connections that were opened. */
  get connections(): number {
    return this.#connections;
  }

  /** Ends the plays that run, which reject. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#stallMonitor[Symbol.dispose]();
    for (const connection of this.#open) connection.abort(stopped());
  }

  /**
   * Opens the first connections, whose times do not count, and measures how fast the server answers. The first play does so, too.
   * @throws {NotReachableError}; {MapperError}
   */
  warmUp(): Promise<void> {
    this.#warmth ??= this.#warmUp().catch((error) => {
      this.#warmth = null;
      throw error;
    });
    return this.#warmth;
  }

  /** @throws {RangeError} for an unknown input; {NotReachableError}; {MapperError}; an AbortError after the end of the system */
  async play(word: readonly WordStep[], { factor }: PlayPatience): Promise<Play> {
    for (const { input } of word) this.#check(input);
    await this.warmUp();
    const { patience, horizon } = this;
    const times = {
      patience: patience * factor,
      knownPatience: patience * Math.max(knownFactor, factor),
      settle: this.#settle,
      horizon,
    };
    return await this.#use((connection) =>
      playWord(connection, word, times, (time) => this.#answers.note(time)),
    );
  }

  #check(input: string): void {
    if (input === silence || this.inputs.includes(input)) return;
    throw new RangeError(
      `unknown input ${JSON.stringify(input)}; allowed: ${this.inputs.join(', ')}`,
    );
  }

  async #warmUp(): Promise<void> {
    for (let count = 0; count < coldConnections; count += 1) {
      await this.#answerTime(this.inputs[0] ?? silence, measuring[0].time);
    }
    if (this.#patience !== undefined) return;
    for (const { time, inputs } of measuring) {
      const [silent, ...answers] = await Promise.all(
        [silence, ...this.inputs.slice(0, inputs)].map((input) => this.#answerTime(input, time)),
      );
      // What comes without an input, too, e.g. a close at a deadline, is not an answer.
      const counted = answers.filter((one) => one !== null && one < (silent ?? time) / 2);
      for (const one of counted) this.#answers.note(one as number);
      if (counted.length > 0) return;
    }
  }

  /** Milliseconds until the first output for an input; null when none comes in time. */
  #answerTime(input: string, time: number): Promise<number | null> {
    return this.#use(async (connection) => {
      const from = connection.elapsed;
      if (input !== silence) connection.send(input);
      await connection.until(from + time, () => connection.firstAt !== null);
      return connection.firstAt === null ? null : connection.firstAt - from;
    });
  }

  async #use<Result>(work: (connection: WireConnection) => Promise<Result>): Promise<Result> {
    const connection = await this.#connect();
    try {
      return await work(connection);
    } finally {
      this.#open.delete(connection);
      connection.destroy();
    }
  }

  /** @throws {NotReachableError}; {MapperError} */
  async #connect(): Promise<WireConnection> {
    for (const backoff of backoffs) {
      try {
        return await this.#connectOnce();
      } catch (error) {
        if (!(error instanceof NotReachableError)) throw error;
        await wait(backoff);
        if (this.#isDisposed) throw stopped();
      }
    }
    return await this.#connectOnce();
  }

  async #connectOnce(): Promise<WireConnection> {
    const { endpoint, mapper, tls, connectTimeout: timeout = 5_000 } = this.#options;
    const { subprotocol, frames, greets = false } = mapper.wire;
    const connection = new WireConnection(this.#session(), this.#stallMonitor);
    const options = { timeout, tls, subprotocol, frames };
    connection.begin(await openConnection(endpoint, options, connection));
    this.#connections += 1;
    this.#open.add(connection);
    if (this.#isDisposed) connection.abort(stopped());
    if (!greets || (await connection.greeting(timeout, this.#settle))) return connection;
    this.#open.delete(connection);
    connection.destroy();
    const how = connection.isClosed ? 'and closed the connection' : `within ${timeout} ms`;
    throw new NotReachableError(endpoint, `it sent no greeting ${how}`);
  }

  #session() {
    const { mapper, timers = {}, values = {} } = this.#options;
    const { settings } = this.chosen;
    const framing = this.#framing;
    sessions += 1;
    try {
      return mapper.wire.session({ settings, timers, values, number: sessions, framing });
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new MapperError('session', problem, cause);
    }
  }
}

function stopped(): Error {
  return new DOMException('the learner has stopped', 'AbortError');
}
