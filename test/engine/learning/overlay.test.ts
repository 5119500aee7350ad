/** Two machines are merged for a drawing: what agrees is one state and one edge, and each difference is shown. */
import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { learn } from '../../../machines/engine/learning/learn.js';
import {
  differingRung,
  type Overlay,
  overlayOf,
  rungsOf,
} from '../../../machines/engine/learning/overlay.js';
import {
  silence,
  type TimedEdge,
  type TimedMachine,
  type TimedState,
} from '../../../machines/engine/learning/timed-machine.js';
import { expectedRegistration } from '../../../machines/registration/sut/expected.js';
import { registration } from './servers.js';

const delays = { registrationTimeout: 400, rejectionTimeout: 200 };
const figure = expectedRegistration({ delays });

/** The figure with other edges in one state; null removes an edge. */
function changed(
  name: string,
  edges: Readonly<Record<string, Partial<TimedEdge> | null>>,
  state: Partial<TimedState> = {},
): TimedMachine {
  const states = figure.states.map((one) => {
    if (one.name !== name) return one;
    const entries = Object.entries(one.edges)
      .filter(([input]) => edges[input] !== null)
      .map(([input, edge]) => [input, { ...edge, ...edges[input] }] as const);
    return { ...one, edges: Object.fromEntries(entries), ...state };
  });
  return { ...figure, states };
}

const overlay = (machine: TimedMachine) => overlayOf(figure, machine, 20);

/** `awaiting/rejection: other / EventError (start), different`; without the edges that agree. */
function shown({ edges, states }: Overlay): string[] {
  const nameOf = (id: string) => {
    const state = states.find((one) => one.id === id);
    return state?.expected ?? `${state?.observed} (not in the figure)`;
  };
  return edges
    .filter(({ status }) => status !== 'agrees')
    .map(({ from, to, input, edge, status }) => {
      const { output, clock } = edge;
      return `${nameOf(from)}: ${input} / ${output || 'nothing'} (${clock}) to ${nameOf(to)}, ${status}`;
    });
}

describe('the overlay of a figure and a learned machine', () => {
  it('of equal machines has the edges of one of them, and all agree', () => {
    const { states, edges } = overlay(figure);
    expect(states.map(({ expected, observed }) => [expected, observed])).toEqual(
      ['awaiting/registration', 'registered', 'awaiting/rejection', 'disconnected'].map((name) => [
        name,
        name,
      ]),
    );
    // Eight inputs in three states, and two timeouts.
    expect(edges).toHaveLength(3 * 8 + 2);
    expect(shown({ states, edges })).toEqual([]);
    expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
  });

  it('does not depend on the names of learned states', () => {
    const renamed = JSON.parse(
      JSON.stringify(figure).replaceAll('awaiting/', 'q-').replaceAll('"registered"', '"q"'),
    );
    expect(shown(overlay(renamed))).toEqual([]);
    expect(overlay(renamed).states).toHaveLength(4);
  });

  it('has a missing edge and another one for another output, and for another clock', () => {
    const output = changed('awaiting/rejection', { other: { output: '' } });
    expect(shown(overlay(output))).toEqual([
      'awaiting/rejection: other / EventError (keep) to awaiting/rejection, missing',
      'awaiting/rejection: other / nothing (keep) to awaiting/rejection, different',
    ]);
    const clock = changed('awaiting/rejection', { other: { clock: 'start' } });
    expect(shown(overlay(clock))).toEqual([
      'awaiting/rejection: other / EventError (keep) to awaiting/rejection, missing',
      'awaiting/rejection: other / EventError (start) to awaiting/rejection, different',
    ]);
    const closes = changed('registered', { other: { to: 'disconnected', output: 'closed' } });
    expect(shown(overlay(closes))).toEqual([
      'registered: other / EventAck (none) to registered, missing',
      'registered: other / closed (none) to disconnected, different',
    ]);
  });

  it('shows where a clock runs on that should stop, and the timeout behind it', () => {
    const timeout = { to: 'disconnected', output: 'closed', clock: 'stop', length: 200 } as const;
    const carried = changed('awaiting/rejection', { register: { to: 'late', clock: 'keep' } });
    const registered = figure.states.find(({ name }) => name === 'registered') as TimedState;
    const late: TimedState = { ...registered, name: 'late', timeout };
    expect(shown(overlay({ ...carried, states: [...carried.states, late] }))).toEqual([
      'awaiting/rejection: register / EventAck (stop) to registered, missing',
      'awaiting/rejection: register / EventAck (keep) to registered, different',
      'registered: silence / closed (stop) to disconnected, different',
    ]);
  });

  it('has a timeout that never comes as missing only, and an additional one as different only', () => {
    const never = changed('awaiting/rejection', {}, { timeout: null });
    expect(shown(overlay(never))).toEqual([
      'awaiting/rejection: silence / closed (stop) to disconnected, missing',
    ]);
    const timeout = { to: 'disconnected', output: 'closed', clock: 'stop', length: 900 } as const;
    expect(shown(overlay(changed('registered', {}, { timeout })))).toEqual([
      'registered: silence / closed (stop) to disconnected, different',
    ]);
  });

  it('shows edges and timeouts that were not observed as unseen, with what the figure has', () => {
    const partial = changed(
      'awaiting/rejection',
      { 'too-long': null },
      { timeout: null, isSilenceUnobserved: true },
    );
    expect(shown(overlay(partial))).toEqual([
      'awaiting/rejection: too-long / EventError closed (stop) to disconnected, unseen',
      'awaiting/rejection: silence / closed (stop) to disconnected, unseen',
    ]);
  });

  it('has the states that only the server has, and those that it never reaches', () => {
    const own: TimedState = {
      name: 'locked',
      isClosed: false,
      timeout: null,
      edges: { register: { to: 'locked', output: 'EventError', clock: 'none' } },
    };
    const locked = changed('awaiting/registration', { register: { to: 'locked', output: '' } });
    const never = changed('awaiting/registration', {
      register: { output: 'closed', to: 'disconnected' },
    });
    const machine = { ...locked, states: [...locked.states, own] };
    const { states, edges } = overlay(machine);
    // The state is reached in another way, too, so it belongs to nothing.
    expect(states.filter(({ status }) => status !== null)).toMatchObject([
      { expected: null, observed: 'locked', status: 'different' },
    ]);
    expect(shown({ states, edges })).toEqual([
      'awaiting/registration: register / EventAck (stop) to registered, missing',
      'awaiting/registration: register / nothing (stop) to locked (not in the figure), different',
      'locked (not in the figure): register / EventError (none) to locked (not in the figure), different',
    ]);
    const lonely = { ...never, states: never.states.filter(({ name }) => name !== 'registered') };
    const noWay = {
      ...lonely,
      states: lonely.states.map((state) =>
        state.name === 'awaiting/rejection' && state.edges.register
          ? {
              ...state,
              edges: {
                ...state.edges,
                register: { ...state.edges.register, output: 'closed', to: 'disconnected' },
              },
            }
          : state,
      ),
    };
    const unreached = overlay(noWay).states.filter(({ status }) => status !== null);
    expect(unreached).toMatchObject([
      { expected: 'registered', observed: null, status: 'missing' },
    ]);
  });

  it('gives each edge a shortest session that takes it, and each difference a differing edge', () => {
    const machine = changed('awaiting/rejection', { register: { output: 'EventError' } });
    const { edges } = overlay(machine);
    for (const { witness, edge, status } of edges) {
      const rungs = rungsOf(status === 'missing' ? figure : machine, witness);
      expect(rungs.map(({ input }) => input)).toEqual(witness);
      expect(rungs.at(-1)?.edge).toEqual(edge);
    }
    const differing = edges.filter(({ status }) => status === 'different');
    const differences = differencesOf(figure, machine, 20);
    expect(differing.map(({ witness }) => witness)).toEqual(
      differences.map(({ witness }) => witness),
    );
  });
});

