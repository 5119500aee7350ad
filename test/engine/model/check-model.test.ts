import { describe, expect, it } from 'vitest';
import { assign, createMachine, fromPromise, setup } from 'xstate';
import { type ChartProperties, checkModel, modelOf } from '../../../machines/engine/model/index.js';

const light = createMachine({
  id: 'light',
  initial: 'green',
  states: {
    green: { tags: 'go', after: { 1000: 'yellow' } },
    yellow: { after: { 500: 'red' } },
    red: { initial: 'walk', states: { walk: {} }, after: { 800: 'green' }, on: { BREAK: 'dark' } },
    dark: { on: { REPAIR: 'red' } },
  },
});

/** The verdict of the one property, with the inputs of its counterexample. */
function verdictOf(machine: Parameters<typeof modelOf>[0], properties: ChartProperties) {
  const { verdicts } = checkModel(modelOf(machine), properties);
  const counterexample = verdicts.at(-1)?.counterexample ?? null;
  return (
    counterexample && {
      steps: counterexample.steps.map(({ input }) => input),
      forEver: counterexample.forEver?.map(({ input }) => input) ?? null,
    }
  );
}

describe('a property of states', () => {
  it('holds with `never` when no path reaches such a state', () => {
    const both = ({ matches }: { matches(path: string): boolean }) =>
      matches('green') && matches('red');
    expect(verdictOf(light, { never: { both } })).toBe(null);
  });

  it('is violated with a shortest path', () => {
    expect(verdictOf(light, { never: { dark: 'dark' } })).toEqual({
      steps: ['1000', '500', 'BREAK'],
      forEver: null,
    });
    expect(verdictOf(light, { always: { lit: ({ name }) => name !== 'dark' } })?.steps).toEqual([
      '1000',
      '500',
      'BREAK',
    ]);
  });

  it('may name a state by its path, or a tag', () => {
    expect(verdictOf(light, { never: { walk: 'red.walk' } })?.steps).toEqual(['1000', '500']);
    expect(verdictOf(light, { never: { go: '#go' } })?.steps).toEqual([]);
  });

  it.each([
    [
      { never: { a: 'rde' } },
      'the chart has no state "rde"; it has green, yellow, red, red.walk, dark',
    ],
    [{ never: { a: '#gone' } }, 'no state has the tag "gone"; the chart has go'],
    [{ due: ['REPAIRS'] }, 'due has "REPAIRS"; the inputs of the chart are'],
  ])('with an unknown name is refused: %j', (properties, message) => {
    expect(() => verdictOf(light, properties)).toThrow(message);
  });

  it('may read what of the context decides, and nothing else', () => {
    const counter = setup({ types: {} as { context: { n: number; seen: number } } }).createMachine({
      id: 'counter',
      context: { n: 0, seen: 0 },
      initial: 'a',
      states: {
        a: {
          on: {
            UP: {
              guard: ({ context }) => context.n < 3,
              actions: assign({
                n: ({ context }) => context.n + 1,
                seen: ({ context }) => context.seen + 2,
              }),
            },
          },
        },
      },
    });
    expect(
      verdictOf(counter, { always: { 'at most 3': ({ context }) => Number(context.n) <= 3 } }),
    ).toBe(null);
    expect(
      verdictOf(counter, { always: { 'at most 2': ({ context }) => Number(context.n) <= 2 } })
        ?.steps,
    ).toEqual(['UP', 'UP', 'UP']);
    expect(() => verdictOf(counter, { never: { a: ({ context }) => context.seen === 2 } })).toThrow(
      'a property of the chart counter reads context.seen, which does not decide what the chart does',
    );
  });
});

describe('a chart that can crash', () => {
  it('violates `crash`, with the shortest path to the exception', () => {
    const fragile = createMachine({
      id: 'fragile',
      initial: 'a',
      states: {
        a: { on: { GO: 'b' } },
        b: {
          on: {
            READ: {
              actions: assign(() => {
                throw new Error('no data');
              }),
            },
          },
        },
      },
    });
    const { verdicts } = checkModel(modelOf(fragile), {});
    expect(verdicts).toMatchObject([{ kind: 'crash', counterexample: { forEver: null } }]);
    expect(verdicts[0]?.counterexample?.steps.map(({ input, to }) => [input, to])).toEqual([
      ['GO', 'b'],
      ['READ', 'error: no data'],
    ]);
  });
});

describe('a property of paths', () => {
  it('holds when timers alone lead there: a running timer expires', () => {
    expect(verdictOf(light, { eventually: { red: 'red' } })).toBe(null);
  });

  it('is violated by a state in which nothing has to happen', () => {
    expect(verdictOf(light, { leadsTo: { repaired: ['dark', 'red'] } })).toEqual({
      steps: ['1000', '500', 'BREAK'],
      forEver: [],
    });
    expect(verdictOf(light, { leadsTo: { repaired: ['dark', 'red'] }, due: ['REPAIR'] })).toBe(
      null,
    );
  });

  it('is violated by a cycle that never gets there', () => {
    expect(verdictOf(light, { eventually: { dark: 'dark' } })).toEqual({
      steps: [],
      forEver: ['1000', '500', '800'],
    });
  });

  it('is violated by the end of the chart', () => {
    const short = createMachine({
      initial: 'a',
      states: { a: { after: { 5: 'end', 9: 'b' }, on: { B: 'b' } }, b: {}, end: { type: 'final' } },
    });
    expect(verdictOf(short, { eventually: { b: 'b' } })).toEqual({ steps: ['5'], forEver: [] });
  });

  it('holds when the outcomes of actors are due, and retries are limited by nothing', () => {
    const load = setup({ actors: { load: fromPromise(async () => {}) } }).createMachine({
      initial: 'loading',
      states: {
        loading: { invoke: { src: 'load', id: 'load', onDone: 'ready', onError: 'failed' } },
        failed: { after: { 100: 'loading' } },
        ready: {},
      },
    });
    expect(verdictOf(load, { eventually: { ready: 'ready' } })).toMatchObject({
      steps: [],
      forEver: [],
    });
    // Weak fairness: the promise may fail each time.
    const due = ['xstate.done.actor.load', 'xstate.error.actor.load'];
    expect(verdictOf(load, { eventually: { ready: 'ready' }, due })).toEqual({
      steps: [],
      forEver: ['xstate.error.actor.load', '100'],
    });
    expect(
      verdictOf(load, { eventually: { settled: ({ value }) => value !== 'loading' }, due }),
    ).toBe(null);
  });
});
