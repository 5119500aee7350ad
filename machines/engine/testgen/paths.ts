/** Sequences of inputs that cover a Mealy machine with the minimum number of connections. */
import type { MealyMachine } from '../mealy/mealy-machine.js';
import { isTerminal } from '../mealy/minimal.js';
import { greedyWalks, maxExactArcs } from './greedy-walks.js';
import { type Arc, walksOverAll } from './walks.js';

interface Transition {
  readonly from: string;
  readonly input: string;
  readonly to: string;
}

function transitionsOf(machine: MealyMachine): Transition[] {
  return machine.states
    .filter((state) => !isTerminal(machine, state))
    .flatMap((from) =>
      machine.inputs.map((input) => ({ from, input, to: machine.step(from, input).to })),
    );
}

/** Takes every transition. */
export function transitionPaths(machine: MealyMachine): string[][] {
  const transitions = transitionsOf(machine);
  const states = [machine.initial, ...machine.states.filter((one) => one !== machine.initial)];
  const numbers = new Map(states.map((state, number) => [state, number]));
  const number = (state: string) => numbers.get(state) ?? 0;
  const arcs = transitions.map(({ from, to }) => ({ from: number(from), to: number(to) }));
  return walksOf(states.length, arcs).map((walk) =>
    walk.map((arc) => transitions[arc]?.input ?? ''),
  );
}

/** Takes every two consecutive transitions, and every possible first transition: walks in a graph whose nodes are transitions. */
export function pairPaths(machine: MealyMachine): string[][] {
  const transitions = transitionsOf(machine);
  const arcs: Arc[] = [];
  for (const [at, after] of transitions.entries()) {
    if (after.from === machine.initial) arcs.push({ from: 0, to: at + 1 });
    for (const [before, { to }] of transitions.entries()) {
      if (to === after.from) arcs.push({ from: before + 1, to: at + 1 });
    }
  }
  return walksOf(transitions.length + 1, arcs).map((walk) =>
    walk.map((arc) => transitions[(arcs[arc]?.to ?? 0) - 1]?.input ?? ''),
  );
}

function walksOf(nodes: number, arcs: readonly Arc[]): number[][] {
  return arcs.length > maxExactArcs ? greedyWalks(nodes, arcs) : walksOverAll(nodes, arcs);
}
