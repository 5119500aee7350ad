interface Waiter {
  readonly upTo: number;
  readonly promise: Promise<void>;
  resolve(): void;
  reject(reason: Error): void;
}

/** Those who wait until the steps up to a number are recorded. Who waits for the same number shares a promise. */
export class FlushWaiters {
  /** In order of number. */
  #waiting: Waiter[] = [];

  /** @param upTo no smaller than that of those who wait already. */
  wait(upTo: number): Promise<void> {
    const last = this.#waiting.at(-1);
    if (last?.upTo === upTo) return last.promise;
    const waiter = { upTo, ...settleable() };
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  resolve(upTo: number): void {
    const first = this.#waiting.findIndex((waiter) => waiter.upTo > upTo);
    const count = first === -1 ? this.#waiting.length : first;
    for (const waiter of this.#waiting.splice(0, count)) waiter.resolve();
  }

  reject(reason: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(reason);
  }
}

function settleable(): Omit<Waiter, 'upTo'> {
  let settle: Pick<Waiter, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Who no longer waits must not end the process.
  promise.catch(() => {});
  return { promise, ...(settle as Pick<Waiter, 'resolve' | 'reject'>) };
}
