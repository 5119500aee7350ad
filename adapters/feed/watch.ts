import type { FeedMessage } from '../../machines/registration/session/feed.js';
import type { HeldSession } from './held-sessions.js';

/** Maximum steps per message, and maximum estimated bytes. */
const longestMessage = { steps: 500, weight: 131_072 } as const;

/** Number of latest steps that a slow viewer still gets when it missed more. */
export const newest = 200;

/** The position of a viewer in the steps of a session. Nothing is queued: the next steps are read from memory. */
export class Watch {
  readonly session: HeldSession;
  /** seq of the last step that was sent. */
  #sent: number;
  /** Whether it has received all past steps and follows live. */
  #live = false;
  #slow = false;
  /** Whether it waits for earlier steps from another gate. */
  isWaiting = false;

  /** @param after seq of the last step that the viewer has. */
  constructor(session: HeldSession, after: number) {
    this.session = session;
    this.#sent = after;
  }

  /** The viewer is too slow. While it still receives past steps, this has no effect. */
  fellBehind(): void {
    this.#slow = this.#live;
  }

  /** The next message; null when the viewer is up to date. */
  next(): Extract<FeedMessage, { type: 'steps' | 'gap' | 'unknown' }> | null {
    if (this.isWaiting) return null;
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
