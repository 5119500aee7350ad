import { type } from 'arktype';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, setup } from 'xstate';
import { z } from 'zod';
import { type ModelOptions, modelOf } from '../../../machines/engine/model/index.js';
import { actorSystem, playSuite } from '../../../machines/engine/playing/index.js';
import { type Criterion, estimateSuite, suiteOf } from '../../../machines/engine/testgen/index.js';
import { corpus } from '../table/corpus.js';

const shop = setup({
  types: { events: {} as { type: 'PAY'; amount: number; method?: string } | { type: 'CANCEL' } },
  guards: {
    isEnough: ({ event }) => event.type === 'PAY' && event.amount >= 10,
    isCard: ({ event }) => event.type === 'PAY' && event.method === 'card',
  },
}).createMachine({
  id: 'shop',
  initial: 'open',
  states: {
    open: {
      on: {
        PAY: [
          { guard: 'isCard', target: 'checking' },
          { guard: 'isEnough', target: 'paid' },
        ],
        CANCEL: 'closed',
      },
    },
    checking: {},
    paid: { tags: 'done' },
    closed: {},
  },
});

const guardsOf = (options: ModelOptions) =>
  modelOf(shop, options).table.guards.map(({ guard, wasTrue, wasFalse }) => [
    guard,
    wasTrue,
    wasFalse,
  ]);
const both = [
  ['isCard', true, true],
  ['isEnough', true, true],
];

describe('the data of events', () => {
  it('without any, guards have one result only, and the table says which', () => {
    expect(guardsOf({})).toEqual([
      ['isCard', false, true],
      ['isEnough', false, true],
    ]);
  });

  it('may be given as values: each is an input, equal ones are one', () => {
    const PAY = [{ amount: 1 }, { amount: 10 }, { amount: 11 }, { amount: 1, method: 'card' }];
    expect(guardsOf({ payloads: { PAY } })).toEqual(both);
    expect(modelOf(shop, { payloads: { PAY } }).inputs).toEqual([
      'CANCEL',
      'PAY {"amount":1}',
      'PAY {"amount":10}',
      'PAY {"amount":1,"method":"card"}',
    ]);
  });

  it('may come from fast-check', () => {
    const arbitrary = fc.record(
      { amount: fc.nat(20), method: fc.constantFrom('card', 'cash') },
      { requiredKeys: ['amount'] },
    );
    const PAY = (count: number, seed: number) => fc.sample(arbitrary, { numRuns: count, seed });
    expect(guardsOf({ payloads: { PAY } })).toEqual(both);
    const inputs = () => modelOf(shop, { payloads: { PAY } }).inputs;
    expect(inputs()).toEqual(inputs());
  });

  it.each([
    [
      'zod',
      z.object({ amount: z.number().min(0).max(10), method: z.enum(['card', 'cash']).optional() }),
    ],
    ['arktype', type({ amount: '0 <= number <= 10', 'method?': "'card' | 'cash'" })],
  ])('may come from a schema of %s: its boundaries and enumerations', (_name, PAY) => {
    expect(guardsOf({ payloads: { PAY: PAY as never } })).toEqual(both);
  });

  it.each([
    ['an empty list', [], 'payloads of PAY: no values'],
    ['values that are not objects', [1], 'payloads of PAY: 1; expected objects'],
    ['an arbitrary of fast-check', fc.nat(), 'write (count, seed) => fc.sample('],
    ['something else', 5, 'expected a list of objects, a function'],
    [
      'a schema without JSON Schema',
      { '~standard': { vendor: 'mine', validate: () => ({}) } },
      'this schema of mine cannot be written as JSON Schema',
    ],
  ])('that is %s is refused', (_what, PAY, message) => {
    expect(() => modelOf(shop, { payloads: { PAY: PAY as never } })).toThrow(message);
  });

  it('may be given as events by the names of inputs; other event types stay inputs', () => {
    const events = { 'pays all': { type: 'PAY', amount: 10 } };
    expect(modelOf(shop, { events }).inputs).toEqual(['CANCEL', 'pays all']);
  });
});

describe('what is observed', () => {
  const quiet = createMachine({
    id: 'quiet',
    initial: 'a',
    states: { a: { on: { X: 'b' } }, b: { tags: ['busy'], on: { X: 'a' } } },
  });

  it.each([
    ['actions', ['', '']],
    ['value', ['in b', 'in a']],
    ['tags', ['tagged busy', '']],
    [['value', 'tags'] as const, ['in b; tagged busy', 'in a']],
  ] as const)('%s', (outputs, expected) => {
    const steps = modelOf(quiet, { outputs }).expect(['X', 'X']);
    expect(steps.map(({ output }) => output)).toEqual(expected);
  });

  it('is also the end of a chart, and its failure', () => {
    const ends = createMachine({
      initial: 'a',
      states: {
        a: {
          on: {
            END: 'z',
            FAIL: {
              actions: assign(() => {
                throw new Error('no');
              }),
            },
          },
        },
        z: { type: 'final' },
      },
    });
    const model = modelOf(ends, { outputs: 'value' });
    expect(model.expect(['END'])[0]?.output).toBe('in z; chart done');
    expect(model.expect(['FAIL'])[0]?.output).toBe('in a; chart error');
  });
});

