import type { ObservedEvent } from '../../../machines/registration/observer/events.js';
import type { Damage, LineCounts, LogReader } from '../log-reader.js';
import type { EventTaker, FileRead, LogsRead } from '../logs-read.js';
import { BrokenOffError } from './chunks.js';
import type { Growth } from './growing-file.js';
import { sourceOf } from './in-order.js';
import { LineSplitter } from './line-splitter.js';
import type { Recognised } from './recognise.js';

/** Maximum number of damages that are kept; all are counted. */
const mostDamages = 1_000;

/** Reads files one after the other and counts their lines. */
export class ReadingOfLog {
  readonly #onBytes: (bytes: number) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #files: FileRead[] = [];
  readonly #damages: Damage[] = [];
  #damaged = 0;
  /** Time and place of the last event. */
  #last: Pick<ObservedEvent, 'at' | 'place'> = { at: 0, place: null };

  constructor(onBytes: (bytes: number) => void, signal: AbortSignal | undefined) {
    this.#onBytes = onBytes;
    this.#signal = signal;
  }

  get result(): Omit<LogsRead, 'passedOver'> {
    const counts = this.#files.reduce<LineCounts>(
      (sum, { counts: of }) => ({
        read: sum.read + of.read,
        used: sum.used + of.used,
        ignored: sum.ignored + of.ignored,
        damaged: sum.damaged + of.damaged,
      }),
      { read: 0, used: 0, ignored: 0, damaged: 0 },
    );
    return { files: this.#files, counts, damages: this.#damages, damaged: this.#damaged };
  }

  /** Reads a file to its end. */
  async read(file: Recognised, server: string, taker: EventTaker): Promise<void> {
    let bytes = 0;
    const { reader, splitter } = this.#open(file, taker);
    let isBroken = false;
    try {
      const chunks = file.input.chunks((more) => {
        bytes += more;
        this.#onBytes(more);
      });
      for await (const chunk of chunks) {
        this.#signal?.throwIfAborted();
        splitter.push(chunk);
      }
    } catch (error) {
      if (!(error instanceof BrokenOffError)) throw error;
      isBroken = true;
      this.#break(file, reader, error.message);
    }
    const isTorn = splitter.end();
    reader.end(isTorn || isBroken);
    this.#done(file, server, bytes, reader.counts);
  }

  /** Reads a file as it grows. A rewritten file counts as another file of the same name. */
  async follow(
    file: Recognised,
    server: string,
    taker: EventTaker,
    growth: AsyncIterable<Growth>,
  ): Promise<void> {
    let { reader, splitter } = this.#open(file, taker);
    let bytes = 0;
    for await (const grown of growth) {
      if (typeof grown !== 'string') {
        bytes += grown.length;
        splitter.push(grown);
        this.#onBytes(grown.length);
        continue;
      }
      reader.end(splitter.end());
      this.#done(file, server, bytes, reader.counts);
      if (grown === 'truncated') {
        const { at, place } = this.#last;
        taker.take({ type: 'missing', peer: null, reason: 'gap', at, place });
      }
      ({ reader, splitter } = this.#open(file, taker));
      bytes = 0;
    }
    // An incomplete last line of a growing file is not damage: the rest is still to come.
    reader.end(false);
    this.#done(file, server, bytes, reader.counts);
  }

  #open(file: Recognised, taker: EventTaker): { reader: LogReader; splitter: LineSplitter } {
    const reader = file.format.open(sourceOf(file), {
      event: (event) => {
        this.#last = event;
        taker.take(event);
      },
      damage: (damage) => this.#damage(damage),
    });
    return { reader, splitter: new LineSplitter(reader) };
  }

  #break(file: Recognised, reader: LogReader, reason: string): void {
    const line = reader.counts.read + 1;
    this.#damage({ file: file.input.file, line, lines: 0, reason });
  }

  #damage(damage: Damage): void {
    this.#damaged += 1;
    if (this.#damages.length < mostDamages) this.#damages.push(damage);
  }

  #done({ input, format }: Recognised, server: string, bytes: number, counts: LineCounts): void {
    this.#files.push({ file: input.file, server, format: format.id, bytes, counts });
  }
}
