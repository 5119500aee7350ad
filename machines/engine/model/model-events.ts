/** The inputs of a chart's model: its event types, events with data, and payloads. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { plainEvents } from '../table/chart-parts.js';
import type { ChartTable } from '../table/table.js';
import { type PayloadSource, payloadsOf } from './payloads.js';

export interface EventOptions {
  /**
   * Inputs by name, each with the event that is sent for it. Event types that neither `events` nor `payloads` name are inputs without
   * data. The outcome of an actor is an event, too: `xstate.done.actor.ID` with `output`, `xstate.error.actor.ID` with `error`.
   */
  readonly events?: Readonly<Record<string, EventObject>>;
  /**
   * By the event type, where the data of its events comes from: a list of objects, a function `(count, seed)` that returns one
   * (`fc.sample` of fast-check), or a Standard Schema that offers its JSON Schema. Values for which the chart does the same in every
   * state are one input.
   */
  readonly payloads?: Readonly<Record<string, PayloadSource>>;
}

/** The longest data in the name of an input. */
const maxShown = 60;

/** @throws {PayloadError} */
export function modelEvents(
  machine: AnyStateMachine,
  { events = {}, payloads = {} }: EventOptions,
): Record<string, EventObject> {
  const named = new Set([
    ...Object.values(events).map(({ type }) => type),
    ...Object.keys(payloads),
  ]);
  const plain = Object.entries(plainEvents(machine.events)).filter(
    ([name, { type }]) => !named.has(type) && !named.has(name),
  );
  const all = new Map<string, EventObject>([...plain, ...Object.entries(events)]);
  for (const [type, source] of Object.entries(payloads)) {
    for (const data of payloadsOf(type, source)) {
      all.set(nameFor(type, data, all), { ...data, type });
    }
  }
  return Object.fromEntries(all);
}

function nameFor(type: string, data: object, taken: ReadonlyMap<string, unknown>): string {
  const { type: _, ...rest } = data as Record<string, unknown>;
  const text = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  const plain = `${type}${text.length > maxShown ? `${text.slice(0, maxShown)}…` : text}`;
  let name = plain;
  for (let copy = 2; taken.has(name); copy += 1) name = `${plain} (${copy})`;
  return name;
}

/**
 * The table without inputs that do the same as another input of their type in every state; the first of them stays.
 * @param types the event types whose inputs were made from payloads.
 */
export function withoutEqualInputs(
  table: ChartTable,
  events: Readonly<Record<string, EventObject>>,
  types: ReadonlySet<string>,
): ChartTable {
  const seen = new Set<string>();
  const dropped = new Set(
    table.events.filter((name) => {
      const type = events[name]?.type ?? name;
      if (!types.has(type)) return false;
      const effects = Object.values(table.steps).map((steps) => {
        const { context: _, ...step } = steps[name] ?? { context: null };
        return step;
      });
      const key = JSON.stringify([type, effects]);
      const isKnown = seen.has(key);
      seen.add(key);
      return isKnown;
    }),
  );
  if (dropped.size === 0) return table;
  const left = (name: string) => !dropped.has(name);
  return {
    ...table,
    events: table.events.filter(left),
    steps: Object.fromEntries(
      Object.entries(table.steps).map(([state, steps]) => [
        state,
        Object.fromEntries(Object.entries(steps).filter(([name]) => left(name))),
      ]),
    ),
  };
}
