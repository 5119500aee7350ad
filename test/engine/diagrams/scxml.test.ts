/** SCXML is valid, and another interpreter of it takes the steps of the machine. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, StateValue } from 'xstate';
import { ScxmlNames } from '../../../machines/engine/diagrams/scxml-names.js';
import { diagramTransitions } from '../../../machines/engine/diagrams/transitions.js';
import { stateNodesOf } from '../../../machines/engine/table/edges.js';
import { scxmlChart } from '../../../machines/entry/model.js';
import { type ChartTable, exploreMachine, stepOf } from '../../../machines/index.js';
import { corpus } from '../table/corpus.js';

/**
 * XState 4 reads SCXML. It knows neither invocations of functions nor `<cancel>`, takes the first state for the initial one unless there is an
 * `<initial>`, and compares names of events exactly.
 */
const require = createRequire(
  new URL('../../../adapters/xstate-inspector/index.js', import.meta.url),
);
const { toMachine } = require('xstate/lib/scxml.js') as {
  toMachine(xml: string, options: object): OtherMachine;
};

interface OtherState {
  readonly configuration: readonly { readonly id: string; readonly type: string }[];
}
interface OtherMachine {
  readonly initialState: OtherState;
  transition(state: OtherState, event: string): OtherState;
}

const isReadable = (xml: string) => !/<invoke|cond="(?!In)|event="[^"]*\*/.test(xml);
const readable = (xml: string) =>
  xml
    .replace(/\s*<cancel [^>]*>/g, '')
    .replace(/\s*<onexit>\s*<\/onexit>/g, '')
    .replace(
      /(<(?:state|scxml) [^>]*) initial="([^"]+)">/g,
      '$1><initial><transition target="$2"/></initial>',
    );

/** SCXML cannot say what their functions do. */
const withFunctions = ['dynamic delays', 'sendTo itself', 'sendTo itself later', 'enqueueActions'];

const charts = Object.entries(corpus).flatMap(([name, { machine }]) => {
  const xml = scxmlChart(machine);
  return isReadable(xml) && !withFunctions.includes(name) ? [[name, machine, xml] as const] : [];
});

describe('a machine as SCXML', () => {
  it('most specimens are read by another interpreter', () => {
    expect(charts.length).toBeGreaterThan(20);
  });

  it.each(charts)('%s takes the same steps there', (_name, machine, xml) => {
    const names = new ScxmlNames(machine);
    const four = toMachine(readable(xml), {});
    const table = exploreMachine(machine);
    const reached = new Map([[table.initial, four.initialState]]);
    for (const [state, from] of reached) {
      expect(activeIn(from), state).toEqual(activeOf(machine, table, state, names));
      if (table.states[state]?.isFinal) continue;
      for (const input of [...table.events, ...(table.states[state]?.timers ?? [])]) {
        const step = stepOf(table, state, input);
        const event = table.events.includes(input) ? input : timerEvent(machine, step, names);
        if (event === null || input.startsWith('xstate.')) continue;
        const to = four.transition(from, event);
        expect(activeIn(to), `${input} in ${state}`).toEqual(
          activeOf(machine, table, step.to, names),
        );
        if (!reached.has(step.to)) reached.set(step.to, to);
      }
    }
  });
});

function timerEvent(
  machine: AnyStateMachine,
  { transitions: [first] }: { transitions: readonly string[] },
  names: ScxmlNames,
): string | null {
  const taken = diagramTransitions(machine).find(({ id }) => id === first);
  return taken ? (names.event(taken.eventType, taken.source) ?? null) : null;
}

/** The ids of the innermost active states. */
function activeIn({ configuration }: OtherState): string[] {
  return configuration
    .filter(({ type }) => type === 'atomic' || type === 'final')
    .map(({ id }) => id)
    .filter((id) => !id.startsWith('end_of_'))
    .sort();
}

function activeOf(
  machine: AnyStateMachine,
  table: ChartTable,
  state: string,
  names: ScxmlNames,
): string[] {
  const active = (path: readonly string[], value: StateValue): string[] => {
    if (typeof value === 'string') return [[...path, value].join('.')];
    const inner = Object.entries(value);
    if (inner.length === 0) return [path.join('.')];
    return inner.flatMap(([key, deeper]) => active([...path, key], deeper ?? {}));
  };
  const paths = active([], table.states[state]?.value ?? '');
  return stateNodesOf(machine.root)
    .filter(({ path }) => paths.includes(path.join('.')))
    .map((node) => names.state(node))
    .sort();
}
