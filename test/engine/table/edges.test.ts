import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { edgesOf, exploreMachine, stepOf } from '../../../machines/engine/table/index.js';
import { player, timed } from './charts.js';

const idsOf = (machine: Parameters<typeof edgesOf>[0]) => edgesOf(machine).map(({ id }) => id);

describe('the ids of transitions', () => {
  it('are the key of the state, and the event or the delay', () => {
    expect(idsOf(player)).toContain('mute:MUTE');
    const long = edgesOf(timed).find(({ id }) => id === 'busy:long');
    expect(long).toMatchObject({ event: 'long', timer: true, actions: ['note'], stays: false });
  });

  it('begin with the path where several states with transitions have one key', () => {
    const twice = createMachine({
      id: 'twice',
      initial: 'a',
      states: {
        a: { initial: 'on', states: { on: { on: { X: '#b' } } } },
        b: { id: 'b', initial: 'on', states: { on: { on: { X: '#twice.a' } } } },
      },
    });
    expect(idsOf(twice)).toEqual(['a.on:X', 'b.on:X']);
  });

  it('are numbered where one state has several transitions for an event, and name those without an event', () => {
    const door = createMachine({
      id: 'door',
      initial: 'shut',
      context: { isLocked: false },
      states: {
        shut: {
          on: {
            PUSH: [
              { guard: ({ context }) => context.isLocked, actions: 'rattle' },
              { target: 'moving' },
            ],
          },
        },
        moving: { always: 'open' },
        open: {},
      },
    });
    expect(idsOf(door)).toEqual(['shut:PUSH', 'shut:PUSH (2)', 'moving:always']);
    const table = exploreMachine(door);
    expect(stepOf(table, table.initial, 'PUSH').transitions).toEqual([
      'shut:PUSH (2)',
      'moving:always',
    ]);
  });

  it('of a step are those of each region, and no inner transition is taken with its outer one', () => {
    const regions = createMachine({
      id: 'regions',
      type: 'parallel',
      states: {
        left: {
          initial: 'one',
          on: { X: '.two' },
          states: { one: { on: { X: 'two' } }, two: {} },
        },
        right: { initial: 'idle', states: { idle: { on: { X: 'busy' } }, busy: {} } },
      },
    });
    const table = exploreMachine(regions);
    const step = stepOf(table, table.initial, 'X');
    expect(step.transitions).toEqual(['one:X', 'idle:X']);
    expect(stepOf(table, step.to, 'X').transitions).toEqual(['left:X']);
  });
});
