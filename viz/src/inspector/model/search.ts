/** Finds events by a text: in their type and data, the names of their actors, and the states that follow. */
import type { InspectedApp } from '../../../../machines/engine/inspection/app.js';
import type { LadderEntry, LadderEvent } from '../../../../machines/engine/inspection/ladder.js';
import { valueText } from '../../chart/state-value.js';

/** Events between two looks at the clock. */
const eventsPerLook = 64;

export class EventSearch {
  readonly #app: InspectedApp;
  readonly #pattern: RegExp;
  /** Number of the last entry that was searched. */
  #searched = 0;
  readonly #matches: number[] = [];
  /** Searched events that their actors had not taken. */
  #open: number[] = [];

  constructor(app: InspectedApp, text: string) {
    this.#app = app;
    this.#pattern = new RegExp(escaped(text), 'i');
  }

  /** Numbers of the held entries that match so far, in order. */
  matches(): readonly number[] {
    const { forgotten } = this.#app.ladder;
    return this.#matches.filter((number) => number > forgotten);
  }

  /**
   * Searches entries that are new.
   * @param until by `performance.now()`
   * @returns whether all are searched
   */
  search(entries: readonly LadderEntry[], until: number): boolean {
    this.#searchOpen();
    const oldest = entries[0]?.number ?? 1;
    let index = Math.max(0, this.#searched + 1 - oldest);
    for (let count = 1; index < entries.length; index += 1, count += 1) {
      const entry = entries[index] as LadderEntry;
      this.#searched = entry.number;
      if (entry.kind === 'event') this.#searchEvent(entry);
      if (count % eventsPerLook === 0 && performance.now() >= until) return false;
    }
    return true;
  }

  #searchEvent(event: LadderEvent): void {
    if (this.#isMatch(event)) this.#matches.push(event.number);
    else if (event.outcome === null) this.#open.push(event.number);
  }

  #searchOpen(): void {
    const open = this.#open;
    this.#open = [];
    for (const number of open) {
      const event = this.#app.ladder.event(number);
      if (!event) continue;
      if (event.outcome === null) this.#open.push(number);
      else if (this.#isMatch(event)) {
        this.#matches.push(number);
        this.#matches.sort((one, other) => one - other);
      }
    }
  }

  #isMatch(event: LadderEvent): boolean {
    const { type, source, target, message, outcome } = event;
    const found = (text: string | null | undefined) => text != null && this.#pattern.test(text);
    return (
      found(type) ||
      found(this.#app.actor(target)?.name) ||
      (source !== null && found(this.#app.actor(source)?.name)) ||
      found(outcome && outcome.state !== null ? valueText(outcome.state) : null) ||
      found(message && dataOf(message))
    );
  }
}

/** The part of a message with the event's data. */
function dataOf(message: string): string {
  const start = message.indexOf('"event":');
  return start === -1 ? '' : message.slice(start + 8);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The match after or before a number; around the ends it goes on at the other end. Null without a match. */
export function nextMatch(
  matches: readonly number[],
  at: number | null,
  direction: 1 | -1,
): number | null {
  if (matches.length === 0) return null;
  if (direction === 1)
    return matches.find((number) => at !== null && number > at) ?? matches[0] ?? null;
  return matches.findLast((number) => at === null || number < at) ?? matches.at(-1) ?? null;
}
