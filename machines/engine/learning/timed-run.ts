/** One session of a timed machine in simulated time: its state and the moment of its next timeout. */
import {
  edgeOf,
  silence,
  stateNamed,
  type TimedEdge,
  type TimedMachine,
  type TimedState,
} from './timed-machine.js';

export class TimedRun {
  readonly #machine: TimedMachine;
  readonly #tolerance: number;
  /** When a clock of each length was started last. */
  readonly #started: { readonly length: number; at: number }[] = [];
  #state: TimedState;

  /** @param tolerance milliseconds by which equal lengths may differ */
  constructor(machine: TimedMachine, tolerance: number) {
    this.#machine = machine;
    this.#tolerance = tolerance;
    this.#state = stateNamed(machine, machine.initial);
    this.#enter(this.#state.name, 'start', 0);
  }

  get state(): TimedState {
    return this.#state;
  }

  /** When the timeout of the state expires; null without one, and when its clock was never started. */
  get deadline(): number | null {
    const length = this.#state.timeout?.length ?? null;
    if (length === null) return null;
    const clock = this.#clock(length);
    return clock ? clock.at + length : null;
  }

  /**
   * Takes an input; an input that was not observed has no effect.
   * @param at the moment in milliseconds; for silence, when its output came
   * @returns the output
   */
  take(input: string, at: number): string {
    const edge = edgeOf(this.#state, input);
    if (!edge) return '';
    this.#enter(edge.to, edge.clock, at);
    return edge.output;
  }

  #enter(name: string, clock: TimedEdge['clock'], at: number): void {
    this.#state = stateNamed(this.#machine, name);
    const length = this.#state.timeout?.length ?? null;
    if (length === null || clock !== 'start') return;
    const known = this.#clock(length);
    if (known) known.at = at;
    else this.#started.push({ length, at });
  }

  #clock(length: number) {
    return this.#started.find((one) => Math.abs(one.length - length) <= this.#tolerance);
  }
}

/**
 * When the output of the silence after a word is expected; null for none.
 * @param moments when each input is sent
 */
export function deadlineAfter(
  machine: TimedMachine,
  word: readonly string[],
  moments: readonly number[],
  tolerance: number,
): number | null {
  const run = new TimedRun(machine, tolerance);
  for (const [at, input] of word.entries()) run.take(input, moments[at] ?? 0);
  return run.deadline;
}

/** The state after a word. Words may contain silence. */
export function stateAfter(machine: TimedMachine, word: readonly string[]): TimedState {
  let state = stateNamed(machine, machine.initial);
  for (const input of word) {
    const edge = edgeOf(state, input);
    if (edge) state = stateNamed(machine, edge.to);
    else if (input !== silence) break;
  }
  return state;
}
