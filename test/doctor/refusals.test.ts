import { describe, expect, it } from 'vitest';
import type { GateState } from '../../adapters/doctor/running/gate-state.js';
import { limitHits, refusals, rejections } from '../../adapters/doctor/running/refusals.js';

describe('A count that needs no action', () => {
  /** Ten connections, and these counts. */
  const state = (counts: object) => {
    const none = { rejected: {}, errors: {}, outcomes: { registered: 0 }, limits: {} };
    return { status: { accepted: 10, ...none, ...counts } } as unknown as GateState;
  };

  it.each([
    ['limits', limitHits, { limits: { turnBudget: 5 } }],
    ['rejections', rejections, { rejected: { closing: 5 } }],
    ['refusals', refusals, { errors: { 'shutting-down': 5 } }],
    ['refusals', refusals, { errors: { kicked: 5 } }],
  ])('has no warning: %s %#', async (_id, check, counts) => {
    const found = await check.run(state(counts));
    expect(found).toContainEqual({
      severity: 'ok',
      text: expect.stringMatching(/^5 times /),
      fix: null,
    });
    expect(found.filter(({ severity }) => severity !== 'ok')).toEqual([]);
  });

  it('does not hide one that does', async () => {
    const found = await limitHits.run(state({ limits: { turnBudget: 5, maxErrors: 5 } }));
    expect(found.map(({ severity }) => severity)).toEqual(['ok', 'warn']);
  });
});
