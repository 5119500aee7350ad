/** The timed machine that a simulated system has: what a learner is expected to find. */
import type { MealyMachine } from '../mealy/mealy-machine.js';
import { minimalForm } from '../mealy/minimal.js';
import {
  type ClockEffect,
  edgeOf,
  silence,
  stateNamed,
  type TimedEdge,
  type TimedMachine,
  type TimedState,
  type Timeout,
} from './timed-machine.js';

/** A session in simulated time. */
export interface TimedSimulation<System> {
  readonly state: string;
  readonly isClosed: boolean;
  /** The timer that expires next, and milliseconds until then; null when no timer runs. */
  readonly timer: string | null;
  readonly left: number | null;
  copy(): System;
}

/** What a tester sees of one input. */
export type ExpectedOutput = Pick<TimedEdge, 'output' | 'allowed' | 'isFree'>;

export interface ExpectedParts<System> {
  /** The inputs without silence. */
  readonly inputs: readonly string[];
  /** A new connection. */
  readonly initial: System;
  /** Milliseconds of each timer. */
  readonly delays: Readonly<Record<string, number>>;
  /** The timers whose length the server may choose. @default none */
  readonly chosenByServer?: readonly string[];
  /** Gives an input to a session. */
  send(system: System, input: string): ExpectedOutput;
  /** Lets milliseconds pass. The next timer expires in them, or none. */
  pass(system: System, milliseconds: number): ExpectedOutput;
}

/**
 * Explores a simulated system without delays between inputs, and minimizes the result: a learner finds only the states that outputs,
 * lengths and clocks tell apart. A machine has one clock: where several timers run, it is the one that expires first.
 */
export function expectedMachine<System extends TimedSimulation<System>>(
  parts: ExpectedParts<System>,
): TimedMachine {
  const found = new Map([[parts.initial.state, parts.initial]]);
  const states: TimedState[] = [];
  const to = (next: System) => {
    if (!found.has(next.state)) found.set(next.state, next);
    return next.state;
  };
  // New states are appended to the map that is being iterated: the search is breadth first.
  for (const [name, system] of found) {
    const { isClosed } = system;
    const edges = Object.fromEntries(
      (isClosed ? [] : parts.inputs).map((input): [string, TimedEdge] => {
        const next = system.copy();
        const output = parts.send(next, input);
        return [input, { to: to(next), ...output, clock: clockAfter(parts, system, input) }];
      }),
    );
    const { left, timer } = system;
    let timeout: Timeout | null = null;
    if (!isClosed && left !== null && timer !== null) {
      const next = system.copy();
      const output = parts.pass(next, left);
      const length = parts.chosenByServer?.includes(timer) ? null : (parts.delays[timer] ?? null);
      timeout = { to: to(next), ...output, clock: effect(parts, next, true), length };
    }
    states.push({ name, isClosed, timeout, edges });
  }
  return minimalMachine({ initial: parts.initial.state, inputs: parts.inputs, states });
}

/** The effect of an input that is sent when half of a running timer has passed. */
function clockAfter<System extends TimedSimulation<System>>(
  parts: ExpectedParts<System>,
  system: System,
  input: string,
): ClockEffect {
  const next = system.copy();
  if (system.left !== null) parts.pass(next, system.left / 2);
  parts.send(next, input);
  return effect(parts, next, system.left !== null);
}

function effect<System extends TimedSimulation<System>>(
  { delays }: ExpectedParts<System>,
  { isClosed, left, timer }: System,
  hasRun: boolean,
): ClockEffect {
  if (isClosed || left === null || timer === null) return hasRun ? 'stop' : 'none';
  // Lengths need not be whole numbers.
  return Math.abs((delays[timer] ?? 0) - left) < 1e-6 ? 'start' : 'keep';
}

/** The smallest machine with the same behaviour. Each state has the name of the first state of its class. */
export function minimalMachine(machine: TimedMachine): TimedMachine {
  const { classes, stateOf } = minimalForm(exactMealy(machine));
  const moved = <Edge extends TimedEdge>(edge: Edge): Edge => ({ ...edge, to: stateOf(edge.to) });
  return {
    initial: stateOf(machine.initial),
    inputs: machine.inputs,
    states: classes.map(([first = '']) => {
      const { timeout, edges, ...state } = stateNamed(machine, first);
      const moves = Object.entries(edges).map(([input, edge]) => [input, moved(edge)] as const);
      return { ...state, timeout: timeout && moved(timeout), edges: Object.fromEntries(moves) };
    }),
  };
}

/** Everything of an edge but its target as the output: also what is allowed besides, and unobserved edges. */
function exactMealy(machine: TimedMachine): MealyMachine {
  const states = new Map(machine.states.map((state) => [state.name, state]));
  return {
    initial: machine.initial,
    states: machine.states.map(({ name }) => name),
    inputs: [...machine.inputs, silence],
    step(name, input) {
      const state = states.get(name);
      const edge = state && edgeOf(state, input);
      if (!edge) return { to: name, output: 'none' };
      const { to, ...rest } = edge;
      return { to, output: JSON.stringify(Object.entries(rest).sort()) };
    },
    isTerminal: (name) => states.get(name)?.isClosed ?? false,
  };
}
