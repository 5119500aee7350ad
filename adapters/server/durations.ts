/** Upper bounds of the buckets in seconds: a nearby client registers in 1 ms, the default deadline is 10 s. */
export const durationBounds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/**
 * A histogram of durations: their number by the upper bound of their bucket in seconds (`0.001` and so on, `+Inf` for longer ones), and
 * their `sum` in seconds. A bucket does not contain the smaller ones.
 */
export type DurationCounts = Readonly<Record<string, number>>;

/** Counts durations. */
export class Durations {
  readonly #buckets = [...durationBounds, Number.POSITIVE_INFINITY].map(() => 0);
  #sum = 0;
  /** Called with each duration in seconds. */
  readonly listeners = new Set<(seconds: number) => void>();

  /** @param milliseconds a duration by a clock that never jumps */
  add(milliseconds: number): void {
    const seconds = milliseconds / 1_000;
    let at = 0;
    while (at < durationBounds.length && seconds > (durationBounds[at] ?? 0)) at += 1;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
    this.#sum += seconds;
    for (const listener of this.listeners) listener(seconds);
  }

  counts(): DurationCounts {
    const names = [...durationBounds.map(String), '+Inf'];
    const entries = names.map((name, at) => [name, this.#buckets[at] ?? 0]);
    return { ...Object.fromEntries(entries), sum: this.#sum };
  }
}
