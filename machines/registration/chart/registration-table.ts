import type { SnapshotFrom } from 'xstate';
import { exploreMachine } from '../../engine/table/explore.js';
import type { ChartTable } from '../../engine/table/table.js';
import { configurationOf } from './configurations.js';
import { registrationMachine } from './registration.js';
import { registrationEventTypes } from './seat.js';

type Chart = typeof registrationMachine;

/**
 * A registration chart as a table, its states called like the configurations.
 * @param machine one that differs, for a test of the tests. @default the registration chart
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

let made: ChartTable | null = null;

/** The registration chart as a table. Made of the chart once, when it is first asked for. */
export function registrationTable(): ChartTable {
  made ??= registrationTableOf();
  return made;
}
