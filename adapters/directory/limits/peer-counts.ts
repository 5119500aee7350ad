import { type AllMessage, maxRows, type SourceRow } from './limit-messages.js';
import { type SourceChange, sourceChange } from './source-changes.js';

/**
 * Maximum number of sources of all other gates that are remembered for their registered clients; as many again for their unregistered
 * connections. A source beyond it is not counted.
 */
export const maxSources = 65_536;

/** Maximum number of parts of a list of all: a gate lists no more sources than another remembers. */
const maxParts = Math.ceil((2 * maxSources) / maxRows);

/** The number of sources that may still be remembered, for all other gates together. */
export interface Room {
  left: number;
}

interface Counted {
  unregistered: number;
  registered: number;
  /** Number of the message that it is from. */
  number: number;
}

/**
 * What another gate counts, by the messages that have come. Its messages are numbered: while one is missing, the counts are incomplete, and
 * those of a later message stay when a list of all, which was asked for meanwhile, is older than that message.
 */
export class PeerCounts {
  readonly run: string;
  /** When it was last heard, and asked for all its counts; milliseconds. */
  heardAt: number;
  askedAt: number;
  #isComplete: boolean;
  #last: number;
  /** All messages from this number on have come. */
  #from: number;
  #unregistered = 0;
  readonly #sources = new Map<string, Counted>();
  /** Parts of a list of all. */
  #parts = new Map<number, readonly SourceRow[]>();
  #partsNumber = -1;

  /** @param number of the last message before the first that came */
  constructor(run: string, number: number, heardAt: number, askedAt: number) {
    this.run = run;
    this.heardAt = heardAt;
    this.askedAt = askedAt;
    this.#isComplete = number === 0;
    this.#last = number;
    this.#from = number + 1;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Number of sources. */
  get size(): number {
    return this.#sources.size;
  }

  /** Number of unregistered connections. */
  get unregistered(): number {
    return this.#unregistered;
  }

  /** The gate has sent messages up to this number. */
  heard(number: number): void {
    if (number <= this.#last) return;
    this.#isComplete = false;
    this.#last = number;
    this.#from = number + 1;
  }

  /** A message with changes. @returns what has changed */
  changed(number: number, rows: readonly SourceRow[], room: Room): SourceChange[] {
    if (number <= this.#last) return [];
    this.heard(number - 1);
    this.#last = number;
    return rows.map(([source, unregistered, registered, asked = 0, erred = 0, penalty = 0]) =>
      sourceChange(source, {
        ...this.#set(source, { unregistered, registered, number }, room),
        ...{ asked, erred, penalty },
      }),
    );
  }

  /** A part of a list of all. @returns what has changed, with the last part */
  part({ number, part, parts, sources }: AllMessage, room: Room): SourceChange[] {
    if (number !== this.#partsNumber) this.#parts.clear();
    this.#partsNumber = number;
    if (parts > maxParts) return [];
    this.#parts.set(part, sources);
    if (this.#parts.size < parts) return [];
    const rows = [...this.#parts.values()].flat();
    this.#parts.clear();
    return this.#all(number, rows, room);
  }

  /** The changes that make these counts from zero. */
  counted(): SourceChange[] {
    return [...this.#sources].map(([source, { unregistered, registered }]) =>
      sourceChange(source, { unregistered, registered }),
    );
  }

  /** The changes that make all counts zero. */
  gone(): SourceChange[] {
    return [...this.#sources].map(([source, { unregistered, registered }]) =>
      sourceChange(source, { unregistered: -unregistered, registered: -registered }),
    );
  }

  #all(number: number, rows: readonly SourceRow[], room: Room): SourceChange[] {
    const listed = new Set(rows.map(([source]) => source));
    const absent = [...this.#sources.keys()].filter((source) => !listed.has(source));
    const all = [...rows, ...absent.map((source) => [source, 0, 0] as const)];
    const changes = all
      .filter(([source]) => (this.#sources.get(source)?.number ?? 0) <= number)
      .map(([source, unregistered, registered]) =>
        sourceChange(source, this.#set(source, { unregistered, registered, number }, room)),
      );
    if (number < this.#from - 1) return changes;
    this.#isComplete = true;
    this.#last = Math.max(this.#last, number);
    for (const [source, counted] of this.#sources)
      if (isZero(counted)) this.#sources.delete(source);
    return changes;
  }

  #set(source: string, counted: Counted, room: Room) {
    const before = this.#sources.get(source) ?? { unregistered: 0, registered: 0 };
    const isKnown = this.#sources.has(source);
    const hasRoom = room.left > (counted.unregistered > 0 ? -maxSources : 0);
    if (!isKnown && !hasRoom) return {};
    if (!isKnown) room.left -= 1;
    // While the counts are incomplete, an older list may still have the source.
    if (isZero(counted) && this.#isComplete) this.#sources.delete(source);
    else this.#sources.set(source, counted);
    const unregistered = counted.unregistered - before.unregistered;
    this.#unregistered += unregistered;
    return { unregistered, registered: counted.registered - before.registered };
  }
}

function isZero({ unregistered, registered }: Counted): boolean {
  return unregistered === 0 && registered === 0;
}
