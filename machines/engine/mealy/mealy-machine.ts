/** Finite machines with inputs and outputs (Mealy machines), as the theory of testing has them. */
import { type ChartTable, stepOf } from '../table/table.js';

export interface MealyStep {
  readonly to: string;
  /** What is seen of the step. Equal texts are equal outputs; empty when nothing is seen. */
  readonly output: string;
}

/** A finite machine that is deterministic and input-complete: every input has one step in every state. */
export interface MealyMachine {
  readonly initial: string;
  /** Every state that can be reached, the initial one first. */
  readonly states: readonly string[];
  readonly inputs: readonly string[];
  step(state: string, input: string): MealyStep;
  /** In such a state the session is over: no input leads on, and a test need not go on. @default none */
  isTerminal?(state: string): boolean;
}

/** The input of letting time pass until a timer runs out. */
export const quiescence = 'silence';

/**
 * A chart as a finite machine: its events and silence are the inputs, its actions the outputs, after silence with the name of the timer. Where never more than one timer runs,
 * silence is one input; otherwise each timer is an input of its own, because which runs out first depends on when each was started.
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
      // How long the silence lasted is seen, too.
      const isTimed = input === quiescence && isOneClock && output !== '';
      return { to, output: isTimed ? `${output} (${timer})` : output };
    },
    isTerminal: (state) => table.states[state]?.isFinal ?? false,
  };
}
