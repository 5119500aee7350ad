import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLoopBudget } from '../../../adapters/server/limits/index.js';

/** Turns that come when they are told to, and work that takes as long as it says. */
function simulated(budget: number) {
  let time = 0;
  let scheduled: (() => void)[] = [];
  const turns = new EventLoopBudget(
    budget,
    () => time,
    (run) => scheduled.push(run),
  );
  const done: string[] = [];
  const work = (name: string, milliseconds: number) => () => {
    time += milliseconds;
    done.push(name);
  };
  /** As a connection does: now if it may, else once it is called back. */
  const message = (name: string, milliseconds: number) => {
    if (turns.mayRun()) spend(turns, work(name, milliseconds));
    else turns.wait(() => spend(turns, work(name, milliseconds)));
  };
  const next = () => {
    const due = scheduled;
    scheduled = [];
    for (const run of due) run();
    return done.splice(0);
  };
  return { turns, work, message, next, done, pending: () => scheduled.length };
}

/** Work at the cost of the turn. */
function spend<Result>(turns: EventLoopBudget, work: () => Result): Result {
  const start = turns.begin();
  try {
    return work();
  } finally {
    turns.end(start);
  }
}

describe('the budget of a turn', () => {
  it('is kept: what comes when it is used up waits for a turn that has some left', () => {
    const { message, next, done } = simulated(5);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) message(name, 2);
    expect(done.splice(0)).toEqual(['a', 'b', 'c']);
    expect(next()).toEqual(['d', 'e', 'f']);
    expect(next()).toEqual(['g']);
    expect(next()).toEqual([]);
  });

  it('is new in each turn', () => {
    const { turns, work, next } = simulated(5);
    spend(turns, work('a', 5));
    expect(turns.mayRun()).toBe(false);
    next();
    expect(turns.mayRun()).toBe(true);
  });

  it('lets one message a turn through, however long each takes, and with no budget at all', () => {
    for (const budget of [5, 0]) {
      const { message, next, done } = simulated(budget);
      for (const name of ['a', 'b', 'c']) message(name, 100);
      expect(done.splice(0)).toEqual(['a']);
      expect(next()).toEqual(['b']);
      expect(next()).toEqual(['c']);
    }
  });

  it('is used up in the end by work that the clock cannot see', () => {
    const { message, done } = simulated(1);
    for (let index = 0; index < 2_000; index += 1) message(`${index}`, 0);
    expect(done.length).toBeGreaterThanOrEqual(1_000);
    expect(done.length).toBeLessThan(1_100);
  });

  it('may be changed between turns', () => {
    const { turns, message, next, done } = simulated(5);
    turns.budget = 1;
    for (const name of ['a', 'b', 'c', 'd']) message(name, 1);
    expect(done.splice(0)).toEqual(['a']);
    turns.budget = 2;
    expect(next()).toEqual(['b', 'c']);
    expect(next()).toEqual(['d']);
  });

  it('asks for a turn only when there is something to reset or somebody waits', () => {
    const { turns, work, next, pending } = simulated(5);
    expect(turns.mayRun()).toBe(true);
    expect(pending()).toBe(0);
    spend(turns, work('a', 1));
    spend(turns, work('b', 1));
    expect(pending()).toBe(1);
    next();
    expect(pending()).toBe(0);
  });

  it('holds in the turns of the real event loop', async () => {
    const turns = new EventLoopBudget(1);
    const busy = () => {
      const end = performance.now() + 2;
      while (performance.now() < end);
    };
    spend(turns, busy);
    expect(turns.mayRun()).toBe(false);
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      turns.wait(() => {
        order.push('first');
        spend(turns, busy);
      });
      turns.wait(() => {
        order.push('second');
        resolve();
      });
      setImmediate(() => setImmediate(() => order.push('a turn between')));
      order.push('now');
    });
    expect(order.slice(0, 2)).toEqual(['now', 'first']);
    expect(order.at(-1)).toBe('second');
  });
});

describe('those who wait for a turn', () => {
  it('are called back in the order they came, and once', () => {
    const order = fc.array(fc.nat(12), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), order, (budget, costs) => {
        const { message, next, done } = simulated(budget);
        for (const [index, cost] of costs.entries()) message(`${index}`, cost);
        const through = [...done.splice(0)];
        for (let turn = 0; turn <= costs.length; turn += 1) {
          const inThisTurn = next();
          const before = inThisTurn.slice(0, -1).map((name) => costs[Number(name)] ?? 0);
          // All but the last one of a turn fit into the budget.
          if (before.length > 0) expect(before.reduce((a, b) => a + b)).toBeLessThan(budget);
          through.push(...inThisTurn);
        }
        expect(through).toEqual(costs.map((_, index) => `${index}`));
      }),
    );
  });

  it('are not overtaken by who comes later, nor by the next message of the one that was called back', () => {
    const { turns, work, message, next, done } = simulated(5);
    message('a', 5);
    turns.wait(() => {
      spend(turns, work('b', 1));
      message('b again', 1);
    });
    message('c', 1);
    message('d', 1);
    done.splice(0);
    expect(next()).toEqual(['b', 'c', 'd', 'b again']);
  });

  it('wait no more once they cancel, also when one that is called back cancels another', () => {
    const { turns, work, next } = simulated(5);
    spend(turns, work('a', 5));
    const second = turns.wait(() => spend(turns, work('second', 1)));
    turns.wait(() => {
      spend(turns, work('third', 1));
      fourth.cancel();
      fourth.cancel();
    });
    const fourth = turns.wait(() => spend(turns, work('fourth', 1)));
    turns.wait(() => spend(turns, work('fifth', 1)));
    second.cancel();
    expect(next()).toEqual(['a', 'third', 'fifth']);
    expect(next()).toEqual([]);
    expect(turns.mayRun()).toBe(true);
  });

  it('are many even where it is the same function', () => {
    const { turns, work, next, done } = simulated(5);
    const same = () => spend(turns, work('same', 1));
    turns.wait(same);
    turns.wait(same).cancel();
    turns.wait(same);
    expect(done).toEqual([]);
    expect(next()).toEqual(['same', 'same']);
  });

  it('may wait again without work, and hold neither the turn nor the others', () => {
    const { turns, work, next } = simulated(5);
    let calls = 0;
    const again = () => {
      calls += 1;
      turns.wait(again);
    };
    turns.wait(again);
    turns.wait(() => spend(turns, work('a', 1)));
    expect(next()).toEqual(['a']);
    expect(calls).toBeLessThan(10_000);
    next();
    expect(calls).toBeLessThan(20_000);
  });

  it('get their turn though work before them throws', () => {
    const { turns, work, message, next, done } = simulated(5);
    const broken = () => {
      work('broken', 6)();
      throw new Error('broken');
    };
    expect(() => spend(turns, broken)).toThrow('broken');
    expect(turns.mayRun(), 'what it took is counted').toBe(false);
    turns.wait(() => spend(turns, broken));
    turns.wait(() => {
      throw new Error('broken before it worked');
    });
    message('a', 1);
    done.splice(0);
    expect(next).toThrow('broken');
    expect(next).toThrow('broken before it worked');
    expect(next()).toEqual(['broken', 'a']);
    expect(turns.mayRun()).toBe(true);
  });
});
