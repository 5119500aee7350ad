import type { FeedMessage } from '../../machines/index.js';
import type { HeldSession } from './held-sessions.js';

/** Steps in one message, and their estimated bytes. */
const longestMessage = { steps: 500, weight: 131_072 } as const;

/** Steps that a viewer gets of a session of which it missed more, because it was slow. */
export const newest = 200;

/** How far one viewer has the steps of one session. Nothing is queued: what comes next is taken from what is held. */
export class Watch {
  readonly session: HeldSession;
  /** seq of the last step that was sent. */
  #sent: number;
  /** It has had everything once: from then on it follows what happens. */
  #live = false;
  #slow = false;

  /** @param after seq of the last step that the viewer has. */
  constructor(session: HeldSession, after: number) {
    this.session = session;
    this.#sent = after;
  }

  /** The viewer does not read what it is sent. One that still gets the history has time. */
  fellBehind(): void {
    this.#slow = this.#live;
  }

  /** What the viewer is told next; null when it has everything. */
  next(): Extract<FeedMessage, { type: 'steps' | 'gap' | 'unknown' }> | null {
    const { history, summary, removed } = this.session;
    const { session, steps: last } = summary;
    if (this.#sent >= last) {
      this.#live = true;
      this.#slow = false;
      return removed ? { type: 'unknown', session } : null;
    }
    if (this.#slow) {
      this.#slow = false;
      if (last - this.#sent > newest) return this.#gap(last - newest, 'slow-viewer');
    }
    const first = history.firstFrom(this.#sent + 1) ?? last + 1;
    if (first > this.#sent + 1) return this.#gap(first - 1, 'forgotten');
    const steps = history.from(this.#sent + 1, longestMessage.steps, longestMessage.weight);
    this.#sent = steps.at(-1)?.seq ?? last;
    return { type: 'steps', session, steps };
  }

  #gap(to: number, cause: 'forgotten' | 'slow-viewer') {
    const from = this.#sent + 1;
    this.#sent = to;
    const { summary, history } = this.session;
    const transitions = history.transitionsUpTo(to);
    return { type: 'gap', session: summary.session, from, to, cause, transitions } as const;
  }
}
