/**
 * Sessions that stay unregistered for ever: a way into a cycle of worlds in which the connection is not registered, such that every
 * deadline that runs all the way round and never restarts nor expires would have to be ignored. There is none with such a deadline:
 * it would run out. So a component of the graph has such a cycle when for each timer it has a world in which the timer does not run,
 * or a step with which it restarts or expires (the emptiness check of a generalised Büchi automaton).
 */
import type { ModelStep } from '../../registration/product/model-step.js';
import type { OpenStep, Search } from './search.js';

export interface Lasso {
  /** The world in which the cycle begins. */
  readonly world: number;
  /** Once round, each step with the world after it. */
  readonly cycle: readonly { readonly step: ModelStep; readonly world: number }[];
}

/** What a cycle must have for one timer: a step from, or a step that, ... */
type Demand = (step: OpenStep) => boolean;

/** The lasso with the shortest way into it, or null when there is none. */
export function lassoOf(search: Search): Lasso | null {
  const graph = new Map<number, OpenStep[]>();
  for (const step of search.openSteps) {
    const siblings = graph.get(step.from);
    if (siblings) siblings.push(step);
    else graph.set(step.from, [step]);
  }
  const demands = search.model.server.timers.map((_, index): Demand => {
    const bit = 1 << index;
    return ({ from, restarts }) =>
      (restarts & bit) !== 0 || (search.world(from).timers & bit) === 0;
  });
  const fair = componentsOf(graph)
    .map((worlds) => inside(graph, worlds))
    .filter((steps) => steps.length > 0 && demands.every((demand) => steps.some(demand)))
    .map((steps) => ({ steps, entry: steps.reduce((a, { from }) => Math.min(a, from), Infinity) }))
    .sort((a, b) => a.entry - b.entry)[0];
  return fair ? { world: fair.entry, cycle: around(fair.steps, fair.entry, demands) } : null;
}

function inside(graph: ReadonlyMap<number, readonly OpenStep[]>, worlds: readonly number[]) {
  const members = new Set(worlds);
  return worlds.flatMap((world) => (graph.get(world) ?? []).filter(({ to }) => members.has(to)));
}

/** Once round a component, from a world and back, meeting each demand: the nearest one first. */
function around(steps: readonly OpenStep[], entry: number, demands: readonly Demand[]) {
  const round: OpenStep[] = [];
  let at = entry;
  for (const demand of demands) {
    if (round.some(demand)) continue;
    round.push(...nearest(steps, at, demand));
    at = round.at(-1)?.to ?? entry;
  }
  if (at !== entry || round.length === 0)
    round.push(...nearest(steps, at, ({ to }) => to === entry));
  return round.map(({ step, to }) => ({ step, world: to }));
}

/** The shortest way from a world whose last step is wanted. */
function nearest(steps: readonly OpenStep[], start: number, wanted: Demand): OpenStep[] {
  const ways: { readonly at: number; readonly way: readonly OpenStep[] }[] = [
    { at: start, way: [] },
  ];
  const seen = new Set([start]);
  for (const { at, way } of ways) {
    for (const step of steps) {
      if (step.from !== at) continue;
      if (wanted(step)) return [...way, step];
      if (seen.has(step.to)) continue;
      seen.add(step.to);
      ways.push({ at: step.to, way: [...way, step] });
    }
  }
  return [];
}

/** Strongly connected components (Tarjan), without recursion: a graph may be deep. */
function componentsOf(graph: ReadonlyMap<number, readonly OpenStep[]>): number[][] {
  const components: number[][] = [];
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  for (const root of graph.keys()) {
    if (order.has(root)) continue;
    const calls: { readonly world: number; next: number }[] = [];
    const enter = (world: number) => {
      order.set(world, order.size);
      low.set(world, order.get(world) as number);
      open.push(world);
      isOpen.add(world);
      calls.push({ world, next: 0 });
    };
    enter(root);
    for (let call = calls.at(-1); call; call = calls.at(-1)) {
      const { world } = call;
      const step = graph.get(world)?.[call.next];
      call.next += 1;
      if (step) {
        if (!order.has(step.to)) enter(step.to);
        else if (isOpen.has(step.to)) lower(low, world, order.get(step.to) as number);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller) lower(low, caller.world, low.get(world) as number);
      if (low.get(world) !== order.get(world)) continue;
      const component = open.splice(open.lastIndexOf(world));
      for (const member of component) isOpen.delete(member);
      components.push(component);
    }
  }
  return components;
}

function lower(low: Map<number, number>, world: number, to: number): void {
  low.set(world, Math.min(low.get(world) as number, to));
}
