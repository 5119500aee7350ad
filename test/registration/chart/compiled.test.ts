import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { compactOf, expandChart } from '../../../machines/engine/table/compact-chart.js';
import { compiledChart } from '../../../machines/engine/table/compiled-chart.js';
import { registrationChart } from '../../../machines/registration/chart/compiled/registration-chart.js';
import { transitionsTaken } from '../../../machines/registration/chart/edges.js';
import { registrationTable } from '../../../machines/registration/chart/registration-table.js';
import {
  type SupervisorContext,
  type SupervisorEvent,
  type SupervisorInput,
  supervisorMachine,
  supervisorStates,
} from '../../../machines/registration/chart/supervisor.js';
import { supervisorTable } from '../../../machines/registration/chart/supervisor-table.js';
import { transitionIds } from '../../../machines/registration/chart/transition-ids.js';
import { RegistrationRunner } from '../../../machines/registration/session/registration-runner.js';
import { SupervisorRunner } from '../../../machines/registration/session/supervisor-runner.js';
import { never } from '../../../machines/text/clock.js';
import { compiledCharts } from '../../../scripts/compiled-charts.js';

describe('the compiled charts', () => {
  it.each([...compiledCharts()])('%s is what npm run charts writes today', async (name, text) => {
    expect(await readFile(name, 'utf8')).toBe(text);
  });

  it('have the steps of the explored chart', () => {
    const explored = compiledChart(registrationTable());
    const timers = new Set(explored.timers.map((name) => explored.inputs.get(name)));
    // Of the contexts only those of timers are kept: the event of any other step carries its reason.
    const steps = explored.steps.map((step, at) =>
      timers.has(at % explored.inputs.size) && step.context !== null && step.actions.length > 0
        ? step
        : { ...step, context: null },
    );
    const stays = explored.stays.map((step) => ({ ...step, context: null }));
    expect(expandChart(registrationChart)).toEqual({ ...explored, steps, stays });
    expect(compactOf(registrationTable())).toEqual(registrationChart);
  });

  it('name the transitions that the chart takes', () => {
    const { steps } = registrationTable();
    for (const [from, row] of Object.entries(steps)) {
      for (const [cause, { transitions }] of Object.entries(row)) {
        const pair = [from, cause] as Parameters<typeof transitionIds>;
        expect(transitionIds(...pair)).toEqual(transitions);
        expect(transitionsTaken(...pair).map(({ id }) => id)).toEqual(transitions);
      }
    }
    expect(transitionIds('disconnected', 'Connected')).toEqual([]);
  });

  it('the table of the supervisor has its five states', () => {
    const { states, initial } = supervisorTable();
    expect(states[initial]?.value).toBe('offline');
    const values = Object.values(states).map(({ value }) => value);
    expect(values.sort()).toEqual([...supervisorStates].sort());
  });
});

const error = new Error('gone');
const events: readonly SupervisorEvent[] = [
  { type: 'Start' },
  { type: 'Registered' },
  { type: 'Refused', error, transient: true },
  { type: 'Refused', error, transient: false },
  { type: 'Failed', error },
  { type: 'Failed', error, retryAfter: 700 },
  { type: 'Lost', error },
  { type: 'Lost', error, leaves: true },
  { type: 'Lost', error, leaves: true, drained: true },
  { type: 'Lost', error, final: true },
  { type: 'Stop' },
];

/** What happens, and what is remembered, in a run of the supervisor by XState or by the compiled chart. */
function supervised(by: 'xstate' | 'compiled', input: SupervisorInput) {
  const clock = new SimulatedClock();
  const seen: unknown[] = [];
  const seat = { delays: { registrationTimeout: never, rejectionTimeout: never }, actions: {} };
  const note = (what: string, context: SupervisorContext) => {
    const { endpoint, attempt, delay, wasRegistered, error } = context;
    seen.push([what, endpoint, attempt, delay, wasRegistered, error]);
  };
  const actor =
    by === 'xstate'
      ? createActor(
          supervisorMachine.provide({
            actions: {
              open: ({ context }) => note('open', context),
              close: () => void seen.push('close'),
            },
          }),
          { input, clock },
        )
      : new SupervisorRunner(
          {
            createRegistration: () => new RegistrationRunner({ seat, clock }),
            open: (context) => note('open', context),
            close: () => void seen.push('close'),
          },
          input,
          clock,
        );
  // Only XState calls an observer at the start, so it is added later.
  actor.start();
  actor.subscribe({
    next: ({ value, status, context }) => {
      seen.push(status);
      note(value, context);
    },
  });
  return { actor, clock, seen };
}

describe('the supervisor by its compiled chart', () => {
  it('takes the same steps as an XState actor, whatever comes in whatever order', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...events) },
      { weight: 1, arbitrary: fc.nat({ max: 3_000 }) },
    );
    const inputs = fc.record({
      endpoints: fc.constantFrom(['a'], ['a', 'b'], ['a', 'b', 'c']),
      reconnect: fc.boolean(),
      retryRefused: fc.boolean(),
      maxAttempts: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
      initialDelay: fc.constantFrom(0, 100),
      maxDelay: fc.constant(1_000),
      spread: fc.constantFrom(0, 500),
    });
    void fc.assert(
      fc.property(inputs, fc.array(step, { maxLength: 14 }), (input, steps) => {
        const runs = (['xstate', 'compiled'] as const).map((by) => {
          const run = supervised(by, { ...input, random: () => 0.5 });
          run.actor.send({ type: 'Start' });
          for (const one of steps) {
            if (typeof one === 'number') run.clock.increment(one);
            else if (run.actor.getSnapshot().status === 'active') run.actor.send(one);
          }
          return run.seen;
        });
        expect(runs[1]).toEqual(runs[0]);
      }),
      { numRuns: 500 },
    );
  });
});
