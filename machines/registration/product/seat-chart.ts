/** A seat's chart as the checker runs it: a table whose states and timers are small numbers. */
import { type ChartTable, stepOf, type TableState } from '../../engine/table/table.js';

/** The part of a state that the properties refer to. */
export type Phase = 'connecting' | 'unregistered' | 'registered' | 'disconnected';

export interface SeatStep {
  readonly to: number;
  readonly actions: readonly string[];
  /** Timers, one bit each. */
  readonly stops: number;
  readonly starts: number;
  readonly isUnexpected: boolean;
}

export class SeatChart {
  readonly names: readonly string[];
  readonly phases: readonly Phase[];
  /** Whether each state is final. */
  readonly isFinal: readonly boolean[];
  readonly timers: readonly string[];
  readonly initial: number;
  readonly #steps: readonly ReadonlyMap<string, SeatStep>[];

  constructor(table: ChartTable) {
    const states = Object.values(table.states);
    this.names = states.map(({ name }) => name);
    this.phases = states.map(phaseOf);
    this.isFinal = states.map(({ isFinal }) => isFinal);
    this.timers = table.timers;
    this.initial = this.names.indexOf(table.initial);
    const bitsOf = (timers: readonly string[]) =>
      timers.reduce((bits, timer) => bits | (1 << this.timers.indexOf(timer)), 0);
    this.#steps = this.names.map((name) => {
      const inputs = [...table.events, ...table.timers].map((input) => {
        const { to, actions, stops, starts } = stepOf(table, name, input);
        const step: SeatStep = {
          to: this.names.indexOf(to),
          actions,
          stops: bitsOf(stops),
          starts: bitsOf(starts),
          isUnexpected: actions.includes('unexpected'),
        };
        return [input, step] as const;
      });
      return new Map(inputs);
    });
  }

  /** @param input an event of the chart, or the name of a timer that expires. */
  step(state: number, input: string): SeatStep {
    const step = this.#steps[state]?.get(input);
    if (step) return step;
    return { to: state, actions: [], stops: 0, starts: 0, isUnexpected: false };
  }

  phase(state: number): Phase {
    return this.phases[state] ?? 'disconnected';
  }

  /** The bits of the running timers after a step. */
  running(timers: number, { to, stops, starts }: SeatStep): number {
    return this.isFinal[to] ? 0 : (timers & ~stops) | starts;
  }
}

function phaseOf({ value, isFinal }: TableState): Phase {
  if (isFinal || value === 'disconnected') return 'disconnected';
  if (typeof value === 'string') return 'connecting';
  return value.connected === 'registered' ? 'registered' : 'unregistered';
}
