/** The clocks of a machine in words. */
import {
  type ClockEffect,
  lengthClasses,
  type TimedMachine,
  type TimedState,
} from './timed-machine.js';

/** A timeout, and what starts, keeps and stops its clock. */
export interface ClockText {
  /** Milliseconds. */
  readonly length: number;
  /** E.g. `closed after 200 ms`. */
  readonly title: string;
  /** One line each, e.g. `register, other in awaiting start it`. */
  readonly lines: readonly string[];
}

/** @param tolerance milliseconds by which equal lengths may differ */
export function clockTexts(machine: TimedMachine, tolerance: number): ClockText[] {
  const timed = machine.states.filter(({ timeout }) => timeout?.length != null);
  const classOf = lengthClasses(
    timed.map(({ timeout }) => timeout?.length ?? 0),
    tolerance,
  );
  const clockIn = ({ timeout }: TimedState) =>
    timeout?.length == null ? null : classOf(timeout.length);
  const clocks = [...new Set(timed.map(clockIn))].filter((one) => one !== null);
  const states = new Map(machine.states.map((state) => [state.name, state]));
  return clocks.map((length) => {
    const own = timed.filter((state) => clockIn(state) === length);
    const [first] = own;
    const edges = machine.states.flatMap((from) =>
      Object.entries(from.edges).map(([input, edge]) => ({ from, input, edge })),
    );
    const doing = (effect: ClockEffect, isMeant: (from: TimedState, to: TimedState) => boolean) =>
      edges.filter(({ from, edge }) => {
        const to = states.get(edge.to);
        return to !== undefined && edge.clock === effect && isMeant(from, to);
      });
    const started = doing('start', (_, to) => clockIn(to) === length);
    const kept = doing('keep', (_, to) => clockIn(to) === length);
    const stopped = doing('stop', (from, to) => clockIn(from) === length && !to.isClosed);
    const replaced = doing(
      'start',
      (from, to) => clockIn(from) === length && clockIn(to) !== length,
    );
    const beginsAtOnce = own.some(({ name }) => name === machine.initial);
    const output = first?.timeout?.output || 'nothing';
    return {
      length,
      title: `${output} after ${length} ms`,
      lines: [
        ...(beginsAtOnce ? ['the connect starts it'] : []),
        ...lines(started, 'starts it', 'start it'),
        ...lines(kept, 'keeps it', 'keep it'),
        ...lines(stopped, 'stops it', 'stop it'),
        ...lines(replaced, 'replaces it', 'replace it'),
      ],
    };
  });
}

interface DrawnEdge {
  readonly from: TimedState;
  readonly input: string;
}

function lines(edges: readonly DrawnEdge[], one: string, several: string): string[] {
  const inputs = new Map<string, string[]>();
  for (const { from, input } of edges)
    inputs.set(from.name, [...(inputs.get(from.name) ?? []), input]);
  return [...inputs].map(
    ([state, names]) => `${names.join(', ')} in ${state} ${names.length === 1 ? one : several}`,
  );
}
