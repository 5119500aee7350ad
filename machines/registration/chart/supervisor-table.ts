/** The supervisor chart as a table: explored by the outcomes of its guards, because they read the context. */
import { exploreMachine } from '../../engine/table/explore.js';
import type { ChartTable } from '../../engine/table/table.js';
import { supervisorMachine } from './supervisor.js';
import { guarded, guardOf, supervisorGuards, supervisorUpdates } from './supervisor-rules.js';

/** Each action is only recorded. */
const recorded = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, () => {}]));

const actions = [
  'startRegistration',
  'stopRegistration',
  'forgetRegistration',
  ...Object.keys(supervisorUpdates),
];

/** The supervisor chart as a table. An event whose guard holds is a separate input (`guarded`). */
export function supervisorTable(): ChartTable {
  const machine = supervisorMachine.provide({
    actions: recorded(actions),
    guards: Object.fromEntries(
      Object.keys(supervisorGuards).map((name) => [
        name,
        ({ event }: { event: unknown }) => (event as { holds?: boolean }).holds === true,
      ]),
    ),
  });
  const types = ['Start', 'Registered', 'Refused', 'Failed', 'Lost', 'Stop'];
  const events = types.flatMap((type): [string, { type: string; holds?: boolean }][] =>
    guardOf[type]
      ? [
          [type, { type }],
          [guarded(type), { type, holds: true }],
        ]
      : [[type, { type }]],
  );
  return exploreMachine(machine, {
    events: Object.fromEntries(events),
    input: {
      endpoints: ['first'],
      reconnect: true,
      initialDelay: 0,
      maxDelay: 0,
      spread: 0,
      random: () => 0,
      maxAttempts: 1,
      retryRefused: false,
    },
  });
}
