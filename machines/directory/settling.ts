/** Whether every state can come to rest without more faults, claims and ends of sessions. */
import type { Search } from '../engine/checking/search.js';
import type { DirectoryModel } from './model.js';
import type { DirectoryProperty } from './properties.js';
import type { DirectoryState } from './state.js';
import type { DirectoryStep } from './step.js';

export type DirectorySearch = Search<
  DirectoryState,
  DirectoryStep,
  DirectoryProperty,
  DirectoryModel
>;

/** The steps that must happen sooner or later, by the state to which they lead. */
export class DueSteps {
  /** By state: the newest step to it. */
  readonly #newest: number[] = [];
  /** By step: the step before it to the same state, and the state from which it leads. */
  readonly #before: number[] = [];
  readonly #sources: number[] = [];

  readonly add = (from: number, to: number, { isDue }: DirectoryStep): void => {
    if (!isDue) return;
    const step = this.#sources.push(from) - 1;
    this.#before.push(this.#newest[to] ?? -1);
    this.#newest[to] = step;
  };

  /** @returns the number of the first state that cannot come to rest; null when all can */
  firstRestless(search: DirectorySearch): number | null {
    const { states, model } = search;
    const settles = new Uint8Array(states);
    const waiting: number[] = [];
    const add = (state: number) => {
      if (settles[state] === 1) return;
      settles[state] = 1;
      waiting.push(state);
    };
    for (let state = 0; state < states; state += 1) {
      if (model.isAtRest(search.state(state))) add(state);
    }
    for (let to = waiting.pop(); to !== undefined; to = waiting.pop()) {
      for (let step = this.#newest[to] ?? -1; step >= 0; step = this.#before[step] as number) {
        add(this.#sources[step] as number);
      }
    }
    const restless = settles.indexOf(0);
    return restless < 0 ? null : restless;
  }
}
