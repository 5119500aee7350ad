/** Sequences of inputs that reach every state of a finite machine with as few connections as can be. */
import { isTerminal, type MealyMachine } from '../mealy/index.js';

/**
 * Reaches every state. States that lead to each other form a group, which one connection goes through; the groups are put in as few
 * chains as can be, a connection each (Dilworth's theorem, by a maximum matching).
 */
export function statePaths(machine: MealyMachine): string[][] {
  const reached = new Map(machine.states.map((state) => [state, reachedFrom(machine, state)]));
  const leads = (from: string, to: string) => reached.get(from)?.has(to) ?? false;
  const groups: string[][] = [];
  for (const state of machine.states) {
    const group = groups.find(([first = '']) => leads(first, state) && leads(state, first));
    if (group) group.push(state);
    else groups.push([state]);
  }
  const after = groups.map(([from = ''], at) =>
    [...groups.keys()].filter((to) => to !== at && leads(from, groups[to]?.[0] ?? '')),
  );
  return chains(after)
    .map((chain) =>
      walkThrough(
        machine,
        chain.map((group) => groups[group] ?? []),
      ),
    )
    .filter((path) => path.length > 0);
}

/** All states that can be reached from one, itself among them. */
function reachedFrom(machine: MealyMachine, from: string): Set<string> {
  const reached = new Set([from]);
  for (const state of reached) {
    if (isTerminal(machine, state)) continue;
    for (const input of machine.inputs) reached.add(machine.step(state, input).to);
  }
  return reached;
}

/** As few chains as can be of an order: each chain's members follow each other. @param after all that may follow each. */
function chains(after: readonly (readonly number[])[]): number[][] {
  /** What comes before each in its chain. */
  const before = new Map<number, number>();
  const isPlaced = (one: number, tried: Set<number>): boolean =>
    (after[one] ?? []).some((next) => {
      if (tried.has(next)) return false;
      tried.add(next);
      const other = before.get(next);
      if (other !== undefined && !isPlaced(other, tried)) return false;
      before.set(next, one);
      return true;
    });
  for (const one of after.keys()) isPlaced(one, new Set());
  const next = new Map([...before].map(([to, from]) => [from, to]));
  return [...after.keys()]
    .filter((one) => !before.has(one))
    .map((first) => {
      const chain = [first];
      for (let one = next.get(first); one !== undefined; one = next.get(one)) chain.push(one);
      return chain;
    });
}

/** From the first state through all states of each group in turn, the nearest one first. */
function walkThrough(machine: MealyMachine, groups: readonly (readonly string[])[]): string[] {
  const path: string[] = [];
  let state = machine.initial;
  for (const group of groups) {
    const open = new Set(group);
    for (open.delete(state); open.size > 0; open.delete(state)) {
      const [to, inputs] = nearest(machine, state, open);
      path.push(...inputs);
      state = to;
    }
  }
  return path;
}

function nearest(
  machine: MealyMachine,
  from: string,
  goals: ReadonlySet<string>,
): [string, readonly string[]] {
  const routes = new Map<string, readonly string[]>([[from, []]]);
  for (const [state, inputs] of routes) {
    if (goals.has(state)) return [state, inputs];
    if (isTerminal(machine, state)) continue;
    for (const input of machine.inputs) {
      const { to } = machine.step(state, input);
      if (!routes.has(to)) routes.set(to, [...inputs, input]);
    }
  }
  throw new Error(`nothing leads from ${from} to ${[...goals].join(', ')}`);
}
