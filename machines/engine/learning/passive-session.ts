/** Recorded sessions, as a passive learner reads them. */

export interface SessionStep {
  /**
   * The inputs that it may be, the likeliest first: a recording does not always tell them apart. `silence` alone for an output that came
   * without an input.
   */
  readonly inputs: readonly string[];
  /** The outputs in order, separated by spaces; null when the answer is unknown because the session or its recording ended before. */
  readonly output: string | null;
  /** Milliseconds since the connect: when the input was sent, for silence when the output came. */
  readonly at: number;
  /** When the last output came; `at` without an output. */
  readonly answeredAt: number;
}

export interface PassiveSession {
  /** Names it in reports. */
  readonly name: string;
  /** In order. A server that closes without an input is the step of silence with the output `closed`. */
  readonly steps: readonly SessionStep[];
  /** Milliseconds from the connect to the end of the session or of its recording. */
  readonly lasted: number;
  /** Whether the moment of the connect is known; otherwise the first clock is not judged. */
  readonly hasConnect: boolean;
}
