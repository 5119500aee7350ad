import { describe, expect, it } from 'vitest';
import { checkDirectory, violationText } from '../../machines/directory/check.js';
import { directoryProperties } from '../../machines/directory/properties.js';
import { mistakes } from '../../machines/directory/rules.js';
import { seededFaults, violationOf } from './seeded-faults.js';

describe('the rules of the directory, in small', () => {
  it.each(['reject', 'takeover'] as const)('hold with %s, whichever faults happen', (policy) => {
    const { states, promised, violations } = checkDirectory({
      ...{ policy, claims: 1, faults: 1 },
      mayHappen: ['cut', 'late', 'kick-lost', 'crash'],
    });
    expect(violations.map(violationText)).toEqual([]);
    expect(states).toBeGreaterThan(3_000);
    expect(promised.includes('no-overlap')).toBe(policy === 'reject');
  });

  it('are checked for all that is promised with reject and close', () => {
    const { promised } = checkDirectory({ claims: 1, faults: 0 });
    expect(promised).toEqual(directoryProperties.map(({ id }) => id));
  });

  it('with more states than the limit are an error', () => {
    expect(() => checkDirectory({ limit: 100 })).toThrow('more than 100 states');
  });
});

describe('a wrong rule', () => {
  it('is seeded for each known mistake', () => {
    expect(seededFaults.map(({ mistake }) => mistake)).toEqual(Object.keys(mistakes));
  });

  it.each(seededFaults.filter(({ isQuick }) => isQuick))('$mistake breaks $breaks', (fault) => {
    expect(violationOf(fault)?.trace).toHaveLength(fault.steps);
  });

  it('is explained by the shortest run, a line for each step and the state after it', () => {
    const [counter] = seededFaults;
    const violation = counter && violationOf(counter);
    expect(violation && violationText(violation).split('\n')).toEqual([
      'rising: Each grant has a higher epoch than all grants before it.',
      '  1. gate A claims the name for session 1',
      '       store: free | gate A: lease 2, nothing | gate B: lease 2, nothing',
      '  2. gate B claims the name for session 2',
      '       store: free | gate A: lease 2, nothing | gate B: lease 2, nothing',
      '  3. a copy of the store no longer follows it',
      '       store: free | gate A: lease 2, nothing | gate B: lease 2, nothing',
      '  4. the store takes the claim of session 1 of gate A: session 1 has epoch 1',
      '       store: gate A, session 1 (epoch 1) | gate A: lease 2, nothing | gate B: lease 2, nothing',
      '  5. FAULT: the copy becomes the store; later writes are lost',
      '       store: free | gate A: lease 2, nothing | gate B: lease 2, nothing',
      '  6. the store takes the claim of session 2 of gate B: session 2 has epoch 1',
      '       store: gate B, session 2 (epoch 1) | gate A: lease 2, nothing | gate B: lease 2, nothing',
    ]);
  });
});
