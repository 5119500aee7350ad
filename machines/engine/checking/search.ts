/** Visits every state of a model, breadth first: the first path to a state is a shortest one. */
import type { CheckedModel, ModelledStep } from './model.js';

/** The first violation of a property: in a state, or by a step from it. */
export interface Violation<Step> {
  readonly state: number;
  readonly step: Step | null;
}

/** A step between two pending states; states by their number. */
export interface PendingStep<Step> {
  readonly from: number;
  readonly to: number;
  readonly step: Step;
  /** The timers that restart or expire with the step, one bit each. */
  readonly restarts: number;
}

export interface SearchOptions<Step = unknown, Property = unknown> {
  /** Maximum number of states. */
  readonly limit: number;
  /** Called about every 5000 states with the number of states found. */
  readonly onProgress?: ((states: number) => void) | undefined;
  /** Ends the search when this property is violated: the rest is not explored. */
  readonly until?: Property | undefined;
  /** Called with each step that leads to another state, and the numbers of both states. */
  readonly onTransition?: ((from: number, to: number, step: Step) => void) | undefined;
}

const progressEvery = 5_000;

export class Search<
  State,
  Step extends ModelledStep,
  Property extends string,
  Model extends CheckedModel<State, Step, Property> = CheckedModel<State, Step, Property>,
> {
  readonly model: Model;
  readonly violations = new Map<Property | 'deadlock', Violation<Step>>();
  /** Only these steps can be part of a session that stays pending for ever. */
  readonly pendingSteps: PendingStep<Step>[] = [];
  transitions = 0;
  /** By the number of the state, in the order of discovery: its code, the state before it, the step between them. */
  readonly #codes: number[] = [];
  readonly #parents: number[] = [];
  readonly #steps: (Step | null)[] = [];
  readonly #numbers = new Map<number, number>();

  constructor(model: Model) {
    this.model = model;
  }

  /** How many states were found. */
  get states(): number {
    return this.#codes.length;
  }

  /** @throws {RangeError} when the model has more states than the limit. */
  run({ limit, onProgress, onTransition, until }: SearchOptions<Step, Property>): void {
    this.#number(this.model.encoding.encode(this.model.initial), -1, null);
    for (let current = 0; current < this.#codes.length; current += 1) {
      if (current % progressEvery === 0) onProgress?.(this.#codes.length);
      if (this.#codes.length > limit) {
        throw new RangeError(`there are more than ${limit} states; a lower bound has fewer`);
      }
      this.#expand(current, onTransition);
      if (until !== undefined && this.violations.has(until)) return;
    }
  }

  /** The state with a number. */
  state(number: number): State {
    return this.model.encoding.decode(this.#codes[number] as number);
  }

  has(state: State): boolean {
    return this.#numbers.has(this.model.encoding.encode(state));
  }

  /** A shortest path to a state: the steps, each with the state after it. */
  pathTo(number: number): { step: Step; state: number }[] {
    const path: { step: Step; state: number }[] = [];
    for (let at = number; this.#steps[at]; at = this.#parents[at] as number) {
      path.push({ step: this.#steps[at] as Step, state: at });
    }
    return path.reverse();
  }

  #expand(current: number, onTransition: SearchOptions<Step>['onTransition']): void {
    const { model } = this;
    const code = this.#codes[current] as number;
    const state = this.state(current);
    for (const property of model.violatedIn(state)) this.#record(property, current, null);
    const isPending = model.isPending(state);
    let isDue = false;
    model.each(state, (step, next, violated, restarts) => {
      isDue ||= step.isDue;
      for (const property of violated) this.#record(property, current, step);
      const nextCode = model.encoding.encode(next);
      if (nextCode === code && restarts === 0) return;
      this.transitions += 1;
      const to = this.#number(nextCode, current, step);
      onTransition?.(current, to, step);
      if (isPending && model.isPending(next)) {
        this.pendingSteps.push({ from: current, to, step, restarts });
      }
    });
    if (!isDue && !model.isAtRest(state) && !model.isTerminal(state)) {
      this.#record('deadlock', current, null);
    }
  }

  #record(property: Property | 'deadlock', state: number, step: Step | null): void {
    if (!this.violations.has(property)) this.violations.set(property, { state, step });
  }

  #number(code: number, parent: number, step: Step | null): number {
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    const number = this.#codes.push(code) - 1;
    this.#numbers.set(code, number);
    this.#parents.push(parent);
    this.#steps.push(step);
    return number;
  }
}
