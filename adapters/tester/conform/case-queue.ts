import { kindOf } from '../../../machines/registration/sut/inputs.js';
import type { Case } from '../../../machines/registration/sut/suites.js';
import type { PlayedSuite } from './options.js';
import type { PolicyLearner } from './policy-learner.js';

/** The cases of a suite in order, except that those which depend on the timer policy wait until it is learned. */
export class CaseQueue {
  readonly #cases: Iterator<Case> | AsyncIterator<Case>;
  readonly #learner: PolicyLearner;
  readonly #postponed: Case[] = [];
  #isEmpty = false;

  constructor(suite: PlayedSuite, learner: PolicyLearner) {
    this.#cases =
      Symbol.iterator in suite ? suite[Symbol.iterator]() : suite[Symbol.asyncIterator]();
    this.#learner = learner;
  }

  /** The next case that can be played; `learning` when all others depend on the timer policy; null after the last one. */
  async next(): Promise<Case | 'learning' | null> {
    for (;;) {
      if (this.#learner.isSettled) {
        const postponed = this.#postponed.shift();
        if (postponed) return postponed;
      }
      if (this.#isEmpty) return this.#postponed.length > 0 ? 'learning' : null;
      const next = await this.#cases.next();
      if (next.done) this.#isEmpty = true;
      else if (this.#learner.isSettled || !dependsOnPolicy(next.value)) return next.value;
      else this.#postponed.push(next.value);
    }
  }
}

/** Whether a case waits on a connection that is refused. Without waits it ends long before any deadline. */
function dependsOnPolicy({ steps }: Case): boolean {
  return (
    steps.some(({ input }) => kindOf(input) === 'time') &&
    steps.some(({ to }) => to.endsWith('/rejection'))
  );
}
