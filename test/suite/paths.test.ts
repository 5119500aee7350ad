import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FiniteMachine, sequencesOf } from '../../machines/index.js';
import { drawnMachines, machineOf } from '../explore/random-machine.js';

type Cover = 'states' | 'transitions' | 'pairs';

/** What a sequence covers, and whether it goes on when the session is over. */
function coveredBy(machine: FiniteMachine, sequence: readonly string[], cover: Cover): string[] {
  const covered = cover === 'states' ? [machine.initial] : [];
  let state = machine.initial;
  let before = 'the reset';
  for (const input of sequence) {
    if (machine.isOver?.(state)) throw new Error('it goes on when the session is over');
    const transition = `${state} ${input}`;
    state = machine.step(state, input).to;
    if (cover === 'states') covered.push(state);
    else covered.push(cover === 'transitions' ? transition : `${before}, ${transition}`);
    before = transition;
  }
  return covered;
}

function allOf(machine: FiniteMachine, cover: Cover): Set<string> {
  if (cover === 'states') return new Set(machine.states);
  const active = machine.states.filter((state) => !machine.isOver?.(state));
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

/** The smallest number of connections by brute force: breadth first over what is covered by now, and where the connection is. */
function fewest(machine: FiniteMachine, cover: Cover): number {
  const all = [...allOf(machine, cover)];
  const bit = new Map(all.map((one, at) => [one, 1 << at]));
  const full = (1 << all.length) - 1;
  // A place: the state, and the transition before it, on which pairs depend.
  let open = new Map([
    [`${0} ${machine.initial} the reset`, { mask: 0, state: machine.initial, before: 'the reset' }],
  ]);
  const seen = new Set<string>();
  for (let connections = 1; ; connections += 1) {
    const next = new Map<string, { mask: number; state: string; before: string }>();
    const queue = [...open.values()];
    for (const { mask, state, before } of queue) {
      const here = cover === 'states' ? mask | (bit.get(state) ?? 0) : mask;
      if (here === full) return connections;
      next.set(`${here}`, { mask: here, state: machine.initial, before: 'the reset' });
      if (machine.isOver?.(state)) continue;
      for (const input of machine.inputs) {
        const transition = `${state} ${input}`;
        const covered = cover === 'pairs' ? `${before}, ${transition}` : transition;
        const place = {
          mask: here | (cover === 'states' ? 0 : (bit.get(covered) ?? 0)),
          state: machine.step(state, input).to,
          before: cover === 'pairs' ? transition : '',
        };
        const key = `${place.mask} ${place.state} ${place.before}`;
        if (seen.has(key)) continue;
        seen.add(key);
        queue.push(place);
      }
    }
    open = next;
  }
}

describe('connections that cover a machine', () => {
  it.each(['states', 'transitions', 'pairs'] as const)(
    'cover all %s and end where the session is over',
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
  ] as const)('are as few as brute force finds: %s', (cover, states, inputs) => {
    fc.assert(
      fc.property(drawnMachines(states, inputs, 2).map(machineOf), (machine) => {
        const found = [...sequencesOf(machine, cover, 1)].length;
        if (allOf(machine, cover).size > 16) return;
        // One state without a transition to take needs no connection at all.
        expect(Math.max(1, found)).toBe(fewest(machine, cover));
      }),
      { numRuns: 150 },
    );
  });

  it('are as short as they can be, where the transitions are to be taken', () => {
    // Two closings that one loop away from the start: two connections, and the loop is taken once.
    const machine = machineOf({
      inputs: 2,
      steps: [
        [
          { to: 0, output: 0 },
          { to: 1, output: 0 },
        ],
        [
          { to: 2, output: 0 },
          { to: 2, output: 1 },
        ],
        [
          { to: 2, output: 0 },
          { to: 2, output: 0 },
        ],
      ],
      over: [false, false, true],
    });
    const found = [...sequencesOf(machine, 'transitions', 1)];
    expect(found).toHaveLength(2);
    expect(found.flat()).toHaveLength(5);
  });
});
