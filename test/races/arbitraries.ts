/** Random inputs besides the interleaving itself. */
import fc from 'fast-check';
import type { Validator, Verdict } from '../../adapters/server/index.js';
import type { Network } from './controlled-pair.js';
import type { Interleaving } from './interleaving.js';

/** Mostly whole writes, and sometimes pieces of a few bytes. */
const cut = fc.oneof(
  { weight: 3, arbitrary: fc.constant(65_536) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 120 }) },
);

export const networks: fc.Arbitrary<Network> = fc.record({
  framing: fc.constantFrom('stream' as const, 'stream' as const, 'frame' as const),
  cuts: fc.array(cut, { minLength: 1, maxLength: 4 }),
  highWaterMark: fc.constantFrom(65_536, 65_536, 1),
  destroyLoses: fc.boolean(),
  endWaits: fc.boolean(),
});

export const streams: fc.Arbitrary<Network> = networks.map((network) => ({
  ...network,
  framing: 'stream',
}));

/** Durations in milliseconds, in any order of length. */
export const delay = fc.constantFrom(5, 10, 20, 5_000, 5_000);

/** How slow the clock is compared with everything else. */
export const patience = fc.constantFrom(1, 4, 16, 64);

/** How a validator decides. */
export const manners = ['valid at once', 'valid', 'invalid', 'throws', 'never'] as const;
export type Manner = (typeof manners)[number];

export const manner = fc.constantFrom<Manner[]>('valid at once', 'valid', 'valid', ...manners);

/** A validator that decides at its own time; it ignores its signal. */
export function validatorOf(
  interleaving: Interleaving,
  how: () => Manner,
  granted: Verdict = { valid: true },
): Validator {
  return ({ referenceId }) => {
    const chosen = how();
    if (chosen === 'valid at once') return granted;
    if (chosen === 'never') return new Promise(() => {});
    return new Promise((resolve, reject) => {
      interleaving.later(`verdict on ${referenceId}`, () => {
        interleaving.say(`the validator decides on ${referenceId}: ${chosen}`);
        if (chosen === 'valid') resolve(granted);
        else if (chosen === 'invalid') resolve({ valid: false, reason: 'not today' });
        else reject(new Error('the validator is broken'));
      });
    });
  };
}
