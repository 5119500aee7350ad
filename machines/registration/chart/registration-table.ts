import type { SnapshotFrom } from 'xstate';
import { exploreMachine } from '../../engine/table/explore.js';
import type { ChartTable } from '../../engine/table/table.js';
import { configurationOf } from './configurations.js';
import { registrationMachine } from './registration.js';
import { registrationEventTypes } from './seat.js';

type Chart = typeof registrationMachine;

/**
 * A registration chart as a table. Its states have the names of the configurations.
 * @param machine a chart with a mistake, to test the tests. @default the registration chart
 */
export function registrationTableOf(machine: Chart = registrationMachine): ChartTable {
  return exploreMachine(machine, {
    events: Object.fromEntries(
      registrationEventTypes.map((type) => [
        type,
        type === 'Disconnected' ? { type, reason: 'peer-closed' } : { type },
      ]),
    ),
    nameOf: (snapshot) => configurationOf(snapshot as SnapshotFrom<Chart>),
  });
}

let table: ChartTable | null = null;

/** The registration chart as a table. It is explored once, on the first call. */
export function registrationTable(): ChartTable {
  table ??= registrationTableOf();
  return table;
}
