import type { PassiveSession } from './passive-session.js';
import { stateNamed, type TimedEdge, type TimedMachine, type TimedState } from './timed-machine.js';
import type { ClockMark, TimingSample } from './timing.js';

/** One recorded session on its way along the figure. */
export class PassiveWalk {
  readonly session: PassiveSession;
  /** From 1. */
  readonly number: number;
  /** The inputs so far, as the figure has them. */
  readonly inputs: string[] = [];
  /** Whether a timeout of the current clock did not come, which is judged once. */
  isOverdue = false;
  /** Keys of the differences that it shows. */
  readonly shown = new Set<string>();
  /** Whether it counts as departed. */
  isDeparted = false;
  readonly #machine: TimedMachine;
  /** See `TimingSample.marks`. */
  #marks: ClockMark[] = [];
  #last: ClockMark | null = null;
  #state: TimedState;

  constructor(machine: TimedMachine, session: PassiveSession, number: number) {
    this.#machine = machine;
    this.session = session;
    this.number = number;
    this.#state = stateNamed(machine, machine.initial);
    if (!session.hasConnect) return;
    const connect = { at: 0, from: null, input: null, output: '', to: machine.initial } as const;
    this.#last = { ...connect, effect: 'start' };
    this.#marks.push(this.#last);
  }

  get state(): TimedState {
    return this.#state;
  }

  /** When the last output came, or the connect. */
  get lastAt(): number {
    return this.#last?.at ?? 0;
  }

  /** When the current clock was started; null when it is unknown or none runs. */
  get clockAt(): number | null {
    const last = this.#marks.findLast(({ effect }) => effect !== 'keep');
    return last?.effect === 'start' ? last.at : null;
  }

  /** @param at when the output came */
  take(input: string, edge: TimedEdge, output: string, at: number): void {
    const { clock, to } = edge;
    const effect = clock === 'none' ? 'stop' : clock;
    this.#last = { at, effect, from: this.#state.name, input, output, to };
    if (clock !== 'none') this.#marks = [...this.#marks, this.#last];
    if (clock === 'start') this.isOverdue = false;
    this.inputs.push(input);
    this.#state = stateNamed(this.#machine, to);
  }

  sample(output: string | null, at: number): TimingSample {
    return { state: this.#state.name, output, at, marks: this.#marks, last: this.#last };
  }
}
