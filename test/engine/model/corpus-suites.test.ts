/** The suites of every chart of the corpus, played by real actors. */
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../machines/engine/model/index.js';
import { actorSystem, playSuite } from '../../../machines/engine/playing/index.js';
import { suiteOf } from '../../../machines/engine/testgen/index.js';
import { corpus } from '../table/corpus.js';

describe('a suite of a chart', () => {
  it.each(Object.entries(corpus))('%s: real actors pass it', async (_name, specimen) => {
    const { machine, events, input, delays } = specimen;
    const model = modelOf(machine, { events, input, delays } as object);
    for (const criterion of ['transitions', 'w0'] as const) {
      const suite = suiteOf(model, criterion);
      const result = await playSuite(suite, actorSystem(model));
      expect(result.failures.slice(0, 3)).toEqual([]);
      expect(result.passed).toBe(suite.cases);
      expect(suite.cases).toBeGreaterThan(0);
    }
  });
});
