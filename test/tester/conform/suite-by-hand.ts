/** Small suites, made by hand. */
import {
  caseOf,
  type ServerInput,
  ServerModel,
  type ServiceAnswer,
  type Suite,
  serverInputNames,
} from '../../../machines/index.js';

/** A suite of these inputs, one list a connection. */
export function suiteByHand(
  cases: readonly ServerInput[][],
  answers: ServiceAnswer = 'any',
): Suite {
  const model = new ServerModel({ answers });
  const all = cases.map((inputs) => caseOf(model, inputs));
  return {
    suite: 1,
    criterion: 'by hand',
    guarantee: 'none',
    seed: null,
    inputs: serverInputNames,
    answers,
    cases: all.length,
    steps: cases.flat().length,
    [Symbol.iterator]: () => all[Symbol.iterator](),
  };
}