describe('every server with one other edge', () => {
  const targets = figure.states.map(({ name }) => name);
  const others = (input: string): Partial<TimedEdge>[] => [
    ...['EventAck', 'EventError', '', 'closed'].map((output) => ({
      output,
      ...(output === 'closed' && { to: 'disconnected' }),
    })),
    ...(['start', 'keep', 'stop', 'none'] as const).map((clock) => ({ clock })),
    ...targets.map((to) => ({ to, ...(to === 'disconnected' && { output: `${input} closed` }) })),
  ];
  const machines = figure.states.flatMap(({ name, edges }) =>
    Object.keys(edges).flatMap((input) =>
      others(input).map((edge) => changed(name, { [input]: edge })),
    ),
  );

  it('has an edge that differs for each difference, and no edge without its states', () => {
    expect(machines.length).toBeGreaterThan(200);
    for (const machine of machines) {
      const { states, edges } = overlay(machine);
      const byId = new Map(states.map((state) => [state.id, state]));
      for (const { from, to } of edges)
        expect([byId.has(from), byId.has(to)]).toEqual([true, true]);
      for (const difference of differencesOf(figure, machine, 20)) {
        const shows = edges.filter(
          ({ from, input, status }) =>
            input === difference.input &&
            (status === 'missing' || status === 'different') &&
            byId.get(from)?.expected === difference.expectedState &&
            byId.get(from)?.observed === difference.observedState,
        );
        expect(shows.length, JSON.stringify(difference)).toBeGreaterThan(0);
      }
    }
  });
});

describe('the overlay of a machine that was learned', () => {
  it('of a right server has no difference', async () => {
    const { machine } = await learn(registration());
    const { states, edges } = overlay(machine);
    expect(states.map(({ observed }) => observed)).toEqual(['s0', 's1', 's2', 'closed']);
    expect(shown({ states, edges })).toEqual([]);
  });
});

describe('the rungs of a session', () => {
  it('differ from the first other answer or clock on', () => {
    const machine = changed('awaiting/rejection', { other: { clock: 'start' } });
    const at = (witness: readonly string[], observed: TimedMachine) =>
      differingRung(rungsOf(figure, witness), rungsOf(observed, witness), 20);
    expect(at(['other', 'other', silence], machine)).toBe(1);
    expect(at(['other', silence], machine)).toBe(1);
    const silent = changed('awaiting/registration', { other: { output: '' } });
    expect(at(['other', 'other'], silent)).toBe(0);
  });

  it('end behind an input that was not observed, and behind the end of the connection', () => {
    const machine = changed('registered', { other: null });
    expect(rungsOf(machine, ['register', 'other', 'other'])).toMatchObject([
      { input: 'register', isKnown: true },
      { input: 'other', edge: null, isKnown: false },
    ]);
    expect(rungsOf(machine, ['register', 'constructor'])[1]).toMatchObject({ isKnown: false });
    expect(rungsOf(machine, [silence, 'register'])).toHaveLength(1);
    expect(rungsOf(machine, ['register', silence])[1]).toEqual({
      input: silence,
      edge: null,
      isKnown: true,
    });
  });
});
