import type { ChartTable } from '../table/table.js';

/** The kinds of mistakes, each with its description, in a fixed order. */
export const mutantKinds = {
  output: 'a step does what another step does, or nothing',
  target: 'a step leads to another state',
  missing: 'a step is missing: the chart stays and does nothing',
  'timer-missing': 'a step does not start a timer that it should',
  'timer-restarted': 'a step starts a timer again that runs already',
  'timer-not-stopped': 'a step does not stop a timer that it should',
  'extra-state':
    'a step leads to a hidden copy of its state, in which one of these mistakes is made',
} as const;
export type MutantKind = keyof typeof mutantKinds;

export const mutantKindNames = Object.keys(mutantKinds) as readonly MutantKind[];

/** The name of a mutant. */
export interface MutantName {
  readonly kind: MutantKind;
  /** Which step is wrong and how, e.g. `awaiting/rejection, EventError: leads to registered instead of awaiting/rejection`. */
  readonly description: string;
}

/** A chart with one mistake. */
export interface Mutant extends MutantName {
  readonly table: ChartTable;
}
