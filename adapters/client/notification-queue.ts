import type { StepRecord } from '../../machines/index.js';

/**
 * Keeps what a step of the chart leads to until the step is done: a listener may at once ask for another step, or for
 * the end. Records come before the news of the same step.
 */
export class NotificationQueue {
  readonly #stepped: (step: StepRecord) => void;
  readonly #records: StepRecord[] = [];
  readonly #news: (() => void)[] = [];
  #underWay = 0;
  #telling = false;

  /** @param stepped is told of each record. Neither it nor any news may throw. */
  constructor(stepped: (step: StepRecord) => void) {
    this.#stepped = stepped;
  }

  /** Whether a step is under way. */
  get isWaiting(): boolean {
    return this.#underWay > 0;
  }

  /** Runs a step, and then tells what came of it. */
  run(step: () => void): void {
    this.#underWay += 1;
    try {
      step();
    } finally {
      this.#underWay -= 1;
    }
    this.#tellAll();
  }

  record(step: StepRecord): void {
    this.#records.push(step);
    this.#tellAll();
  }

  tell(news: () => void): void {
    this.#news.push(news);
    this.#tellAll();
  }

  #tellAll(): void {
    if (this.#underWay > 0 || this.#telling) return;
    this.#telling = true;
    while (this.#records.length > 0 || this.#news.length > 0) {
      const record = this.#records.shift();
      if (record) this.#stepped(record);
      else this.#news.shift()?.();
    }
    this.#telling = false;
  }
}
