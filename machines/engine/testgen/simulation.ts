/** Simulated systems that run a chart, and the tester's model beside them: mutants run in them. */
import type { ChartTable } from '../table/table.js';

/** One simulated connection or session. */
export interface SimulatedSystem<System> {
  /** Everything that decides its future: systems with equal identities behave equally. */
  readonly identity: string;
  /** Nothing more is seen of it. */
  readonly isClosed: boolean;
  /** The timer that expires next; null when no timer runs. */
  readonly timer: string | null;
  /** An independent copy. */
  copy(): System;
}

/** The model that a tester compares a system with. */
export interface SimulationModel<
  Input extends string,
  System extends SimulatedSystem<System> = SimulatedSystem<never>,
> {
  readonly inputs: readonly Input[];
  /** The chart of the model. */
  readonly table: ChartTable;
  /** A new session with a system that runs a chart. @param table @default the chart of the model */
  connect(table?: ChartTable): System;
  /**
   * Gives an input to the model and to a system beside it. The model decides what an input of time means.
   * @returns the output of the system.
   */
  apply(input: Input, model: System, system: System): { readonly output: string };
}
