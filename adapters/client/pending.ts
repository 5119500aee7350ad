/** Requests that wait for their answers, by reference id. Each is settled exactly once. */
import {
  isWireMessage,
  referenceIdOf,
  type WireMessage,
} from '../../machines/registration/chart/messages.js';
import { deadlineClock } from '../runtime/deadlines.js';
import { OptionError } from '../runtime/errors.js';
import { onAbort } from './abort-listeners.js';
import { ReplyTimeoutError, RequestRefusedError } from './errors.js';

/** The largest reference id; the next one is 1. */
export const lastReferenceId = 2_147_483_647;

interface Waiting {
  readonly messageName: string;
  answer(reply: WireMessage): void;
  fail(reason: unknown): void;
}

export interface RequestTerms {
  readonly messageName: string;
  readonly referenceId: number;
  /** Milliseconds, or Infinity. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Called after the promise was rejected because of the timeout. */
  readonly timedOut?: () => void;
}

export class PendingRequests {
  readonly #waiting = new Map<number, Waiting>();
  #last: number;
  #idle: (() => void)[] = [];

  /** @param last the last assigned reference id */
  constructor(last = 0) {
    this.#last = last;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Checks a message before it is sent.
   * @throws {OptionError} for an invalid message, or one with the reference id of a pending request
   */
  check(message: WireMessage): void {
    if (!isWireMessage(message))
      throw new OptionError('message', message, 'an object with a messageName that is not empty');
    const referenceId = message.referenceId ?? null;
    if (referenceId === null) return;
    if (referenceIdOf(message) === null)
      throw new OptionError(
        'referenceId',
        referenceId,
        'a whole number from -2147483648 to 2147483647',
      );
    if (this.#waiting.has(referenceId))
      throw new OptionError('referenceId', referenceId, 'one that no pending request has');
  }

  /** Resolves when no request is pending. */
  idle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** A reference id that is not pending: 1 to 2147483647, then 1 again. */
  nextReferenceId(): number {
    do {
      this.#last = this.#last >= lastReferenceId ? 1 : this.#last + 1;
    } while (this.#waiting.has(this.#last));
    return this.#last;
  }

  /** Waits for an answer. The promise is settled by `settle`, `rejectAll`, the timeout or the signal. */
  add({ messageName, referenceId, timeout, signal, timedOut }: RequestTerms): Promise<WireMessage> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        deadlineClock.clearTimeout(timer);
        stopListening?.();
        this.#waiting.delete(referenceId);
        if (this.size > 0) return;
        for (const resolved of this.#idle.splice(0)) resolved();
      };
      const fail = (reason: unknown) => {
        leave();
        reject(reason);
      };
      const aborted = () => fail(signal?.reason);
      const timer = deadlineClock.setTimeout(() => {
        fail(new ReplyTimeoutError(messageName, referenceId, timeout));
        timedOut?.();
      }, timeout);
      const stopListening = signal && onAbort(signal, aborted);
      this.#waiting.set(referenceId, {
        messageName,
        fail,
        answer: (reply) => {
          leave();
          resolve(reply);
        },
      });
    });
  }

  /**
   * Settles the request that a message answers.
   * @returns false when no pending request matches
   */
  settle(message: WireMessage): boolean {
    const waiting =
      typeof message.referenceId === 'number' && this.#waiting.get(message.referenceId);
    if (!waiting) return false;
    if (message.messageName === 'EventError')
      waiting.fail(new RequestRefusedError(waiting.messageName, message));
    else waiting.answer(message);
    return true;
  }

  /** Rejects all pending requests. */
  rejectAll(reason: unknown): void {
    for (const waiting of [...this.#waiting.values()]) waiting.fail(reason);
  }
}
