import { describe, expect, test } from 'vitest';
import { CostlyAnswer } from '../../adapters/admin/costly-answer.js';

/** An answer that takes a given time to make, on a simulated clock in milliseconds. */
class Costing {
  now = 0;
  made = 0;
  readonly #answer: CostlyAnswer;

  constructor(milliseconds: number) {
    const make = async () => {
      this.made += 1;
      this.now += milliseconds;
      return { status: 200, headers: {}, body: `${this.made}` };
    };
    this.#answer = new CostlyAnswer(make, () => this.now);
  }

  /** @returns the number of the answer that is given. */
  async ask(): Promise<number> {
    return Number(String((await this.#answer.get()).body));
  }
}

describe('An answer that is expensive to make', () => {
  test('T91: takes a tenth of the time when it is asked for in a loop', async () => {
    const it = new Costing(20);
    while (it.now < 60_000) {
      await it.ask();
      it.now += 1;
    }
    const share = (it.made * 20) / it.now;
    // Three seconds are there in advance.
    expect(share).toBeLessThan(0.1 * (63 / 60) + 0.001);
    expect(share).toBeGreaterThan(0.09);
  });

  test.each([1, 20, 90, 500])('T91: that takes %i ms is a second old at most', async (cost) => {
    const it = new Costing(cost);
    const madeAt: number[] = [];
    while (it.now < 30_000) {
      const before = it.now;
      const number = await it.ask();
      madeAt[number] ??= it.now;
      expect(before - (madeAt[number] ?? 0)).toBeLessThanOrEqual(1_000);
      it.now += 7;
    }
  });

  test('T91: is always made again for one who asks once a second', async () => {
    const it = new Costing(90);
    for (let time = 1; time <= 100; time += 1) {
      expect(await it.ask()).toBe(time);
      it.now += 1_000 - 90;
    }
  });

  test('is made once for all who ask meanwhile, and again after it failed', async () => {
    let made = 0;
    const answer = new CostlyAnswer(async () => {
      made += 1;
      if (made === 1) throw new Error('once');
      return { status: 200, headers: {}, body: `${made}` };
    });
    const [one, two] = await Promise.allSettled([answer.get(), answer.get()]);
    expect([one.status, two.status]).toEqual(['rejected', 'rejected']);
    expect(await answer.get()).toEqual({ status: 200, headers: {}, body: Buffer.from('2') });
  });
});
