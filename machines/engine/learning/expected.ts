/** The timed machine that a simulated system has: what a learner is expected to find. */
import type { MealyMachine } from '../mealy/mealy-machine.js';
import { minimalForm } from '../mealy/minimal.js';
import {
  type ClockEffect,
  mealyWith,
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
  const names = new Names<System>((system) => effectiveTimer(parts, system));
  const initial = names.of(parts.initial);
  const states: TimedState[] = [];
  // New states are appended to the map that is being iterated: the search is breadth first.
  for (const [name, system] of names.systems) {
    const { isClosed } = system;
    const edges = Object.fromEntries(
      (isClosed ? [] : parts.inputs).map((input): [string, TimedEdge] => {
        const next = system.copy();
        const output = parts.send(next, input);
        const clock = clockAfter(parts, system, input);
        return [input, { to: names.of(next), ...output, clock }];
      }),
    );
    const timer = effectiveTimer(parts, system);
    let timeout: Timeout | null = null;
    if (timer !== null) {
      const next = system.copy();
      const output = parts.pass(next, system.left ?? 0);
      const length = parts.chosenByServer?.includes(timer) ? null : (parts.delays[timer] ?? null);
      timeout = { to: names.of(next), ...output, clock: effect(parts, next, true), length };
    }
    states.push({ name, isClosed, timeout, edges });
  }
  return minimalMachine({ initial, inputs: parts.inputs, states });
}

/** Names systems by their state; a system whose other timer runs in the same state gets a longer name. */
class Names<System extends TimedSimulation<System>> {
  /** The first system of each name. */
  readonly systems = new Map<string, System>();
  readonly #names = new Map<string, string>();
  readonly #timerOf: (system: System) => string | null;

  constructor(timerOf: (system: System) => string | null) {
    this.#timerOf = timerOf;
  }

  of(system: System): string {
    const { state, isClosed } = system;
    const variant = isClosed ? 'closed' : (this.#timerOf(system) ?? 'no timer');
    const key = JSON.stringify([state, variant]);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.systems.has(state) ? `${state} (${variant})` : state;
    this.#names.set(key, name);
    this.systems.set(name, system);
    return name;
  }
}

/** The timer that expires next; null without one, and for one that changes nothing. */
function effectiveTimer<System extends TimedSimulation<System>>(
  parts: ExpectedParts<System>,
  system: System,
): string | null {
  if (system.isClosed || system.left === null) return null;
  const next = system.copy();
  const { output } = parts.pass(next, system.left);
  return output !== '' || next.state !== system.state ? system.timer : null;
}

/** The part of a running timer that passes before an input: one that makes no two timers expire together. */
const passed = 0.37;

/** The effect of an input that is sent while a timer runs. */
function clockAfter<System extends TimedSimulation<System>>(
  parts: ExpectedParts<System>,
  system: System,
  input: string,
): ClockEffect {
  const next = system.copy();
  if (system.left !== null) parts.pass(next, system.left * passed);
  parts.send(next, input);
  return effect(parts, next, effectiveTimer(parts, system) !== null);
}

function effect<System extends TimedSimulation<System>>(
  parts: ExpectedParts<System>,
  system: System,
  hasRun: boolean,
): ClockEffect {
  const timer = effectiveTimer(parts, system);
  if (timer === null) return hasRun ? 'stop' : 'none';
  // Lengths need not be whole numbers.
  return Math.abs((parts.delays[timer] ?? 0) - (system.left ?? 0)) < 1e-6 ? 'start' : 'keep';
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
  return mealyWith(machine, (edge) => {
    if (!edge) return 'none';
    const { to: _, ...rest } = edge;
    return JSON.stringify(Object.entries(rest).sort());
  });
}
