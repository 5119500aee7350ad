import type { StepRecord } from '../../machines/registration/session/step.js';

/**
 * Delays notifications until the step of the chart is done, because a listener may start another step or close the client. Step records come
 * before the other notifications of the same step.
 */
export class NotificationQueue {
  readonly #stepped: (step: StepRecord) => void;
  readonly #records: StepRecord[] = [];
  readonly #notifications: (() => void)[] = [];
  #running = 0;
  #isFlushing = false;

  /** @param stepped called for each record. Neither it nor a notification may throw */
  constructor(stepped: (step: StepRecord) => void) {
    this.#stepped = stepped;
  }

  /** Whether a step is running. */
  get isWaiting(): boolean {
    return this.#running > 0;
  }

  /** Runs a step, then its notifications. */
  run(step: () => void): void {
    this.#running += 1;
    try {
      step();
    } finally {
      this.#running -= 1;
    }
    this.#flush();
  }

  record(step: StepRecord): void {
    this.#records.push(step);
    this.#flush();
  }

  add(notify: () => void): void {
    this.#notifications.push(notify);
    this.#flush();
  }

  #flush(): void {
    if (this.#running > 0 || this.#isFlushing) return;
    this.#isFlushing = true;
    while (this.#records.length > 0 || this.#notifications.length > 0) {
      const record = this.#records.shift();
      if (record) this.#stepped(record);
      else this.#notifications.shift()?.();
    }
    this.#isFlushing = false;
  }
}
