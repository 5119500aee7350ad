/** The clocks of a machine in words. */
import { type DrawnEdge, drawnEdges } from './drawn-edges.js';
import {
  type ClockEffect,
  lengthClasses,
  silence,
  stateNamed,
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
  const edges = drawnEdges(machine).filter(({ input }) => input !== silence);
  return clocks.map((length) => {
    const own = timed.filter((state) => clockIn(state) === length);
    const [first] = own;
    const doing = (effect: ClockEffect, isMeant: (from: TimedState, to: TimedState) => boolean) =>
      edges.filter(
        ({ from, edge }) =>
          edge.clock === effect && isMeant(stateNamed(machine, from), stateNamed(machine, edge.to)),
      );
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

function lines(edges: readonly DrawnEdge[], one: string, several: string): string[] {
  const inputs = new Map<string, string[]>();
  for (const { from, input } of edges) inputs.set(from, [...(inputs.get(from) ?? []), input]);
  return [...inputs].map(
    ([state, names]) => `${names.join(', ')} in ${state} ${names.length === 1 ? one : several}`,
  );
}
