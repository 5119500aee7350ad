import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, type EventObject } from 'xstate';
import { identifiedTransitions } from '../../../machines/engine/table/edges.js';
import { type ChartTable, exploreMachine, stepOf } from '../../../machines/index.js';
import { actionNames, corpus, type Specimen } from './corpus.js';
import { HandClock } from './hand-clock.js';

/** An actor of a specimen, and what it did since the last input. */
function started({ machine, input }: Specimen) {
  const done: string[] = [];
  const taken: string[] = [];
  const clock = new HandClock();
  const actions = Object.fromEntries(actionNames.map((name) => [name, () => done.push(name)]));
  const provided: AnyStateMachine = machine.provide({ actions: actions as never });
  const ids = new Map<unknown, string>(
    identifiedTransitions(provided).map(({ transition, id }) => [transition, id]),
  );
  const actor = createActor(provided, {
    clock,
    input: input as never,
    logger: () => {},
    inspect(inspected) {
      // Invoked machines have transitions, too.
      if (inspected.type !== '@xstate.microstep' || inspected.actorRef !== actor) return;
      taken.push(...inspected._transitions.flatMap((one) => ids.get(one) ?? []));
    },
  });
  actor.subscribe({ error: () => {} });
  actor.start();
  return { actor, clock, done, taken };
}

/** The event of an input; null for an input that the actor cannot get now. */
function eventOf(
  table: ChartTable,
  state: string,
  input: string,
  { events }: Specimen,
): EventObject | null {
  const event = events?.[input] ?? {
    type: input.endsWith('*') ? `${input.slice(0, -1)}any` : input,
  };
  const [, actor] = /^xstate\.(?:done\.actor|error\.actor|snapshot)\.(.+)$/.exec(event.type) ?? [];
  return actor === undefined || table.states[state]?.actors.includes(actor) ? event : null;
}

const ownActions = (actions: readonly string[]) =>
  actions.flatMap((action) => {
    const [name = ''] = action.split(' ');
    return name.startsWith('xstate.') ? [] : [name];
  });

describe('a table takes the steps of a real actor on random walks', () => {
  it('the specimens are forty or more', () => {
    expect(Object.keys(corpus).length).toBeGreaterThanOrEqual(40);
  });

  it.each(Object.entries(corpus))('%s', (_name, specimen) => {
    const { machine, events, input, delays = {} } = specimen;
    const table = exploreMachine(machine, { input, ...(events && { events }) });
    const inputs = [...table.events, ...table.timers];
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), (draws) => {
        const { actor, clock, done, taken } = started(specimen);
        expect(done).toEqual(ownActions(table.start.actions));
        let state = table.initial;
        for (const draw of draws) {
          if (table.states[state]?.isFinal) break;
          done.length = 0;
          taken.length = 0;
          const name = inputs[draw % inputs.length] ?? '';
          if (table.timers.includes(name)) {
            if (!table.states[state]?.timers.includes(name)) continue;
            clock.runOut(delays[name] ?? 0);
          } else {
            const event = eventOf(table, state, name, specimen);
            if (event === null) continue;
            actor.send(event as never);
          }
          const step = stepOf(table, state, name);
          state = step.to;
          const { value, status } = actor.getSnapshot();
          expect(value).toEqual(table.states[state]?.value);
          expect(status !== 'active').toBe(table.states[state]?.isFinal);
          if (state.startsWith('error')) break;
          expect(done).toEqual(ownActions(step.actions));
          expect(taken).toEqual(step.transitions);
          const expected = table.states[state]?.timers.map((timer) => delays[timer] ?? 0) ?? [];
          expect(clock.running).toEqual(expected.sort((a, b) => a - b));
        }
        actor.stop();
      }),
      { numRuns: 40 },
    );
  });
});
