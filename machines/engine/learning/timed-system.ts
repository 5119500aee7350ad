/** A system under test with time, as a learner sees it. */

/** A word as the key of a map. */
export function keyOf(word: readonly string[]): string {
  return JSON.stringify(word);
}

/** One input of an experiment. */
export interface WordStep {
  /** An input of the system, or `silence`: nothing until the next output, or until the horizon. */
  readonly input: string;
  /** Milliseconds of waiting before the input. */
  readonly pause: number;
  /** The output that is known from earlier plays: when it has come, or at once when it is empty, the next input is sent. Null for an unknown one. */
  readonly expected: string | null;
}

/** What was observed for one input. */
export interface PlayedStep {
  /** The input; `silence` where an output came during a pause, before the input. */
  readonly input: string;
  /** The outputs in order, separated by spaces; empty for none. */
  readonly output: string;
  /** Milliseconds since the connection was open: when the input was sent, for silence when its first output came or waiting ended. */
  readonly at: number;
  /** Whether the connection has ended. */
  readonly isClosed: boolean;
}

/** One experiment on one connection. */
export interface Play {
  /** As many steps as the word has, or fewer: it ends early when the connection does, or when an output comes during a pause. */
  readonly steps: readonly PlayedStep[];
  /** Longest time in milliseconds in which this process did not run when something happened: moments may be wrong by as much. */
  readonly stalled: number;
}

export interface PlayPatience {
  /** How many times the usual patience an input waits for its first output; 1 or 5. */
  readonly factor: number;
}

/** A system that is reset by a new connection. Plays may run at the same time. */
export interface TimedSystem {
  /** The inputs without silence. */
  readonly inputs: readonly string[];
  /** Milliseconds that silence lasts at most: a longer timeout is not seen. */
  readonly horizon: number;
  /** Milliseconds by which two measurements of one length may differ. */
  readonly tolerance: number;
  /**
   * Plays a word on a new connection, from its first step.
   * @throws when there is no connection
   */
  play(word: readonly WordStep[], patience: PlayPatience): Promise<Play>;
}
