import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Abort } from '../../../adapters/server/abort.js';
import { ValidationQueue } from '../../../adapters/server/limits/index.js';

/** Of one who waits to the end. */
const patient = new Abort();
setMaxListeners(0, patient.signal);

/** Validations that the test decides. */
function validations(most: number) {
  const queue = new ValidationQueue(most);
  const begun: string[] = [];
  const decide = new Map<string, PromiseWithResolvers<string>>();
  const run = (name: string, until = patient) =>
    queue.run(until, () => {
      begun.push(name);
      const decision = withResolvers<string>();
      decide.set(name, decision);
      return decision.promise;
    });
  /** Decides one, and lets everything that follows from it happen. */
  const settle = async (name: string) => {
    decide.get(name)?.resolve(`${name} is valid`);
    await turn();
  };
  return { queue, begun, run, settle, decide };
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

function aborted(): Abort {
  const abort = new Abort();
  abort.abort();
  return abort;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('validations at once', () => {
  it('are so many at most; the rest wait in order', async () => {
    const { queue, begun, run, settle } = validations(2);
    const verdicts = ['a', 'b', 'c', 'd', 'e'].map((name) => run(name));
    expect(begun).toEqual(['a', 'b']);
    expect([queue.running, queue.waiting]).toEqual([2, 3]);
    await settle('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await settle('c');
    await settle('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    await settle('e');
    await settle('d');
    expect(await Promise.all(verdicts)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((name) => `${name} is valid`),
    );
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('return a synchronous result at once, and then do not count', () => {
    const queue = new ValidationQueue(1);
    expect(queue.run(patient, () => 'valid')).toBe('valid');
    expect(queue.run(patient, () => 'valid')).toBe('valid');
    expect(queue.running).toBe(0);
  });

  it('free their place when they throw, at once or later, and give the error to who asked', async () => {
    const { queue, run, begun, decide, settle } = validations(1);
    const broken = () => {
      throw new Error('broken');
    };
    expect(() => queue.run(patient, broken)).toThrow('broken');
    expect(queue.running).toBe(0);

    const first = run('first') as Promise<string>;
    const throwsAtOnce = queue.run(patient, broken) as Promise<never>;
    const rejects = queue.run(patient, () => Promise.reject(new Error('later'))) as Promise<never>;
    const last = run('last');
    const told = Promise.allSettled([first, throwsAtOnce, rejects]);
    decide.get('first')?.reject(new Error('refused'));
    const outcomes = (await told).map((one) => one.status === 'rejected' && one.reason.message);
    expect(outcomes).toEqual(['refused', 'broken', 'later']);
    await turn();
    expect(begun).toEqual(['first', 'last']);
    await settle('last');
    expect(await last).toBe('last is valid');
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('hold their place for the promise of another library too', async () => {
    const { queue, begun, run } = validations(1);
    let decide: (verdict: string) => void = () => {};
    const foreign = {
      // biome-ignore lint/suspicious/noThenProperty: that is what a promise of another library is.
      then: (resolve: typeof decide) => {
        decide = resolve;
      },
    };
    const verdict = queue.run(patient, () => foreign as unknown as PromiseLike<string>);
    expect(verdict).toBeInstanceOf(Promise);
    void run('next');
    await turn();
    expect([queue.running, begun]).toEqual([1, []]);
    decide('valid');
    expect(await verdict).toBe('valid');
    await turn();
    expect(begun).toEqual(['next']);
  });

  it('begin though a hundred thousand before them are decided at once', async () => {
    const { queue, run, settle } = validations(1);
    void run('slow');
    const most = 100_000;
    const verdicts = Array.from({ length: most }, (_, index) =>
      queue.run(new Abort(), () => index),
    );
    await settle('slow');
    expect((await Promise.all(verdicts)).at(-1)).toBe(most - 1);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });
});

describe('a validation whose verdict is not needed any more', () => {
  it('is never run, leaves the queue at once, and leaves no listener', async () => {
    const { queue, begun, run, settle } = validations(1);
    const gone = new Abort();
    let settled = false;
    void run('a');
    const verdict = run('b', gone) as Promise<string>;
    void verdict.finally(() => {
      settled = true;
    });
    const last = run('c');
    expect(queue.waiting).toBe(2);
    gone.abort();
    expect(queue.waiting).toBe(1);
    await settle('a');
    expect(begun).toEqual(['a', 'c']);
    await settle('c');
    expect(await last).toBe('c is valid');
    expect(settled).toBe(false);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('is never run where there would be room either', async () => {
    const { queue, begun, run } = validations(1);
    let settled = false;
    const verdict = run('a', aborted()) as Promise<string>;
    void verdict.finally(() => {
      settled = true;
    });
    await turn();
    expect([begun, settled, queue.running, queue.waiting]).toEqual([[], false, 0, 0]);
  });

  it('leaves no listener on a signal that outlives it, whether it waited or not', async () => {
    const { queue, run, settle } = validations(1);
    const long = new Abort();
    let listeners = 0;
    const { addEventListener, removeEventListener } = long.signal;
    Object.assign(long.signal, {
      addEventListener: (...rest: Parameters<typeof addEventListener>) => {
        listeners += 1;
        addEventListener.apply(long.signal, rest);
      },
      removeEventListener: (...rest: Parameters<typeof removeEventListener>) => {
        listeners -= 1;
        removeEventListener.apply(long.signal, rest);
      },
    });
    void run('a', long);
    void run('b', long);
    expect(listeners).toBe(1);
    await settle('a');
    await settle('b');
    expect([listeners, queue.running]).toEqual([0, 0]);
  });

  it('keeps its place until it is decided, if it has begun', async () => {
    const { queue, begun, run, settle } = validations(1);
    const gone = new Abort();
    void run('a', gone);
    void run('b');
    gone.abort();
    await turn();
    expect([queue.running, begun]).toEqual([1, ['a']]);
    await settle('a');
    expect(begun).toEqual(['a', 'b']);
  });
});

describe('how many validations run at once', () => {
  it('may be raised while some run: those who wait begin at once', () => {
    const { queue, begun, run } = validations(1);
    for (const name of ['a', 'b', 'c', 'd']) void run(name);
    queue.max = 3;
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(queue.max).toBe(3);
  });

  it('may be lowered while some run: none begins until fewer run', async () => {
    const { queue, begun, run, settle } = validations(3);
    for (const name of ['a', 'b', 'c', 'd', 'e']) void run(name);
    queue.max = 1;
    await settle('a');
    await settle('b');
    expect([begun, queue.running]).toEqual([['a', 'b', 'c'], 1]);
    await settle('c');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('holds in every order of asking, deciding, leaving and changing it', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({
          do: fc.constant('ask' as const),
          kind: fc.constantFrom('later', 'at once', 'throws'),
        }),
        fc.record({ do: fc.constantFrom('decide' as const, 'leave' as const), which: fc.nat(20) }),
        fc.record({ do: fc.constant('most' as const), most: fc.integer({ min: 1, max: 4 }) }),
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (most, schedule) => {
        const queue = new ValidationQueue(most);
        const asked: { leave: Abort; left: boolean; ran: boolean; settled: number }[] = [];
        const open: PromiseWithResolvers<string>[] = [];
        const order: number[] = [];
        const ask = (kind: string) => {
          const one = { leave: new Abort(), left: false, ran: false, settled: 0 };
          const number = asked.push(one) - 1;
          const begin = () => {
            expect(one.left, 'one that left before it began is never run').toBe(false);
            one.ran = true;
            order.push(number);
            expect(queue.running).toBeLessThanOrEqual(queue.max);
            if (kind === 'at once') return 'valid';
            if (kind === 'throws') throw new Error('broken');
            const decision = withResolvers<string>();
            open.push(decision);
            return decision.promise;
          };
          const settled = () => {
            one.settled += 1;
          };
          try {
            const verdict = queue.run(one.leave, begin);
            if (verdict instanceof Promise) verdict.then(settled, settled);
            else settled();
          } catch {
            settled();
          }
        };
        for (const step of schedule) {
          if (step.do === 'ask') ask(step.kind);
          if (step.do === 'most') queue.max = step.most;
          if (step.do === 'decide') open.splice(step.which % (open.length || 1), 1)[0]?.resolve('');
          if (step.do === 'leave') {
            const one = asked[step.which % (asked.length || 1)];
            if (one && !one.ran) one.left = true;
            one?.leave.abort();
          }
          await turn();
          expect(queue.running).toBe(open.length);
          const waiting = asked.filter(({ left, ran }) => !left && !ran).length;
          expect(queue.waiting).toBe(waiting);
          if (waiting > 0)
            expect(queue.running, 'no place is left empty').toBeGreaterThanOrEqual(queue.max);
        }
        while (open.length > 0) {
          open.shift()?.resolve('');
          await turn();
        }
        expect([queue.running, queue.waiting]).toEqual([0, 0]);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        for (const { left, settled } of asked) expect(settled).toBe(left ? 0 : 1);
      }),
      { numRuns: 200 },
    );
  });
});
