/** A server with another chart, as a finite machine that the model's tester sees. */

import {
  type ServerInput,
  type ServerModel,
  type SimulatedServer,
  withDeadline,
} from '../../registration/sut/index.js';
import type { ChartTable, MealyMachine, MealyStep } from '../mealy/index.js';

/** A server has as many states and no more. With one mistake it has a few dozen at most. */
const limit = 10_000;

/**
 * A server that runs a chart, as the tester of the model sees it. The tester's clock is the model's (`wait` and `silence` mean its deadline),
 * so a state here is both: where the model is, and where the server. That a session is over is the model's to say: no case goes on after it.
 * What silence gives has the name of the deadline in it, because the tester knows which one he waited for.
 * @throws {RangeError} when the server has more than 10000 states.
 */
export function observableMachine(model: ServerModel, table: ChartTable): MealyMachine {
  const found = new Map<string, Pair>();
  const steps = new Map<string, Map<string, MealyStep>>();
  const visit = (pair: Pair) => {
    const name = nameOf(pair);
    if (found.size >= limit) throw new RangeError(`a server with more than ${limit} states`);
    if (!found.has(name)) found.set(name, pair);
    return name;
  };
  const initial = visit({ model: model.connect(), server: model.connect(table) });
  // A Map is read in the order in which it grows: breadth first.
  for (const [name, pair] of found) {
    const here = new Map<string, MealyStep>();
    steps.set(name, here);
    if (pair.model.isClosed) continue;
    for (const input of model.inputs) {
      const next = { model: pair.model.copy(), server: pair.server.copy() };
      const output = given(model, input, next);
      here.set(input, { to: visit(next), output });
    }
  }
  return {
    initial,
    states: [...found.keys()],
    inputs: model.inputs,
    step: (state, input) => steps.get(state)?.get(input) ?? { to: state, output: '' },
    isTerminal: (state) => found.get(state)?.model.isClosed ?? false,
  };
}

interface Pair {
  readonly model: SimulatedServer;
  readonly server: SimulatedServer;
}

/** Nothing is seen of what has closed, whatever its chart goes on to do. */
function nameOf({ model, server }: Pair): string {
  if (model.isClosed) return 'over';
  return `${model.identity}, ${server.isClosed ? 'closed' : server.identity}`;
}

/** Gives an input to both. */
function given(model: ServerModel, input: ServerInput, pair: Pair): string {
  const { timer } = pair.model;
  const { output } = model.apply(input, pair.model, pair.server);
  return withDeadline(input, output, timer);
}
