import type { CoveredChart } from '../coverage/chart-steps.js';
import type { ChartTable } from '../table/table.js';
import type { SuiteSettings } from '../testgen/model.js';
import { type ProtocolDefinition, ProtocolError } from './definition.js';
import { timeInputs } from './protocol-words.js';

/**
 * Checks that the parts of a description fit together.
 * @throws {ProtocolError}
 */
export function checkDefinition<Input extends string, Settings extends SuiteSettings>(
  definition: ProtocolDefinition<Input, Settings>,
  settings: Settings,
  chart: CoveredChart,
): void {
  const table = chart.table();
  const { name, timers = {}, chosenByServer = [] } = definition;
  const inputs = Object.keys(definition.inputs);
  const outputs = definition.outputs(settings);
  const expect = (isKnown: boolean, problem: string) => {
    if (!isKnown) throw new ProtocolError(name, problem);
  };
  const allowed = (names: readonly string[]) => `allowed: ${names.join(', ')}`;

  for (const event of table.events)
    expect(
      inputs.includes(event),
      `the event ${event} of the machine has no entry in inputs; add one`,
    );
  for (const input of inputs) {
    expect(
      table.events.includes(input),
      `the machine has no event ${input}; ${allowed(table.events)}`,
    );
    expect(!Object.hasOwn(timeInputs, input), `the input ${input} is a word of the kit; rename it`);
  }
  for (const timer of table.timers) {
    const length = timers[timer];
    const isLength = length !== undefined && length > 0 && Number.isFinite(length);
    expect(
      isLength,
      `the timer ${timer} is ${length}; expected milliseconds, more than 0, in timers`,
    );
  }
  for (const timer of chosenByServer)
    expect(table.timers.includes(timer), `chosenByServer has ${timer}; ${allowed(table.timers)}`);
  for (const action of actionsOf(table))
    expect(
      Object.hasOwn(outputs, action),
      `the action ${action} has no entry in outputs; add one, '' for nothing`,
    );
  for (const [action, output] of Object.entries(outputs))
    for (const word of [output].flat() as string[])
      expect(
        !/\s/.test(word),
        `the output ${JSON.stringify(word)} of ${action} has a space; expected one word`,
      );
  for (const { id, steps } of definition.figures?.(settings) ?? [])
    for (const { input } of steps)
      expect(
        inputs.includes(input) || Object.hasOwn(timeInputs, input),
        `figure ${id} has the input ${input}; ${allowed([...inputs, ...Object.keys(timeInputs)])}`,
      );
  const ids = chart.edges.map(({ id }) => id);
  for (const statement of definition.statements?.(settings) ?? [])
    for (const edge of statement.edges)
      expect(
        ids.includes(edge),
        `statement ${statement.id} has the transition ${edge}; ${allowed(ids)}`,
      );
}

function actionsOf(table: ChartTable): Set<string> {
  const steps = Object.values(table.steps).flatMap((byInput) => Object.values(byInput));
  return new Set(steps.flatMap(({ actions }) => actions));
}
