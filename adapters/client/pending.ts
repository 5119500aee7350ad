/**
 * Requests that wait for their answers, by reference id. Each is settled exactly once. While requests are held, new ones are not sent: they
 * wait for `release`.
 */
import {
  isWireMessage,
  referenceIdOf,
  type WireMessage,
} from '../../machines/registration/chart/messages.js';
import { deadlineClock } from '../runtime/deadlines.js';
import { OptionError } from '../runtime/errors.js';
import { onAbort } from './abort-listeners.js';
import { DisconnectedError, ReplyTimeoutError, RequestRefusedError } from './errors.js';

/** The largest reference id; the next one is 1. */
export const lastReferenceId = 2_147_483_647;

interface Waiting {
  readonly messageName: string;
  send(): void;
  answer(reply: WireMessage): void;
  fail(reason: unknown): void;
}

export interface RequestTerms {
  readonly messageName: string;
  readonly referenceId: number;
  /** Milliseconds, or Infinity. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Sends the request: immediately, or on `release` while requests are held. An exception rejects the promise. */
  readonly send?: () => void;
  /** Called after the promise was rejected because the request was sent and not answered in time. */
  readonly timedOut?: () => void;
}

export class PendingRequests {
  readonly #sent = new Map<number, Waiting>();
  readonly #held = new Map<number, Waiting>();
  #isHolding = false;
  #last: number;
  #idle: (() => void)[] = [];

  /** @param last the last assigned reference id */
  constructor(last = 0) {
    this.#last = last;
  }

  /** The number of requests that are sent and not answered. */
  get size(): number {
    return this.#sent.size;
  }

  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** From now on requests wait for `release` before they are sent. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Sends the requests that were held, in their order. */
  release(): void {
    this.#isHolding = false;
    for (const [referenceId, waiting] of [...this.#held]) {
      // One before it may have closed the client.
      if (!this.#held.delete(referenceId)) continue;
      this.#send(referenceId, waiting);
    }
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
    if (this.#has(referenceId))
      throw new OptionError('referenceId', referenceId, 'one that no pending request has');
  }

  /** Resolves when every request that was sent is settled. */
  idle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** A reference id that is not pending: 1 to 2147483647, then 1 again. */
  nextReferenceId(): number {
    do {
      this.#last = this.#last >= lastReferenceId ? 1 : this.#last + 1;
    } while (this.#has(this.#last));
    return this.#last;
  }

  /** Waits for an answer. The promise is settled by `settle`, `rejectSent`, `rejectAll`, the timeout or the signal. */
  add(terms: RequestTerms): Promise<WireMessage> {
    const { messageName, referenceId, timeout, signal, send = () => {}, timedOut } = terms;
    return new Promise((resolve, reject) => {
      const leave = () => {
        deadlineClock.clearTimeout(timer);
        stopListening?.();
        this.#held.delete(referenceId);
        if (!this.#sent.delete(referenceId) || this.size > 0) return;
        for (const resolved of this.#idle.splice(0)) resolved();
      };
      const fail = (reason: unknown) => {
        leave();
        reject(reason);
      };
      const aborted = () => fail(signal?.reason);
      const timer = deadlineClock.setTimeout(() => {
        if (this.#held.has(referenceId)) return fail(notSent(messageName, timeout));
        fail(new ReplyTimeoutError(messageName, referenceId, timeout));
        timedOut?.();
      }, timeout);
      const stopListening = signal && onAbort(signal, aborted);
      const waiting: Waiting = {
        messageName,
        send,
        fail,
        answer: (reply) => {
          leave();
          resolve(reply);
        },
      };
      if (this.#isHolding) this.#held.set(referenceId, waiting);
      else this.#send(referenceId, waiting);
    });
  }

  /**
   * Settles the request that a message answers.
   * @returns false when no pending request matches
   */
  settle(message: WireMessage): boolean {
    const waiting = typeof message.referenceId === 'number' && this.#sent.get(message.referenceId);
    if (!waiting) return false;
    if (message.messageName === 'EventError')
      waiting.fail(new RequestRefusedError(waiting.messageName, message));
    else waiting.answer(message);
    return true;
  }

  /** Rejects the requests that were sent: their answers will not come. Held ones stay. */
  rejectSent(reason: unknown): void {
    for (const waiting of [...this.#sent.values()]) waiting.fail(reason);
  }

  /** Rejects all requests. */
  rejectAll(reason: unknown): void {
    for (const waiting of [...this.#sent.values(), ...this.#held.values()]) waiting.fail(reason);
  }

  #has(referenceId: number): boolean {
    return this.#sent.has(referenceId) || this.#held.has(referenceId);
  }

  #send(referenceId: number, waiting: Waiting): void {
    this.#sent.set(referenceId, waiting);
    try {
      waiting.send();
    } catch (error) {
      waiting.fail(error);
    }
  }
}

/** The caller may repeat such a request: no server has seen it. */
function notSent(messageName: string, timeout: number): DisconnectedError {
  return new DisconnectedError(
    'not-online',
    `${messageName} was not sent: the client was not registered again within ${timeout} ms`,
  );
}
