/** Mealy machines: finite machines with inputs and outputs. */
import { type ChartTable, stepOf } from '../table/table.js';

export interface MealyStep {
  readonly to: string;
  /** The observable output. Equal texts are equal outputs; empty for no output. */
  readonly output: string;
}

/** A deterministic and input-complete machine: every input has one step in every state. */
export interface MealyMachine {
  readonly initial: string;
  /** Every reachable state, the initial state first. */
  readonly states: readonly string[];
  readonly inputs: readonly string[];
  step(state: string, input: string): MealyStep;
  /** Whether a tester can give an input in a state; it has no effect where not. @default always */
  isPossible?(state: string, input: string): boolean;
  /** Whether the session has ended in a state: inputs have no effect, and tests stop. @default never */
  isTerminal?(state: string): boolean;
}

/** The input of letting time pass until a timer expires. Suite files and outputs keep the word `silence`. */
export const quiescence = 'silence';

/** The output of quiescence, with the name of the timer: the length of the silence is observable, too. */
export function withTimer(input: string, output: string, timer: string | null): string {
  return input === quiescence && output !== '' ? `${output} (${timer ?? 'no deadline'})` : output;
}

/**
 * A chart as a Mealy machine. Its inputs are the events and quiescence, its outputs the actions. When at most one timer runs at a time,
 * quiescence is one input, and its output names the timer. Otherwise each timer is an input, because which timer expires first depends
 * on when each was started.
 */
export function mealyMachineOf(table: ChartTable): MealyMachine {
  const states = Object.values(table.states);
  const isOneClock =
    states.every(({ timers }) => timers.length <= 1) && !table.events.includes(quiescence);
  const timers = table.timers.length === 0 ? [] : isOneClock ? [quiescence] : table.timers;
  return {
    initial: table.initial,
    states: states.map(({ name }) => name),
    inputs: [...table.events, ...timers],
    step(state, input) {
      const timer = input === quiescence && isOneClock ? table.states[state]?.timers[0] : input;
      if (timer === undefined) return { to: state, output: '' };
      const { to, actions } = stepOf(table, state, timer);
      const output = actions.join(', ');
      return { to, output: isOneClock ? withTimer(input, output, timer) : output };
    },
    isTerminal: (state) => table.states[state]?.isFinal ?? false,
  };
}
