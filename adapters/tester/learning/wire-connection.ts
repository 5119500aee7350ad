import { setImmediate as turn } from 'node:timers/promises';
import type { WireSession } from '../../../machines/engine/kit/wire.js';
import { closedOutput } from '../../../machines/engine/learning/timed-machine.js';
import type { StallMonitor } from '../conform/stall-monitor.js';
import { MapperError } from '../errors.js';
import type { ByteConnection, ByteHandlers } from '../protocols/byte-connection.js';

/** The outputs that are kept until they are taken; more are a flood. */
const maxOutputs = 64;
/** Milliseconds after a stall in which its effects are seen: events that came during it, and those of a server that stalled as well. */
const stallEffect = 25;
/** How many times the settle time an input may take that is answered again and again. */
const maxSettles = 10;

/** One connection of a learner: its outputs in order, with the mapper between them and bytes. Times are milliseconds. */
export class WireConnection implements ByteHandlers {
  readonly #wire: WireSession;
  readonly #stallMonitor: StallMonitor;
  #connection: ByteConnection | null = null;
  /** Of the attempt until the connection is open. */
  #openedAt = performance.now();
  readonly #outputs: string[] = [];
  /** When the first of the outputs came. */
  #firstAt = 0;
  #firstStall = 0;
  #openStall = 0;
  #isClosed = false;
  #isGreeting = false;
  #failure: Error | null = null;
  #wake: () => void = () => {};

  constructor(wire: WireSession, stallMonitor: StallMonitor) {
    this.#wire = wire;
    this.#stallMonitor = stallMonitor;
  }

  /** The connection is open. Time begins. */
  begin(connection: ByteConnection): void {
    this.#openedAt = performance.now();
    this.#openStall = this.#recentStall;
    this.#connection = connection;
  }

  /** Milliseconds since the connection was open. */
  get elapsed(): number {
    return performance.now() - this.#openedAt;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The outputs that were not taken. */
  get seen(): string {
    return this.#outputs.join(' ');
  }

  /** When the first output came that was not taken, in milliseconds since the connection was open; null without one. */
  get firstAt(): number | null {
    return this.#outputs.length === 0 ? null : this.#firstAt;
  }

  /** By how many milliseconds `firstAt` may be wrong, and the moment at which time began. */
  get firstStall(): number {
    return Math.max(this.#openStall, this.#firstStall);
  }

  /** The longest stall of this process since a moment of the connection, in milliseconds. */
  stallSince(at: number): number {
    return this.#stallMonitor.longestSince(this.#openedAt + at);
  }

  take(): string {
    return this.#outputs.splice(0).join(' ');
  }

  /** @throws {MapperError} */
  send(input: string): void {
    const bytes = bytesOf(this.#wire, input);
    if (bytes.length > 0 && !this.#isClosed) this.#connection?.write(bytes);
  }

  /** Waits for the first output of the server and drops it. @returns whether it came and the connection is still open. */
  async greeting(timeout: number, settle: number): Promise<boolean> {
    this.#isGreeting = true;
    await this.until(this.elapsed + timeout, () => this.seen !== '');
    await this.settle(settle);
    this.#isGreeting = false;
    return this.take() !== '' && !this.#isClosed;
  }

  /** Waits until no more outputs come for some time. */
  async settle(time: number): Promise<void> {
    const end = this.elapsed + maxSettles * time;
    let known = -1;
    while (this.#outputs.length > known && !this.#isClosed) {
      known = this.#outputs.length;
      const moment = Math.min(end, this.elapsed + time);
      await this.fairUntil(moment, () => this.#outputs.length > known);
      if (moment === end) return;
    }
  }

  /**
   * Waits until a moment, the end of the connection or a condition.
   * @throws {MapperError}; the reason of `abort`
   */
  async until(moment: number, isMet: () => boolean = () => false): Promise<void> {
    while (this.#failure === null && !this.#isClosed && !isMet()) {
      const left = moment - this.elapsed;
      if (left <= 0) {
        // Due timers run before socket events: what has arrived by now counts.
        await turn();
        break;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.ceil(left));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#failure) throw this.#failure;
  }

  /** The same, and longer by the stalls meanwhile: a server on a busy machine may not have run either. */
  async fairUntil(moment: number, isMet: () => boolean): Promise<void> {
    const from = this.elapsed;
    await this.until(moment, isMet);
    await this.until(this.elapsed + this.stallSince(from), isMet);
  }

  /** Ends the waiting with an error, and the connection. */
  abort(reason: Error): void {
    this.#failure ??= reason;
    this.#wake();
    this.destroy();
  }

  destroy(): void {
    this.#connection?.destroy();
  }

  data(bytes: Uint8Array): void {
    let words: readonly string[];
    try {
      words = this.#wire.decode(bytes);
    } catch {
      words = ['unreadable'];
    }
    try {
      for (const word of wordsOf(words)) if (!this.#hides(word)) this.#note(word);
    } catch (error) {
      this.abort(error as Error);
    }
  }

  fault(): void {
    this.#note('unreadable');
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#note(closedOutput);
  }

  get #recentStall(): number {
    return this.#stallMonitor.longestSince(performance.now() - stallEffect);
  }

  /** @throws {MapperError} */
  #hides(word: string): boolean {
    let answer: boolean | Uint8Array | undefined;
    try {
      answer = this.#wire.ambient?.(word);
    } catch (cause) {
      throw new MapperError(`ambient of the output ${word}`, messageOf(cause), cause);
    }
    if (answer instanceof Uint8Array) this.#connection?.write(answer);
    return !this.#isGreeting && Boolean(answer);
  }

  #note(word: string): void {
    if (this.#outputs.length === 0) {
      this.#firstAt = this.elapsed;
      this.#firstStall = this.#recentStall;
    }
    if (this.#outputs.length < maxOutputs || word === closedOutput) this.#outputs.push(word);
    this.#wake();
  }
}

function bytesOf(wire: WireSession, input: string): Uint8Array {
  const part = `encode of the input ${input}`;
  let bytes: unknown;
  try {
    bytes = wire.encode(input);
  } catch (cause) {
    throw new MapperError(part, messageOf(cause), cause);
  }
  if (bytes instanceof Uint8Array) return bytes;
  throw new MapperError(part, `it returns ${typeof bytes}; expected a Uint8Array`);
}

/** The outputs of a mapper as words: without spaces, and none that is the end of the connection. @throws {MapperError} */
function wordsOf(outputs: unknown): string[] {
  if (!Array.isArray(outputs) || !outputs.every((one) => typeof one === 'string')) {
    throw new MapperError('decode', 'it returns something else; expected an array of strings');
  }
  return (outputs as string[])
    .map((output) => output.trim().replace(/\s+/g, '_'))
    .filter((output) => output !== '')
    .map((output) => (output === closedOutput ? `"${closedOutput}"` : output));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
