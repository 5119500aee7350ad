/**
 * Sessions that stay pending for ever: a path into a cycle of pending states. Timers are fair: a timer that runs all the way round
 * without a restart would expire. A component of the graph therefore has such a cycle when, for each timer, it has a state in which the
 * timer does not run, or a step that restarts or expires it (the emptiness check of a generalised Büchi automaton).
 */
import { componentsOf } from './components.js';
import type { ModelledStep } from './model.js';
import type { PendingStep, Search } from './search.js';

export interface Lasso<Step> {
  /** The number of the state in which the cycle begins. */
  readonly state: number;
  /** One round of the cycle, each step with the state after it. */
  readonly cycle: readonly { readonly step: Step; readonly state: number }[];
}

/** A condition for one timer: some step of the cycle must meet it. */
type Demand<Step> = (step: PendingStep<Step>) => boolean;

/** The lasso with the shortest path into it; null when the model has none. */
export function lassoOf<State, Step extends ModelledStep, Property extends string>(
  search: Search<State, Step, Property>,
): Lasso<Step> | null {
  const graph = new Map<number, PendingStep<Step>[]>();
  for (const step of search.pendingSteps) {
    const siblings = graph.get(step.from);
    if (siblings) siblings.push(step);
    else graph.set(step.from, [step]);
  }
  const { model } = search;
  const demands = Array.from({ length: model.timerCount }, (_, index): Demand<Step> => {
    const bit = 1 << index;
    return ({ from, restarts }) =>
      (restarts & bit) !== 0 || (model.runningTimers(search.state(from)) & bit) === 0;
  });
  const fair = componentsOf(graph)
    .map((states) => inside(graph, states))
    .filter((steps) => steps.length > 0 && demands.every((demand) => steps.some(demand)))
    .map((steps) => ({ steps, entry: steps.reduce((a, { from }) => Math.min(a, from), Infinity) }))
    .sort((a, b) => a.entry - b.entry)[0];
  return fair ? { state: fair.entry, cycle: around(fair.steps, fair.entry, demands) } : null;
}

function inside<Step>(
  graph: ReadonlyMap<number, readonly PendingStep<Step>[]>,
  states: readonly number[],
) {
  const members = new Set(states);
  return states.flatMap((state) => (graph.get(state) ?? []).filter(({ to }) => members.has(to)));
}

/** One round through a component, from a state and back, which meets each demand: the nearest one first. */
function around<Step>(
  steps: readonly PendingStep<Step>[],
  entry: number,
  demands: readonly Demand<Step>[],
) {
  const round: PendingStep<Step>[] = [];
  let at = entry;
  for (const demand of demands) {
    if (round.some(demand)) continue;
    round.push(...nearest(steps, at, demand));
    at = round.at(-1)?.to ?? entry;
  }
  if (at !== entry || round.length === 0)
    round.push(...nearest(steps, at, ({ to }) => to === entry));
  return round.map(({ step, to }) => ({ step, state: to }));
}

/** The shortest path from a state that ends with a wanted step. */
function nearest<Step>(
  steps: readonly PendingStep<Step>[],
  start: number,
  wanted: Demand<Step>,
): PendingStep<Step>[] {
  const paths: { readonly at: number; readonly path: readonly PendingStep<Step>[] }[] = [
    { at: start, path: [] },
  ];
  const seen = new Set([start]);
  for (const { at, path } of paths) {
    for (const step of steps) {
      if (step.from !== at) continue;
      if (wanted(step)) return [...path, step];
      if (seen.has(step.to)) continue;
      seen.add(step.to);
      paths.push({ at: step.to, path: [...path, step] });
    }
  }
  return [];
}
