import type { Play } from './timed-system.js';

/** No more connections may be opened. The result so far is kept. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';

  /** @param budget e.g. `200 connections` */
  constructor(budget: string) {
    super(`the budget of ${budget} is used up`);
  }
}

/** The same inputs had different outputs, also when they were repeated. */
export class NondeterministicError extends Error {
  override readonly name = 'NondeterministicError';
  readonly word: readonly string[];
  /** Two plays that differ. */
  readonly plays: readonly Play[];

  constructor(word: readonly string[], plays: readonly Play[]) {
    const shown = plays.map(({ steps }) => JSON.stringify(steps.at(-1)?.output ?? ''));
    super(`the system answers ${word.join(', ')} differently each time: ${shown.join(' or ')}`);
    this.word = word;
    this.plays = plays;
  }
}

/** The system has more states than allowed. */
export class TooManyStatesError extends Error {
  override readonly name = 'TooManyStatesError';

  constructor(states: number) {
    super(`the system has more than ${states} open ${states === 1 ? 'state' : 'states'}`);
  }
}
