import type { NodeMessages } from '../../directory/node-messages.js';
import { toError } from '../../runtime/errors.js';
import type { NodeOutcome } from '../../server/gate-view.js';

/** Asks other gates, and remembers which did not answer until someone asks for that. */
export class Answers {
  readonly #messages: NodeMessages;
  readonly #waiting = new Set<Promise<unknown>>();
  readonly #failed = new Set<string>();

  constructor(messages: NodeMessages) {
    this.#messages = messages;
  }

  /** It never rejects. @param timeout milliseconds. @default 2000 */
  ask(node: string, type: string, body: unknown, timeout?: number): Promise<NodeOutcome> {
    return outcomeOf(node, () => this.#messages.ask(node, type, body, timeout));
  }

  /** As `ask`, for `settled`. */
  send(node: string, type: string, body: unknown): void {
    this.track(this.ask(node, type, body).then((outcome) => this.note([outcome])));
  }

  /** Remembers the gates that did not answer, for `settled`. */
  note(outcomes: readonly NodeOutcome[]): void {
    for (const { node, problem } of outcomes) if (problem !== null) this.#failed.add(node);
  }

  /** `settled` waits for it. */
  track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#waiting.delete(tracked));
    this.#waiting.add(tracked);
  }

  /** Waits for what was sent. @returns the gates that did not answer */
  async settled(): Promise<string[]> {
    while (this.#waiting.size > 0) await Promise.allSettled(this.#waiting);
    const failed = [...this.#failed].sort();
    this.#failed.clear();
    return failed;
  }
}

/** What a gate has done, or why it has not. It never rejects. */
export async function outcomeOf(node: string, work: () => Promise<unknown>): Promise<NodeOutcome> {
  try {
    return { node, problem: null, answer: await work() };
  } catch (error) {
    return { node, problem: toError(error).message, answer: null };
  }
}
