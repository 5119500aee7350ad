/** The file of a learned machine. */
import type { Difference } from './differences.js';
import type { TimedMachine } from './timed-machine.js';

export interface LearnedFile {
  readonly kind: 'ixgate-learned';
  readonly version: 1;
  /** The endpoint, or the recordings, e.g. `tcp://127.0.0.1:7004`. */
  readonly target: string;
  /** Where the inputs and outputs come from: `registration`, the name of another protocol, or the path of a mapper. */
  readonly protocol: string;
  readonly machine: TimedMachine;
  /** The machine of the figure; null without one. */
  readonly expected: TimedMachine | null;
  /** Milliseconds by which equal lengths may differ. */
  readonly tolerance: number;
  /** Milliseconds of silence after which a state counts as one without a timeout. */
  readonly horizon: number;
  /** What a completed search guarantees, in one sentence; null when it was not completed. */
  readonly guarantee: string | null;
  /** The gaps of the machine, one sentence each. Empty when the learning was completed. */
  readonly unknown: readonly string[];
  /** Differences from the figure; empty without one. */
  readonly differences: readonly Difference[];
  readonly connections: number;
  /** Milliseconds. */
  readonly elapsed: number;
}
