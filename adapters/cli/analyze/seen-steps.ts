import type { StepRecord } from '../../../machines/registration/session/step.js';

/** Keeps the first and the last steps of a session of any length. */
export class SeenSteps {
  readonly #max: number;
  readonly #steps: StepRecord[] = [];
  #left = 0;

  /** @param@param max number of kept steps, 4 or more; a tenth more while steps are added. */
  constructor(max: number) {
    this.#max = max;
  }

  add(step: StepRecord): void {
    this.#steps.push(step);
    if (this.#steps.length < this.#max * 1.1) return;
    const over = this.#steps.length - this.#max;
    this.#steps.splice(this.#max / 2, over);
    this.#left += over;
  }

  result(): { steps: readonly StepRecord[]; left: { count: number; after: number } | null } {
    const after = this.#steps[this.#max / 2 - 1];
    const left = this.#left > 0 && after ? { count: this.#left, after: after.seq } : null;
    return { steps: this.#steps, left };
  }
}
