/** How many answers the median is of: the latest ones. */
const kept = 63;
/** Milliseconds. */
const min = 50;
const max = 1_000;

/** How fast a server answers, and how long a learner waits for an answer. */
export class AnswerTimes {
  readonly #times: number[] = [];

  note(time: number): void {
    this.#times.push(time);
    if (this.#times.length > kept) this.#times.shift();
  }

  /** Ten times the median time of an answer, from 50 to 1000 milliseconds; 1000 before the first answer. */
  get patience(): number {
    const sorted = [...this.#times].sort((one, other) => one - other);
    const median = sorted[Math.floor(sorted.length / 2)];
    return median === undefined ? max : Math.min(max, Math.max(min, 10 * median));
  }
}
