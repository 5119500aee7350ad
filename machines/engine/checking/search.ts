/** Goes through every world of a model, breadth first: the first way that is found to each is a shortest one. */

import type { GlobalState } from '../../registration/product/global-state.js';
import type { Model } from '../../registration/product/model.js';
import type { ModelStep } from '../../registration/product/model-step.js';
import type { CheckedPropertyId } from '../../registration/product/properties.js';

/** Where a property is broken first: in a world, or by a step that leads from it. */
export interface Violation {
  readonly world: number;
  readonly step: ModelStep | null;
}

/** A step between two worlds in which the connection is not registered; worlds by their number. */
export interface OpenStep {
  readonly from: number;
  readonly to: number;
  readonly step: ModelStep;
  /** The server's timers that restart or expire with it, one bit each. */
  readonly restarts: number;
}

export interface SearchOptions {
  /** Worlds, at most. */
  readonly limit: number;
  readonly onProgress?: ((states: number) => void) | undefined;
}

export const progressEvery = 5_000;

export class Search {
  readonly model: Model;
  readonly violations = new Map<CheckedPropertyId, Violation>();
  /** Only these can be part of a session that stays unregistered for ever. */
  readonly openSteps: OpenStep[] = [];
  transitions = 0;
  /** By number, in the order in which they are found: how each is encoded, which world leads to it, by which step. */
  readonly #codes: number[] = [];
  readonly #parents: number[] = [];
  readonly #steps: (ModelStep | null)[] = [];
  readonly #numbers = new Map<number, number>();

  constructor(model: Model) {
    this.model = model;
  }

  get states(): number {
    return this.#codes.length;
  }

  /** @throws {RangeError} when there are more worlds than the limit. */
  run({ limit, onProgress }: SearchOptions): void {
    this.#number(this.model.encoding.encode(this.model.initial), -1, null);
    for (let current = 0; current < this.#codes.length; current += 1) {
      if (current % progressEvery === 0) onProgress?.(this.#codes.length);
      if (this.#codes.length > limit) {
        throw new RangeError(`there are more than ${limit} states; a lower bound has fewer`);
      }
      this.#expand(current);
    }
  }

  world(number: number): GlobalState {
    return this.model.encoding.decode(this.#codes[number] as number);
  }

  has(world: GlobalState): boolean {
    return this.#numbers.has(this.model.encoding.encode(world));
  }

  /** How a world is reached first: the steps, each with the world after it. */
  pathTo(number: number): { step: ModelStep; world: number }[] {
    const path: { step: ModelStep; world: number }[] = [];
    for (let at = number; this.#steps[at]; at = this.#parents[at] as number) {
      path.push({ step: this.#steps[at] as ModelStep, world: at });
    }
    return path.reverse();
  }

  #expand(current: number): void {
    const { model } = this;
    const code = this.#codes[current] as number;
    const world = this.world(current);
    for (const property of model.brokenIn(world)) this.#breaks(property, current, null);
    const isOpen = model.isUnregistered(world);
    let isDue = false;
    model.each(world, (step, next, breaks, restarts) => {
      isDue ||= step.isDue;
      for (const property of breaks) this.#breaks(property, current, step);
      const nextCode = model.encoding.encode(next);
      if (nextCode === code && restarts === 0) return;
      this.transitions += 1;
      const to = this.#number(nextCode, current, step);
      if (isOpen && model.isUnregistered(next)) {
        this.openSteps.push({ from: current, to, step, restarts });
      }
    });
    if (!isDue && !model.isAtRest(world) && !model.isOver(world)) {
      this.#breaks('deadlock', current, null);
    }
  }

  #breaks(property: CheckedPropertyId, world: number, step: ModelStep | null): void {
    if (!this.violations.has(property)) this.violations.set(property, { world, step });
  }

  #number(code: number, parent: number, step: ModelStep | null): number {
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    const number = this.#codes.push(code) - 1;
    this.#numbers.set(code, number);
    this.#parents.push(parent);
    this.#steps.push(step);
    return number;
  }
}
