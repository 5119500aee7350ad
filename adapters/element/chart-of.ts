/** The chart of what a page gives an element: a machine, its configuration, or that as JSON. */
import { type AnyStateMachine, createMachine } from 'xstate';
import { chartTree } from '../../machines/engine/diagrams/chart-tree.js';
import { toError } from '../runtime/errors.js';
import type { ShownChart, ViewProps } from './view-module.js';

/** The configuration of a machine, as `createMachine` takes it. */
export type MachineDefinition = Readonly<Record<string, unknown>>;

/** By machine: several elements, and the same element again, do not read it twice. */
const charts = new WeakMap<object, NonNullable<ViewProps['chart']>>();

/** The chart of a machine or of its configuration. Never throws: a problem is part of the result. */
export function chartOf(source: object): NonNullable<ViewProps['chart']> {
  const known = charts.get(source);
  if (known) return known;
  const made = orProblem(() => shownChart(machineOf(source)));
  charts.set(source, made);
  return made;
}

/** The same for a configuration as JSON text. */
export function chartOfText(definition: string): NonNullable<ViewProps['chart']> {
  return orProblem(() => {
    const config = parsed(definition);
    if (typeof config !== 'object' || config === null)
      throw new Error('the definition is not a JSON object');
    return shownChart(machineOf(config));
  });
}

function orProblem(make: () => ShownChart): NonNullable<ViewProps['chart']> {
  try {
    return make();
  } catch (error) {
    return { problem: toError(error).message };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`the definition is not JSON: ${toError(cause).message}`, { cause });
  }
}

/** A machine may be of another copy of XState 5, so its class does not matter. */
function machineOf(source: object): AnyStateMachine {
  const { root, transition, states, createMachine: setUp } = source as Record<string, unknown>;
  const isMachine = typeof transition === 'function';
  if (isMachine && typeof root === 'object' && root !== null) return source as AnyStateMachine;
  if (isMachine && states !== undefined)
    throw new Error(
      'the machine was made by XState 4 or older, and machines of XState 5 are drawn',
    );
  if (isMachine) throw new Error('actor logic without states has no chart');
  if (typeof setUp === 'function')
    throw new Error('the result of setup() has no chart; call createMachine of it');
  return createMachine(source) as AnyStateMachine;
}

function shownChart(machine: AnyStateMachine): ShownChart {
  const tree = chartTree(machine);
  return { tree, key: JSON.stringify(tree), name: machine.id };
}
