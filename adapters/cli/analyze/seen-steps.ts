import type { StepRecord } from '../../../machines/index.js';

/** Keeps the first and the last steps of a session of any length. */
export class SeenSteps {
  readonly #most: number;
  readonly #steps: StepRecord[] = [];
  #left = 0;

  /** @param most number of kept steps, 4 or more; a tenth more while steps are added. */
  constructor(most: number) {
    this.#most = most;
  }

  add(step: StepRecord): void {
    this.#steps.push(step);
    if (this.#steps.length < this.#most * 1.1) return;
    const over = this.#steps.length - this.#most;
    this.#steps.splice(this.#most / 2, over);
    this.#left += over;
  }

  result(): { steps: readonly StepRecord[]; left: { count: number; after: number } | null } {
    const after = this.#steps[this.#most / 2 - 1];
    const left = this.#left > 0 && after ? { count: this.#left, after: after.seq } : null;
    return { steps: this.#steps, left };
  }
}
