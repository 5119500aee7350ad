/** The ladder of an app: the events of all its actors, in order. */
import type { StateValue } from './messages.js';

/** An event between two actors, and what the target did with it. */
export interface LadderEvent {
  readonly kind: 'event';
  /** 1 and up in its app. */
  readonly number: number;
  /** When it arrived: wall clock, milliseconds since 1970. */
  readonly at: number;
  /** Session id of the sender; null when it came from outside of the actors. */
  readonly source: string | null;
  /** Session id of the actor that got it. */
  readonly target: string;
  readonly type: string;
  /** The message with the data of the event, as JSON; null for a snapshot without an event. */
  readonly message: string | null;
  /** What followed; null while the actor has not taken it. */
  outcome: Outcome | null;
}

/** What an actor did with an event. */
export interface Outcome {
  /** Null for actors that are not machines. */
  readonly state: StateValue | null;
  readonly status: string;
  /** Ids of transitions, as `ixgate coverage` has them; null when they are not known. */
  readonly transitions: readonly string[] | null;
  /** Whether the transitions are guessed from the states before and after. */
  readonly guessed: boolean;
  /** The message with the snapshot, as JSON. */
  readonly message: string;
}

/** Messages are missing here: the app or the inspector left them out. */
export interface LadderGap {
  readonly kind: 'gap';
  readonly number: number;
  readonly at: number;
  /** Null when the number is not known: the app has lost its connection. */
  readonly missing: number | null;
}

export type LadderEntry = LadderEvent | LadderGap;

/** Bytes of an entry beside its messages. */
const entryBytes = 200;

/** The newest entries. */
export class Ladder {
  /** Forgotten entries at the start are null. */
  #entries: (LadderEntry | null)[] = [];
  /** The index of the oldest entry: removing from the start of an array for each entry would be slow. */
  #start = 0;
  #count = 0;
  #bytes = 0;
  #skipped = 0;

  /** The number of held entries. */
  get length(): number {
    return this.#entries.length - this.#start;
  }

  /** The number of entries that were forgotten. */
  get forgotten(): number {
    return this.#count - this.length;
  }

  /** The forgotten entries that this ladder never held. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The held entries, the oldest first. */
  entries(): readonly LadderEntry[] {
    return this.#entries.slice(this.#start) as LadderEntry[];
  }

  /** A held event; undefined when it was forgotten. */
  event(number: number): LadderEvent | undefined {
    const entry = this.#entries[this.#start + number - this.forgotten - 1];
    return entry?.kind === 'event' ? entry : undefined;
  }

  /** Counts entries that were forgotten before the first one. */
  skip(forgotten: number): void {
    if (this.length > 0) return;
    this.#count += forgotten;
    this.#skipped += forgotten;
  }

  addEvent(event: Omit<LadderEvent, 'kind' | 'number' | 'outcome'>): LadderEvent {
    this.#count += 1;
    const entry: LadderEvent = { kind: 'event', number: this.#count, ...event, outcome: null };
    this.#push(entry);
    return entry;
  }

  addGap(missing: number | null, at: number): void {
    this.#count += 1;
    this.#push({ kind: 'gap', number: this.#count, at, missing });
  }

  /** Completes a held event. */
  complete(event: LadderEvent, outcome: Outcome): void {
    event.outcome = outcome;
    this.#bytes += outcome.message.length;
  }

  /** Forgets the oldest entries beyond a number and a size. */
  trim(events: number, bytes: number): void {
    while (this.length > events || (this.#bytes > bytes && this.length > 0)) {
      const oldest = this.#entries[this.#start];
      if (oldest) this.#bytes -= bytesOf(oldest);
      this.#entries[this.#start] = null;
      this.#start += 1;
    }
    if (this.#start < 1_024 || this.#start * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#start);
    this.#start = 0;
  }

  #push(entry: LadderEntry): void {
    this.#entries.push(entry);
    this.#bytes += bytesOf(entry);
  }
}

function bytesOf(entry: LadderEntry): number {
  if (entry.kind === 'gap') return entryBytes;
  return entryBytes + (entry.message?.length ?? 0) + (entry.outcome?.message.length ?? 0);
}
