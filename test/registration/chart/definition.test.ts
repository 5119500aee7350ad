import { describe, expect, it } from 'vitest';
import { type AnyStateNode, createActor, SimulatedClock } from 'xstate';
import {
  configurations,
  defaultDelays,
  registrationEdges,
  registrationMachine,
  seated,
  stateNodesOf,
} from '../../../machines/index.js';

const nodes = stateNodesOf(registrationMachine.root);
const transitionsOf = (node: AnyStateNode) => [...node.transitions.values()].flat();
const actionsNamed = (named: unknown): unknown[] =>
  named === undefined ? [] : Array.isArray(named) ? named : [named];

describe('the chart is finite', () => {
  it('has no guard anywhere, so nothing depends on data', () => {
    const guarded = nodes.flatMap((node) => [
      ...transitionsOf(node).filter((transition) => transition.guard !== undefined),
      ...(node.always ?? []).filter((transition) => transition.guard !== undefined),
    ]);
    expect(guarded).toEqual([]);
  });

  it('has no eventless transition, no invoked actor and no history state', () => {
    expect(nodes.filter((node) => node.always !== undefined)).toEqual([]);
    expect(nodes.filter((node) => node.invoke.length > 0)).toEqual([]);
    expect(nodes.filter((node) => node.type === 'history')).toEqual([]);
  });

  it('has at most one transition an event in each state', () => {
    for (const node of nodes) {
      for (const [event, transitions] of node.transitions) {
        expect(transitions, `${node.id} on ${event}`).toHaveLength(1);
      }
    }
  });

  it('keeps the one thing it remembers, the reason, out of every decision but its output', () => {
    expect(Object.keys(registrationMachine.config.context ?? {})).toEqual(['reason']);
  });
});

describe('the chart explains itself', () => {
  it('describes every state', () => {
    expect(nodes.filter((node) => !node.description?.trim()).map((node) => node.id)).toEqual([]);
  });

  it('describes every transition', () => {
    expect(registrationEdges.filter((edge) => !edge.description.trim())).toEqual([]);
  });

  it('gives each transition a unique id', () => {
    const ids = registrationEdges.map((edge) => edge.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('marks a transition unexpected only where nothing changes', () => {
    for (const edge of registrationEdges.filter((candidate) => candidate.unexpected)) {
      expect(edge.stays, edge.id).toBe(true);
      expect(edge.figures, edge.id).toEqual([]);
    }
  });

  it('never claims a documented figure for what its description calls our own choice of step', () => {
    const ours = registrationEdges.filter((edge) => /no figure shows it/i.test(edge.description));
    expect(ours.map((edge) => edge.id)).toContain('registration:registrationTimeout');
    expect(ours.filter((edge) => edge.figures.length > 0)).toEqual([]);
  });
});

describe('delays and actions go by name', () => {
  it('knows exactly two delays, and every timer uses one of them', () => {
    const { delays } = registrationMachine.implementations;
    expect(Object.keys(delays).sort()).toEqual(['registrationTimeout', 'rejectionTimeout']);
    const used = nodes.flatMap((node) => Object.keys(node.config.after ?? {}));
    expect(used.sort()).toEqual(['registrationTimeout', 'rejectionTimeout']);
  });

  it('has no number of milliseconds in a state', () => {
    for (const node of nodes) {
      for (const delay of node.after) expect(typeof delay.delay, node.id).toBe('string');
    }
  });

  it('names every action, and each name is one a seat can supply', () => {
    const names = nodes.flatMap((node) => [
      ...actionsNamed(node.config.entry),
      ...actionsNamed(node.config.exit),
      ...transitionsOf(node).flatMap((transition) => transition.actions),
    ]);
    expect(names.filter((action) => typeof action === 'function')).toEqual([]);
    const types = names.map((action) =>
      typeof action === 'string' ? action : (action as { type: string }).type,
    );
    const known = Object.keys(registrationMachine.implementations.actions);
    expect(types.filter((type) => !known.includes(type))).toEqual([]);
    expect([...new Set(types)].sort()).toEqual(known.sort());
  });

  it('waits ten seconds for a registration and five after a refusal unless a seat says otherwise', () => {
    expect(defaultDelays).toEqual({ registrationTimeout: 10_000, rejectionTimeout: 5_000 });
    expect(registrationMachine.implementations.delays).toMatchObject(defaultDelays);
    const seat = { actions: {}, delays: { registrationTimeout: 7, rejectionTimeout: 3 } };
    for (const [refused, delay] of [
      [false, 7],
      [true, 3],
    ] as const) {
      const clock = new SimulatedClock();
      const actor = createActor(seated(seat), { clock }).start();
      actor.send({ type: 'Connected' });
      if (refused) actor.send({ type: 'EventError' });
      clock.increment(delay - 1);
      expect(actor.getSnapshot().status).toBe('active');
      clock.increment(1);
      expect(actor.getSnapshot().status).toBe('done');
    }
  });

  it('adds no state for a seat: the seated chart has the same states and transitions', () => {
    const provided = seated({ actions: {}, delays: defaultDelays });
    expect(stateNodesOf(provided.root).map((node) => node.id)).toEqual(nodes.map((n) => n.id));
    expect(provided.config).toBe(registrationMachine.config);
    expect(configurations).toHaveLength(9);
  });
});
