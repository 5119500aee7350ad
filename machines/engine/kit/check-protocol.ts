/** Checks the properties of a protocol on every session, and finds the shortest session that breaks one. */
import { lassoOf } from '../checking/lasso.js';
import type { CheckedModel, ModelledStep } from '../checking/model.js';
import { Search } from '../checking/search.js';
import type { ChartTable, TableState } from '../table/table.js';
import type { CheckedStep, ProtocolProperty } from './definition.js';
import type { ProtocolModel } from './protocol-model.js';

/** A property with the shortest session that breaks it; null when it holds. */
export interface CheckedProtocolProperty {
  readonly id: string;
  readonly sentence: string;
  readonly counterexample: readonly CheckedStep[] | null;
}

export interface ProtocolCheck {
  /** The states of the server, each with a client that acts and with one that has fallen silent; and the transitions between them. */
  readonly states: number;
  readonly transitions: number;
  readonly results: readonly CheckedProtocolProperty[];
}

/** The server of one connection and a client that may fall silent for ever at any moment. */
interface State {
  readonly at: number;
  readonly isSilent: boolean;
}

interface Step extends ModelledStep {
  /** Null when the client falls silent. */
  readonly checked: CheckedStep | null;
}

/**
 * Checks every property in every session.
 * @param table the chart to check. @default that of the model
 */
export function checkProtocol(
  properties: readonly ProtocolProperty[],
  model: ProtocolModel,
  table: ChartTable = model.table,
): ProtocolCheck {
  const search = new Search<State, Step, string>(modelOf(properties, model, table));
  search.run({ limit: Number.POSITIVE_INFINITY });
  const results = properties.map((property) => ({
    id: property.id,
    sentence: property.sentence,
    counterexample: 'ends' in property ? endless(search) : broken(search, property.id),
  }));
  return { states: search.states, transitions: search.transitions, results };
}

type ProtocolSearch = Search<State, Step, string>;

function broken(search: ProtocolSearch, property: string): readonly CheckedStep[] | null {
  const violation = search.violations.get(property);
  if (!violation) return null;
  const path = search.pathTo(violation.state).map(({ step }) => step);
  return shown(violation.step ? [...path, violation.step] : path);
}

/** A session that never ends: no timer runs, or timers start each other for ever. */
function endless(search: ProtocolSearch): readonly CheckedStep[] | null {
  const stuck = search.violations.get('deadlock');
  if (stuck) return shown(search.pathTo(stuck.state).map(({ step }) => step));
  const lasso = lassoOf(search);
  if (!lasso) return null;
  return shown([...search.pathTo(lasso.state), ...lasso.cycle].map(({ step }) => step));
}

function shown(steps: readonly Step[]): CheckedStep[] {
  return steps.flatMap(({ checked }) => (checked ? [checked] : []));
}

function modelOf(
  properties: readonly ProtocolProperty[],
  model: ProtocolModel,
  table: ChartTable,
): CheckedModel<State, Step, string> {
  const all = Object.values(table.states);
  const numbers = new Map(all.map(({ name }, number) => [name, number]));
  const stateAt = (at: number) => all[at] as TableState;
  const bits = (timers: readonly string[]) =>
    timers.reduce((sum, timer) => sum | (1 << table.timers.indexOf(timer)), 0);
  return {
    initial: { at: numbers.get(table.initial) as number, isSilent: false },
    encoding: {
      encode: ({ at, isSilent }) => 2 * at + Number(isSilent),
      decode: (code) => ({ at: code >> 1, isSilent: code % 2 === 1 }),
    },
    timerCount: table.timers.length,
    runningTimers: ({ at }) => bits(stateAt(at).timers),
    each({ at, isSilent }, visit) {
      const from = stateAt(at).name;
      for (const [input, step] of Object.entries(table.steps[from] ?? {})) {
        const isTimer = table.timers.includes(input);
        if (isSilent && !isTimer) continue;
        const { to, actions, starts } = step;
        const checked = { from, input, to, outputs: model.outputsOf(actions), starts };
        const violated = properties.flatMap((property) =>
          'brokenBy' in property && property.brokenBy(checked) ? [property.id] : [],
        );
        const next = { at: numbers.get(to) as number, isSilent };
        visit(
          { checked, isDue: isTimer },
          next,
          violated,
          bits(isTimer ? [...starts, input] : starts),
        );
      }
      if (!isSilent) visit({ checked: null, isDue: false }, { at, isSilent: true }, [], 0);
    },
    violatedIn: () => [],
    isPending: ({ at, isSilent }) => isSilent && !stateAt(at).isFinal,
    // Only a client that has fallen silent needs the server's timers to end its session.
    isAtRest: ({ isSilent }) => !isSilent,
    isTerminal: ({ at }) => stateAt(at).isFinal,
  };
}