describe('time', () => {
  const timers = (delays: Record<string, number>) =>
    createMachine({
      type: 'parallel',
      states: {
        one: { initial: 'a', states: { a: { after: { [`${delays.one}`]: 'b' } }, b: {} } },
        two: { initial: 'c', states: { c: { after: { [`${delays.two}`]: 'd' } }, d: {} } },
      },
    });

  it('goes on to the next timer: no case lets a long timer expire before a short one', () => {
    const first = (delays: Record<string, number>) =>
      modelOf(timers(delays), { outputs: 'value' }).expect(['silence'])[0]?.output;
    expect(first({ one: 10, two: 20 })).toBe('in (one.b, two.c)');
    expect(first({ one: 20, two: 10 })).toBe('in (one.a, two.d)');
  });

  const dynamic = setup({
    types: { context: {} as { wait: number } },
    delays: { backoff: ({ context }) => context.wait },
  }).createMachine({
    id: 'dynamic',
    context: { wait: 100 },
    initial: 'a',
    states: {
      a: {
        after: { backoff: 'b' },
      },
      b: { on: { AGAIN: { target: 'a', actions: assign({ wait: 200 }) } } },
    },
  });

  it('needs a delay for a timer that has several', () => {
    expect(() => modelOf(dynamic)).toThrow(
      'the timer backoff of the chart dynamic has no known delay: its delay is not always the same. Give it in milliseconds (option delays: { "backoff": 1000 })',
    );
    expect(modelOf(dynamic, { delays: { backoff: 100 } }).inputs).toEqual(['AGAIN', 'silence']);
    expect(() => modelOf(dynamic, { delays: { backoff: -1 } })).toThrow(
      '-1 is not a number of milliseconds, 0 or more',
    );
  });
});

describe('a suite', () => {
  it('with `enabledOnly` has no input without a transition, and takes every transition', () => {
    const model = modelOf(shop, { enabledOnly: true, payloads: { PAY: [{ amount: 10 }] } });
    const suite = [...suiteOf(model, 'transitions')];
    const steps = suite.flatMap((one) => one.steps);
    expect(steps.every(({ edges }) => edges.length > 0)).toBe(true);
    expect(new Set(steps.map(({ input }) => input))).toEqual(
      new Set(['CANCEL', 'PAY {"amount":10}']),
    );
  });

  it('never gives the outcome of an actor that does not run, and w0 still kills what it guarantees', async () => {
    const specimen = corpus['fetch with retry'];
    if (!specimen) throw new Error('no such specimen');
    const model = modelOf(specimen.machine, specimen as ModelOptions);
    for (const criterion of ['w0', 'w1', 'pairs'] as const) {
      for (const { steps } of suiteOf(model, criterion)) {
        for (const { input, from } of steps) expect(model.isPossible(from, input)).toBe(true);
      }
    }
    const { failures } = await playSuite(suiteOf(model, 'w1'), actorSystem(model));
    expect(failures).toEqual([]);
  });

  it('with a maximum length takes the same transitions in shorter cases', () => {
    for (const { machine, events, input, delays } of Object.values(corpus)) {
      const model = modelOf(machine, { events, input, delays } as ModelOptions);
      const edges = (maxLength: number) => {
        const cases = [...suiteOf(model, 'pairs', { maxLength })];
        const pairs = cases.flatMap(({ steps }) =>
          steps.slice(1).map((step, at) => `${steps[at]?.from} ${steps[at]?.input} ${step.input}`),
        );
        return new Set(pairs);
      };
      expect(edges(4)).toEqual(edges(Number.POSITIVE_INFINITY));
    }
  });

  it.each(['states', 'transitions', 'pairs', 'w0', 'w1', 'random:30'] as Criterion[])(
    '%s: is never larger than its estimate',
    (criterion) => {
      for (const [name, specimen] of Object.entries(corpus)) {
        const { machine, events, input, delays } = specimen;
        const model = modelOf(machine, { events, input, delays } as ModelOptions);
        const estimate = estimateSuite(model, criterion);
        const { cases, steps } = suiteOf(model, criterion);
        expect(cases, name).toBeLessThanOrEqual(Math.max(1, estimate.cases));
        if (criterion.startsWith('w')) {
          expect(steps, name).toBeLessThanOrEqual(Math.max(1, estimate.inputs));
        }
      }
    },
  );
});

describe('playing a suite', () => {
  const toggle = createMachine({
    initial: 'off',
    states: { off: { on: { T: 'on' } }, on: { on: { T: 'off' } } },
  });
  const stuck = createMachine({
    initial: 'off',
    states: { off: { on: { T: 'on' } }, on: {} },
  });

  it('finds the difference of another machine, and continues with the other cases', async () => {
    const model = modelOf(toggle);
    const results: boolean[] = [];
    const result = await playSuite(suiteOf(model, 'random:5'), actorSystem(model, stuck), {
      onCase: ({ passed }) => results.push(passed),
    });
    expect(results).toHaveLength(result.cases);
    expect(result.failures[0]?.failure).toMatchObject({
      at: 1,
      input: 'T',
      expected: 'in off',
      observed: 'in on',
    });
  });

  it('counts an exception of the system as a failure of its case, and closes each session', async () => {
    let open = 0;
    const system = {
      start: () => {
        open += 1;
        return {
          take: () => {
            throw new Error('broken');
          },
          close: () => {
            open -= 1;
          },
        };
      },
    };
    const { passed, failures } = await playSuite(suiteOf(modelOf(toggle), 'w0'), system);
    expect(passed).toBe(0);
    expect(String(failures[0]?.failure?.error)).toBe('Error: broken');
    expect(open).toBe(0);
  });

  it('refuses an invalid concurrency, and stops when it is aborted', async () => {
    const model = modelOf(toggle);
    const play = (options: object) => playSuite(suiteOf(model, 'w1'), actorSystem(model), options);
    await expect(play({ concurrency: 0 })).rejects.toThrow('invalid concurrency 0');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(play({ signal })).rejects.toThrow('enough');
  });
});
