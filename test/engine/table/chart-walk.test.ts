import { describe, expect, it } from 'vitest';
import { assign, createMachine } from 'xstate';
import { ChartWalk } from '../../../machines/engine/table/chart-walk.js';
import { corpus } from './corpus.js';

const light = createMachine({
  initial: 'red',
  states: {
    red: { after: { 300: { target: 'green', actions: 'note' } }, on: { SKIP: 'green' } },
    green: { on: { STOP: 'red', '*': { actions: 'note' } } },
  },
});

const specimen = (name: string) => {
  const { machine, input } = corpus[name] ?? {};
  if (!machine) throw new Error(`no specimen ${name}`);
  return new ChartWalk(machine, { input });
};

describe('a walk through a chart', () => {
  it('takes events and timers, and continues from any state that was reached', () => {
    const walk = new ChartWalk(light);
    const start = walk.start();
    expect(start).toMatchObject({ id: 0, value: 'red', timers: ['300'] });
    const green = walk.take(0, '300');
    expect(green).toMatchObject({ id: 1, value: 'green', actions: ['note'], timers: [] });
    expect(walk.take(1, { type: 'STOP' })).toMatchObject({ id: 2, value: 'red' });
    expect(walk.take(0, { type: 'SKIP' })).toMatchObject({ id: 3, value: 'green', actions: [] });
    expect(walk.take(1, '300')).toBeNull();
    expect(walk.take(99, { type: 'SKIP' })).toBeNull();
  });

  it('says what has an effect in a state', () => {
    const { inputs } = new ChartWalk(light).start();
    expect(inputs.map(({ name, kind, effect }) => [name, kind, effect])).toEqual([
      ['SKIP', 'event', 'step'],
      ['STOP', 'event', 'none'],
      ['*', 'event', 'none'],
      ['300', 'timer', 'step'],
    ]);
  });

  it('names the data that a guard reads, and takes an event with any data', () => {
    const walk = specimen('tic-tac-toe on three fields');
    const { inputs } = walk.start();
    expect(inputs).toMatchObject([{ name: 'PLAY', effect: 'data', needs: ['at'] }]);
    const played = walk.take(0, { type: 'PLAY', at: 1 } as never);
    expect(played?.context).toEqual({ fields: [null, 'x', null], player: 'o' });
    expect(walk.take(1, { type: 'PLAY', at: 1 } as never)).toBeNull();
  });

  it('has the outcome of an actor only while it runs', () => {
    const walk = specimen('an actor of a promise');
    const done = { type: 'xstate.done.actor.load' };
    walk.start();
    expect(walk.take(0, done)).toMatchObject({ value: 'b', actors: [] });
    expect(walk.take(1, done)).toBeNull();
  });

  it('ends with the exception of an action, and no input is left', () => {
    const walk = specimen('an assignment that throws');
    walk.start();
    walk.take(0, { type: 'X' });
    expect(walk.take(1, { type: 'Y' })).toMatchObject({ error: 'boom', inputs: [] });
  });

  it('needs no end: a chart that counts without limit can be walked', () => {
    const counter = createMachine({
      context: { n: 0 },
      on: {
        UP: {
          guard: ({ context }) => context.n >= 0,
          actions: assign({ n: ({ context }) => context.n + 1 }),
        },
      },
    });
    const walk = new ChartWalk(counter);
    let step = walk.start();
    for (let count = 0; count < 100; count += 1) step = walk.take(step.id, { type: 'UP' }) ?? step;
    expect(step.context).toEqual({ n: 100 });
  });
});
