import type { TransitionCounts } from '../../machines/registration/session/gap-mark.js';
import type { StepRecord } from '../../machines/registration/session/step.js';

/** Number of first steps of a session that are kept: they show the client and its registration. */
const keptFirst = 50;

/** The first and last steps of one session, at most `max`; the steps between are dropped, the oldest first. */
export class StepHistory {
  readonly #maxFirst: number;
  readonly #maxLast: number;
  /** The steps from seq 1 on. */
  #first: StepRecord[] = [];
  /** The later steps; those before `#start` are dropped. */
  #last: (StepRecord | undefined)[] = [];
  #start = 0;
  #weight = 0;
  /** How often each transition was taken in dropped steps; null before the first. */
  #forgotten: Map<string, number> | null = null;

  constructor(max: number) {
    this.#maxFirst = Math.min(keptFirst, Math.floor(max / 2));
    this.#maxLast = max - this.#maxFirst;
  }

  get size(): number {
    return this.#first.length + this.#last.length - this.#start;
  }

  /** Estimated bytes of memory. */
  get weight(): number {
    return this.#weight;
  }

  push(step: StepRecord): void {
    this.#weight += weightOf(step);
    const isFirst = step.seq === this.#first.length + 1 && this.#last.length === 0;
    if (isFirst && this.#first.length < this.#maxFirst) {
      this.#first.push(step);
      return;
    }
    this.#last.push(step);
    if (this.#last.length - this.#start > this.#maxLast) this.#forgetOne();
  }

  /** How often each transition was taken in steps 1 to `to`. Dropped steps after `to` count too. */
  transitionsUpTo(to: number): TransitionCounts {
    const counts = new Map(this.#forgotten);
    for (const steps of [this.#first, this.#last]) {
      for (const step of steps) if (step && step.seq <= to) countTransitions(counts, step);
    }
    return Object.fromEntries(counts);
  }

  clear(): void {
    for (const steps of [this.#first, this.#last]) {
      for (const step of steps) if (step) this.#countForgotten(step);
    }
    this.#first = [];
    this.#last = [];
    this.#start = 0;
    this.#weight = 0;
  }

  /** seq of the first step in memory at or after `seq`; null without one. */
  firstFrom(seq: number): number | null {
    if (seq <= this.#first.length) return seq;
    const oldest = this.#last[this.#start]?.seq;
    if (oldest === undefined) return null;
    const newest = this.#last.at(-1)?.seq ?? oldest;
    return seq > newest ? null : Math.max(seq, oldest);
  }

  /**
   * The steps in memory from `seq` on, up to the next dropped one: at most `count` steps and, except for the first, about `weight`
   * bytes.
   */
  from(seq: number, count: number, weight: number): StepRecord[] {
    const found: StepRecord[] = [];
    const begin = this.firstFrom(seq);
    if (begin === null) return found;
    let sum = 0;
    for (let at = begin; found.length < count; at += 1) {
      const step = this.#at(at);
      if (!step) break;
      sum += weightOf(step);
      if (found.length > 0 && sum > weight) break;
      found.push(step);
    }
    return found;
  }

  #at(seq: number): StepRecord | undefined {
    if (seq <= this.#first.length) return this.#first[seq - 1];
    // seq has no holes, so the index can be computed.
    const oldest = this.#last[this.#start]?.seq ?? Number.POSITIVE_INFINITY;
    return seq < oldest ? undefined : this.#last[this.#start + seq - oldest];
  }

  #forgetOne(): void {
    const oldest = this.#last[this.#start];
    if (oldest) {
      this.#weight -= weightOf(oldest);
      this.#countForgotten(oldest);
    }
    this.#last[this.#start] = undefined;
    this.#start += 1;
    if (this.#start < this.#maxLast) return;
    this.#last = this.#last.slice(this.#start);
    this.#start = 0;
  }

  #countForgotten(step: StepRecord): void {
    this.#forgotten ??= new Map();
    countTransitions(this.#forgotten, step);
  }
}

function countTransitions(counts: Map<string, number>, { transition }: StepRecord): void {
  for (const id of transition) counts.set(id, (counts.get(id) ?? 0) + 1);
}

/** Estimated bytes of a record without its payload. */
const recordWeight = 320;

/** Estimated bytes of a step in memory; cheap, because it is called for every step. */
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
