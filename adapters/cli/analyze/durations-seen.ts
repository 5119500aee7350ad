/** Statistics of durations in bounded memory: exact below 256 ms, then with an error below half a percent. */

/** Number of slots for each doubling. */
const steps = 256;

export interface DurationStatistics {
  readonly count: number;
  /** Milliseconds. */
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export class DurationsSeen {
  readonly #counts = new Map<number, number>();
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** @param milliseconds 0 or more */
  add(milliseconds: number): void {
    const slot = slotOf(milliseconds);
    this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
    this.#count += 1;
    this.#min = Math.min(this.#min, milliseconds);
    this.#max = Math.max(this.#max, milliseconds);
  }

  /** Null when there are none. */
  statistics(): DurationStatistics | null {
    if (this.#count === 0) return null;
    return {
      count: this.#count,
      min: this.#min,
      p50: this.#quantile(0.5),
      p95: this.#quantile(0.95),
      max: this.#max,
    };
  }

  #quantile(part: number): number {
    const wanted = Math.ceil(part * this.#count);
    let passed = 0;
    for (const [slot, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      passed += count;
      if (passed >= wanted) return Math.min(this.#max, Math.max(this.#min, middleOf(slot)));
    }
    return this.#max;
  }
}

function slotOf(milliseconds: number): number {
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole < steps) return whole;
  const doublings = Math.floor(Math.log2(whole / steps));
  return (doublings + 1) * steps + Math.floor(whole / 2 ** doublings) - steps;
}

/** The middle of a slot. */
function middleOf(slot: number): number {
  if (slot < steps) return slot;
  const size = 2 ** (Math.floor(slot / steps) - 1);
  return Math.round(((slot % steps) + steps) * size + (size - 1) / 2);
}
