import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { identifiedTransitions } from '../../../machines/engine/table/edges.js';
import {
  exploreMachine,
  registrationMachine,
  registrationTable,
  stepOf,
} from '../../../machines/index.js';
import { player, remembering, threeTries, timed, toggle } from './charts.js';
import { HandClock } from './hand-clock.js';

describe('a table takes the steps of a real actor', () => {
  const delays: Record<string, number> = {
    short: 10,
    long: 100,
    idle: 1_000,
    tick: 3,
    'PING in timed.resting': 7,
    registrationTimeout: 10_000,
    rejectionTimeout: 5_000,
  };
  const charts = { toggle, player, remembering, timed, threeTries, registrationMachine };

  it.each(Object.entries(charts))('on random walks: %s', (_name, chart) => {
    const table = exploreMachine(
      chart as typeof toggle,
      chart === registrationMachine ? registration : {},
    );
    const inputs = [...table.events, ...table.timers];
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (draws) => {
        const clock = new HandClock();
        const done: string[] = [];
        const names = Object.keys(chart.implementations.actions).filter(
          (one) => one !== 'keepReason',
        );
        const actions = Object.fromEntries(names.map((one) => [one, () => done.push(one)]));
        const machine = (chart as typeof toggle).provide({ actions } as never);
        const ids = new Map<unknown, string>(
          identifiedTransitions(machine).map(({ transition, id }) => [transition, id]),
        );
        const taken: string[] = [];
        const actor = createActor(machine, {
          clock,
          inspect(inspected) {
            if (inspected.type !== '@xstate.microstep') return;
            taken.push(...inspected._transitions.flatMap((one) => ids.get(one) ?? []));
          },
        });
        actor.start();
        let state = table.initial;
        for (const draw of draws) {
          done.length = 0;
          taken.length = 0;
          // A final state takes no event, and XState logs a warning for each.
          if (table.states[state]?.isFinal) break;
          const running = table.states[state]?.timers ?? [];
          const input = inputs[draw % inputs.length] ?? '';
          if (table.timers.includes(input)) {
            if (!running.includes(input)) continue;
            clock.runOut(delays[input] ?? 0);
          } else actor.send((input === 'Disconnected' ? gone : { type: input }) as never);
          const step = stepOf(table, state, input);
          state = step.to;
          expect(done).toEqual(step.actions);
          expect(taken).toEqual(step.transitions);
          expect(actor.getSnapshot().value).toEqual(table.states[state]?.value);
          expect(actor.getSnapshot().status !== 'active').toBe(table.states[state]?.isFinal);
          const expected = table.states[state]?.timers.map((timer) => delays[timer] ?? 0) ?? [];
          expect(clock.running).toEqual(expected.sort((a, b) => a - b));
        }
      }),
      { numRuns: 60 },
    );
  });
});

const gone = { type: 'Disconnected', reason: 'peer-closed' };
const registration = {
  events: Object.fromEntries(
    registrationTable().events.map((type) => [type, type === 'Disconnected' ? gone : { type }]),
  ),
};
