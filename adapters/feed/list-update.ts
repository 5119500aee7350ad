import { summaryJson } from '../../machines/registration/session/as-json.js';
import type { HeldSession } from './held-sessions.js';

/** Maximum number of sessions per message. */
export const pageSize = 500;

/** An update of the list of sessions, in pages. */
export class ListUpdate {
  readonly #sessions: readonly HeldSession[];
  /** Texts that several viewers share; null if not shared. */
  #texts: (string | undefined)[] | null;

  constructor(sessions: readonly HeldSession[], shared: boolean) {
    this.#sessions = sessions;
    this.#texts = shared ? [] : null;
  }

  get isEmpty(): boolean {
    return this.#sessions.length === 0;
  }

  /** The number of pages; at least one, so that an empty list is sent too. */
  get pages(): number {
    return Math.max(1, Math.ceil(this.#sessions.length / pageSize));
  }

  /** The current summaries of a page as JSON, separated by commas. */
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

  /** Drops the shared texts: at most one viewer still sends this update. */
  forgetTexts(): void {
    this.#texts = null;
  }
}
