import { setTimeout as wait } from 'node:timers/promises';
import { closed } from '../../../machines/engine/kit/definition.js';
import {
  isTime,
  type ProtocolModel,
  waiting,
} from '../../../machines/engine/kit/protocol-model.js';
import type { WireSession } from '../../../machines/engine/kit/wire.js';
import type { TestedSession } from '../../../machines/engine/playing/play-suite.js';
import { stepOf } from '../../../machines/engine/table/table.js';
import type { ExpectedStep } from '../../../machines/engine/testgen/model.js';
import type { ByteConnection } from './byte-connection.js';

export interface LiveSessionOptions {
  readonly model: ProtocolModel;
  readonly wire: WireSession;
  /** Maximum milliseconds of waiting for an output. */
  readonly responseTimeout: number;
  /** Milliseconds in which nothing more comes after an output. */
  readonly quietPeriod: number;
  /** Milliseconds that an output may come after its deadline. */
  readonly margin: number;
  /** Called when the server answers with an output that is allowed but not the expected one. */
  readonly onVariant: (step: ExpectedStep, observed: string) => void;
}

/** One session with a live server, judged step by step. */
export class LiveSession implements TestedSession {
  readonly #options: LiveSessionOptions;
  #connection: ByteConnection | null = null;
  /** The outputs that no step has taken. */
  readonly #outputs: string[] = [];
  #isClosed = false;
  #wake: () => void = () => {};
  /** When each running timer of the server was started, on the monotonic clock. */
  readonly #startedAt = new Map<string, number>();

  constructor(options: LiveSessionOptions) {
    this.#options = options;
  }

  /** The connection is open. */
  begin(connection: ByteConnection): void {
    this.#connection = connection;
    this.#started(this.#options.model.table.start.starts);
  }

  data(bytes: Uint8Array): void {
    try {
      this.#outputs.push(...this.#options.wire.decode(bytes));
    } catch {
      this.#outputs.push('unreadable');
    }
    this.#wake();
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#outputs.push(closed);
    this.#wake();
  }

  async take(input: string, step: ExpectedStep): Promise<string> {
    const { model, onVariant } = this.#options;
    const observed = isTime(input) ? await this.#pass(input) : await this.#send(input, step);
    if (observed === step.output || !model.allowed(step).includes(observed)) return observed;
    onVariant(step, observed);
    return step.output;
  }

  close(): void {
    this.#connection?.destroy();
  }

  async #send(input: string, step: ExpectedStep): Promise<string> {
    const { model, wire, responseTimeout, quietPeriod } = this.#options;
    const { starts, stops } = stepOf(model.table, step.from, input);
    for (const timer of stops) this.#startedAt.delete(timer);
    const bytes = wire.encode(input);
    if (bytes.length > 0) this.#connection?.write(bytes);
    this.#started(starts);
    const allowed = model.allowed(step);
    // Nothing that may follow makes an output allowed that does not begin as one.
    const isComplete = () =>
      this.#seen !== '' &&
      (allowed.includes(this.#seen) || !allowed.some((output) => output.startsWith(this.#seen)));
    if (allowed.some((output) => output !== '')) {
      await this.#until(performance.now() + responseTimeout, isComplete);
    }
    await this.#until(performance.now() + quietPeriod);
    return this.#taken();
  }

  /** Lets time pass until shortly before the deadline, or with quiescence until shortly after it. */
  async #pass(input: string): Promise<string> {
    const { model, margin } = this.#options;
    const now = performance.now();
    const deadlines = [...this.#startedAt].map(([timer, at]) => at + (model.timers[timer] ?? 0));
    const none =
      now + (input === waiting ? 2 * model.margin : Math.max(...Object.values(model.timers)));
    const deadline = deadlines.length > 0 ? Math.min(...deadlines) : none;
    await this.#until(deadline - model.margin);
    const early = this.#taken();
    if (input === waiting) return early;
    await this.#until(deadline + margin);
    return [early && `early ${early}`, this.#taken()].filter(Boolean).join(' ');
  }

  #started(timers: readonly string[]): void {
    for (const timer of timers) this.#startedAt.set(timer, performance.now());
  }

  get #seen(): string {
    return this.#outputs.join(' ');
  }

  #taken(): string {
    return this.#outputs.splice(0).join(' ');
  }

  /** Waits until a moment, the end of the connection or a condition. */
  async #until(moment: number, isMet: () => boolean = () => false): Promise<void> {
    while (!this.#isClosed && !isMet()) {
      const left = moment - performance.now();
      if (left <= 0) return;
      const stop = new AbortController();
      await Promise.race([
        wait(left, undefined, { signal: stop.signal }).catch(() => {}),
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
      ]);
      stop.abort();
    }
  }
}
