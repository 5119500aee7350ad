import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MealyMachine, sequencesOf } from '../../../machines/index.js';
import { drawnMachines, machineOf } from '../table/random-machine.js';

type Cover = 'states' | 'transitions' | 'pairs';

/** The items that a sequence covers, and whether it continues after the end of the session. */
function coveredBy(machine: MealyMachine, sequence: readonly string[], cover: Cover): string[] {
  const covered = cover === 'states' ? [machine.initial] : [];
  let state = machine.initial;
  let before = 'the reset';
  for (const input of sequence) {
    if (machine.isTerminal?.(state)) throw new Error('it goes on when the session is over');
    const transition = `${state} ${input}`;
    state = machine.step(state, input).to;
    if (cover === 'states') covered.push(state);
    else covered.push(cover === 'transitions' ? transition : `${before}, ${transition}`);
    before = transition;
  }
  return covered;
}

function allOf(machine: MealyMachine, cover: Cover): Set<string> {
  if (cover === 'states') return new Set(machine.states);
  const active = machine.states.filter((state) => !machine.isTerminal?.(state));
  const all = active.flatMap((state) => machine.inputs.map((input) => ({ state, input })));
  if (cover === 'transitions') return new Set(all.map(({ state, input }) => `${state} ${input}`));
  const pairs = all.flatMap(({ state, input }) => {
    const before = all.filter((one) => machine.step(one.state, one.input).to === state);
    const names = before.map((one) => `${one.state} ${one.input}`);
    if (state === machine.initial) names.push('the reset');
    return names.map((name) => `${name}, ${state} ${input}`);
  });
  return new Set(pairs);
}

interface Place {
  readonly mask: number;
  readonly state: string;
  /** The transition before it, on which pairs depend. */
  readonly before: string;
}

const connection = 1_000;

/**
 * The minimum number of connections, and then of inputs, by brute force: the cheapest path over the covered items and the state of the
 * connection. A connection costs more than all inputs.
 */
function fewest(machine: MealyMachine, cover: Cover): { connections: number; inputs: number } {
  const all = [...allOf(machine, cover)];
  const bit = new Map(all.map((one, at) => [one, 1 << at]));
  const buckets: Place[][] = [];
  const add = (cost: number, place: Place) => {
    const bucket = buckets[cost] ?? [];
    buckets[cost] = bucket;
    bucket.push(place);
  };
  const begun = (mask: number) => ({ mask, state: machine.initial, before: 'the reset' });
  const seen = new Set<string>();
  add(connection, begun(0));
  for (let cost = connection; ; cost += 1) {
    for (const { mask, state, before } of buckets[cost] ?? []) {
      const here = cover === 'states' ? mask | (bit.get(state) ?? 0) : mask;
      const key = `${here} ${state} ${before}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (here === (1 << all.length) - 1) {
        return { connections: Math.floor(cost / connection), inputs: cost % connection };
      }
      add(cost + connection, begun(here));
      if (machine.isTerminal?.(state)) continue;
      for (const input of machine.inputs) {
        const transition = `${state} ${input}`;
        const covered = cover === 'pairs' ? `${before}, ${transition}` : transition;
        add(cost + 1, {
          mask: cover === 'states' ? here : here | (bit.get(covered) ?? 0),
          state: machine.step(state, input).to,
          before: cover === 'pairs' ? transition : '',
        });
      }
    }
  }
}

describe('connections that cover a machine', () => {
  it.each(['states', 'transitions', 'pairs'] as const)(
    'cover all %s and stop at the end of the session',
    (cover) => {
      fc.assert(
        fc.property(drawnMachines(6, 3, 2).map(machineOf), (machine) => {
          const covered = new Set(
            [...sequencesOf(machine, cover, 1)].flatMap((one) => coveredBy(machine, one, cover)),
          );
          if (cover === 'states') covered.add(machine.initial);
          expect([...covered].sort()).toEqual([...allOf(machine, cover)].sort());
        }),
        { numRuns: 200 },
      );
    },
  );

  it.each([
    ['states', 6, 2],
    ['transitions', 4, 2],
    ['pairs', 3, 2],
  ] as const)(
    'are as few, and for transitions and pairs as short, as brute force finds: %s',
    (cover, states, inputs) => {
      fc.assert(
        fc.property(drawnMachines(states, inputs, 2).map(machineOf), (machine) => {
          const found = [...sequencesOf(machine, cover, 1)];
          if (allOf(machine, cover).size > 12) return;
          const { connections, inputs } = fewest(machine, cover);
          // A single state needs no connection.
          expect(Math.max(1, found.length)).toBe(connections);
          if (cover !== 'states') expect(found.flat()).toHaveLength(inputs);
        }),
        { numRuns: 150 },
      );
    },
  );
});
