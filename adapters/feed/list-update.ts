import { summaryJson } from '../../machines/index.js';
import type { HeldSession } from './held-sessions.js';

/** Sessions in one message. */
export const pageSize = 500;

/** Sessions to be told to viewers of the list, in pages. */
export class ListUpdate {
  readonly #sessions: readonly HeldSession[];
  /** Texts that several viewers share; null where none are shared. */
  #texts: (string | undefined)[] | null;

  constructor(sessions: readonly HeldSession[], shared: boolean) {
    this.#sessions = sessions;
    this.#texts = shared ? [] : null;
  }

  get isEmpty(): boolean {
    return this.#sessions.length === 0;
  }

  /** One at least, so that an empty list is told too. */
  get pages(): number {
    return Math.max(1, Math.ceil(this.#sessions.length / pageSize));
  }

  /** The summaries of a page as they are now, as JSON with commas between. */
  text(page: number): string {
    const made = this.#texts?.[page];
    if (made !== undefined) return made;
    const text = this.#sessions
      .slice(page * pageSize, (page + 1) * pageSize)
      .filter(({ removed }) => !removed)
      .map(({ summary }) => summaryJson(summary))
      .join(',');
    if (this.#texts) this.#texts[page] = text;
    return text;
  }

  /** Keeps no text any more: only one viewer still sends this. */
  forgetTexts(): void {
    this.#texts = null;
  }
}
