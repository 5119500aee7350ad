/** Mealy machines with clocks: what is learned of a server, and what a figure says of it. Plain data. */
import { type MealyMachine, quiescence } from '../mealy/mealy-machine.js';

/**
 * What happens to the clock on an edge, seen from the state that it leads to. `start`: its timeout runs from this edge. `keep`: it runs
 * from an earlier moment. `stop`: a timeout ran, and none runs any more. `none`: no timeout runs before or after.
 */
export type ClockEffect = 'start' | 'keep' | 'stop' | 'none';

export interface TimedEdge {
  readonly to: string;
  /** The outputs in order, separated by spaces; empty for none. `closed` is the end of the connection. */
  readonly output: string;
  readonly clock: ClockEffect;
  /** Other outputs that are as good. Only in a machine that is expected. @default none */
  readonly allowed?: readonly string[];
  /** Whether any output is as good that does not close the connection. Only in a machine that is expected or from recordings. @default false */
  readonly isFree?: boolean;
}

/** What happens when nothing is sent. */
export interface Timeout extends TimedEdge {
  /** Milliseconds from the edge that started the clock; null in a machine that is expected, for a server that may choose it. */
  readonly length: number | null;
}

export interface TimedState {
  readonly name: string;
  /** The connection has ended. */
  readonly isClosed: boolean;
  /** Null when nothing happens however long a client is silent. */
  readonly timeout: Timeout | null;
  /** No session was silent here for long enough, so `timeout` is unknown. Only in a machine from recordings. @default false */
  readonly isSilenceUnobserved?: boolean;
  /** By input. Empty in a closed state; elsewhere an input that is missing was not observed. */
  readonly edges: Readonly<Record<string, TimedEdge>>;
}

/** A deterministic machine. Its first state is that of a new connection, whose timeout runs from the connect. */
export interface TimedMachine {
  readonly initial: string;
  /** The inputs of a client without silence. */
  readonly inputs: readonly string[];
  /** The initial state first. */
  readonly states: readonly TimedState[];
}

/** The input of sending nothing until something happens. */
export const silence = quiescence;

/** The output of the end of a connection. */
export const closedOutput = 'closed';

/** Whether a connection has ended after an output. */
export function endsSession(output: string): boolean {
  return output === closedOutput || output.endsWith(` ${closedOutput}`);
}

/** @throws {Error} for a name that no state has */
export function stateNamed(machine: TimedMachine, name: string): TimedState {
  const state = machine.states.find((one) => one.name === name);
  if (!state) throw new Error(`the machine has no state ${name}`);
  return state;
}

/** The edge of an input, or of silence; null for one that was not observed, and for silence without a timeout. */
export function edgeOf(state: TimedState, input: string): TimedEdge | Timeout | null {
  if (input === silence) return state.timeout;
  return Object.hasOwn(state.edges, input) ? (state.edges[input] ?? null) : null;
}

/**
 * A timed machine as a Mealy machine, with silence as an input. The clock is part of the output: a tester sees it by waiting, after pauses.
 * Lengths that differ by at most the tolerance are equal.
 */
export function mealyOf(machine: TimedMachine, tolerance: number): MealyMachine {
  const states = new Map(machine.states.map((state) => [state.name, state]));
  const lengths = machine.states.flatMap(({ timeout }) => timeout?.length ?? []);
  const classes = lengthClasses(lengths, tolerance);
  return mealyWith(machine, (edge) => {
    if (!edge) return '';
    const { output, clock, to } = edge;
    const length = 'length' in edge ? ` after ${classes(edge.length ?? 0)}` : '';
    return states.get(to)?.isClosed ? `${output}${length}` : `${output}${length} (${clock})`;
  });
}

/** A timed machine as a Mealy machine. @param outputOf the output of an edge; null is an edge that was not observed, or silence without a timeout */
export function mealyWith(
  machine: TimedMachine,
  outputOf: (edge: TimedEdge | Timeout | null) => string,
): MealyMachine {
  const states = new Map(machine.states.map((state) => [state.name, state]));
  return {
    initial: machine.initial,
    states: machine.states.map(({ name }) => name),
    // Of equally good inputs the first one tells states apart. Silence is the last one, since every experiment ends with it in any case.
    inputs: [...machine.inputs, silence],
    step(name, input) {
      const state = states.get(name);
      const edge = state ? edgeOf(state, input) : null;
      return { to: edge?.to ?? name, output: outputOf(edge) };
    },
    isTerminal: (name) => states.get(name)?.isClosed ?? false,
  };
}

/** The name of the closed state; null in a machine without one. */
export function closedNameOf({ states }: TimedMachine): string | null {
  return states.find(({ isClosed }) => isClosed)?.name ?? null;
}

/** A function that names the class of a length: lengths of one class lie within a tolerance of each other. */
export function lengthClasses(
  lengths: readonly number[],
  tolerance: number,
): (length: number) => number {
  const starts: number[] = [];
  for (const length of [...lengths].sort((one, other) => one - other)) {
    if (starts.length === 0 || length - (starts.at(-1) as number) > tolerance) starts.push(length);
  }
  return (length) => starts.findLast((start) => start <= length) ?? starts[0] ?? 0;
}
