/** A system with another chart, as a Mealy machine that the tester of the model observes. */
import { type MealyMachine, type MealyStep, withTimer } from '../mealy/mealy-machine.js';
import type { ChartTable } from '../table/table.js';
import type { SimulatedSystem, SimulationModel } from '../testgen/simulation.js';

/** Maximum number of states. A system with one mistake has a few dozen. */
const limit = 10_000;

interface Pair<System> {
  readonly model: System;
  readonly system: System;
}

/**
 * A system that runs a chart, as the tester of the model observes it. The tester's clock is the model's, so a state here is a pair: the
 * state of the model and the state of the system. The model decides when a session has ended: no case continues after that. The output
 * of quiescence names the timer, because the tester knows which deadline it waited for.
 * @throws {RangeError} when the system has more than 10000 states.
 */
export function observableMachine<Input extends string, System extends SimulatedSystem<System>>(
  model: SimulationModel<Input, System>,
  table: ChartTable,
): MealyMachine {
  const found = new Map<string, Pair<System>>();
  const steps = new Map<string, Map<string, MealyStep>>();
  const visit = (pair: Pair<System>) => {
    const name = nameOf(pair);
    if (found.size >= limit)
      throw new RangeError(
        `a mutant has more than ${limit} states beside those of the model: the chart is too large to measure suites with mutants. Measure its parts`,
      );
    if (!found.has(name)) found.set(name, pair);
    return name;
  };
  const initial = visit({ model: model.connect(), system: model.connect(table) });
  // New states are appended to the map that is being iterated: the search is breadth first.
  for (const [name, pair] of found) {
    const here = new Map<string, MealyStep>();
    steps.set(name, here);
    if (pair.model.isClosed) continue;
    for (const input of model.inputs) {
      const next = { model: pair.model.copy(), system: pair.system.copy() };
      const { timer } = next.model;
      const { output } = model.apply(input, next.model, next.system);
      here.set(input, { to: visit(next), output: withTimer(input, output, timer) });
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

/** After a side has closed, its state no longer matters. */
function nameOf<System extends SimulatedSystem<System>>({ model, system }: Pair<System>): string {
  if (model.isClosed) return 'over';
  return `${model.identity}, ${system.isClosed ? 'closed' : system.identity}`;
}
