import type { StepRecord } from '../../machines/index.js';

/** The last steps of one session: a ring of `most`, the oldest are forgotten first. */
export class StepHistory {
  readonly #most: number;
  /** Those before `#start` are forgotten. */
  #steps: (StepRecord | undefined)[] = [];
  #start = 0;
  #weight = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#steps.length - this.#start;
  }

  /** Estimated bytes of memory. */
  get weight(): number {
    return this.#weight;
  }

  /** seq of the oldest step that is held, or null. */
  get first(): number | null {
    return this.#steps[this.#start]?.seq ?? null;
  }

  push(step: StepRecord): void {
    this.#steps.push(step);
    this.#weight += weightOf(step);
    if (this.size > this.#most) this.#forgetFirst();
  }

  clear(): void {
    this.#steps = [];
    this.#start = 0;
    this.#weight = 0;
  }

  /** The steps from `seq` on, no more than `count` and, but for the first, no more than about `weight` bytes. */
  from(seq: number, count: number, weight: number): StepRecord[] {
    const found: StepRecord[] = [];
    let sum = 0;
    // seq counts without holes, so its place can be told.
    const begin = this.#start + Math.max(0, seq - (this.first ?? seq));
    for (let place = begin; place < this.#steps.length && found.length < count; place += 1) {
      const step = this.#steps[place];
      if (!step) break;
      sum += weightOf(step);
      if (found.length > 0 && sum > weight) break;
      found.push(step);
    }
    return found;
  }

  #forgetFirst(): void {
    const oldest = this.#steps[this.#start];
    if (oldest) this.#weight -= weightOf(oldest);
    this.#steps[this.#start] = undefined;
    this.#start += 1;
    if (this.#start < this.#most) return;
    this.#steps = this.#steps.slice(this.#start);
    this.#start = 0;
  }
}

/** A record's own fields, about. */
const recordWeight = 320;

/** Estimated bytes of a step in memory; cheap, because it is asked for every step. */
export function weightOf({ payload }: StepRecord): number {
  return payload === null ? recordWeight : recordWeight + weightOfValue(payload);
}

function weightOfValue(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 32;
  for (const key in value) {
    sum += 16 + weightOfValue((value as Record<string, unknown>)[key]);
  }
  return sum;
}
