/** The coverage of real actors that play the suites of every chart of the corpus. */
import { describe, expect, it } from 'vitest';
import { outcomeId, pairsOf } from '../../../machines/engine/coverage/chart-steps.js';
import { chartCoverage, coveredChartOf } from '../../../machines/engine/coverage/index.js';
import { SuiteCounts } from '../../../machines/engine/coverage/suite-counts.js';
import { modelOf } from '../../../machines/engine/model/index.js';
import { actorSystem, playSuite } from '../../../machines/engine/playing/index.js';
import type { ChartTable } from '../../../machines/engine/table/table.js';
import { suiteOf } from '../../../machines/engine/testgen/index.js';
import { corpus } from '../table/corpus.js';

/** Timers that run at the same time do not expire in every order. */
const impossiblePairs: Readonly<Record<string, readonly string[]>> = {
  'several timers of a state': ['a:AGAIN > a:20', 'b:30 > a:20'],
};

function transitionsOf({ start, steps }: ChartTable): string[] {
  const all = Object.values(steps).flatMap((inputs) => Object.values(inputs));
  return [...new Set([start, ...all].flatMap(({ transitions }) => transitions))].sort();
}

describe('the coverage of actors that play the suites of a chart', () => {
  it.each(Object.entries(corpus))('%s: equals the table', async (name, specimen) => {
    const { machine, events, input, delays } = specimen;
    const model = modelOf(machine, { events, input, delays } as object);
    const coverage = chartCoverage(machine);
    await playSuite(suiteOf(model, 'transitions'), actorSystem(model, machine, coverage));
    expect([...coverage.total.transitions.keys()].sort()).toEqual(transitionsOf(model.table));
    await playSuite(suiteOf(model, 'pairs'), actorSystem(model, machine, coverage));
    const { total } = coverage;
    const pairs = [...pairsOf(coveredChartOf(model)).keys()].filter(
      (id) => !impossiblePairs[name]?.includes(id),
    );
    expect([...total.pairs.keys()].sort()).toEqual(pairs.sort());
    const results = model.table.guards.flatMap(({ transition, wasTrue, wasFalse }) => [
      ...(wasTrue ? [outcomeId(transition, true)] : []),
      ...(wasFalse ? [outcomeId(transition, false)] : []),
    ]);
    expect([...total.guards.keys()].sort()).toEqual(results.sort());
    expect(total.foreign).toBe(0);
  });

  it.each(Object.entries(corpus))(
    '%s: a suite file covers what its actors do',
    async (name, specimen) => {
      const { machine, events, input, delays } = specimen;
      const model = modelOf(machine, { events, input, delays } as object);
      const played = chartCoverage(machine);
      const suite = suiteOf(model, 'transitions');
      await playSuite(suite, actorSystem(model, machine, played));
      const read = chartCoverage(machine);
      const counts = new SuiteCounts(read, input);
      for (const { steps } of suite) counts.add(steps.map(({ edges }) => edges));
      counts.finish();
      expect(read.total.transitions).toEqual(played.total.transitions);
      expect(read.total.sessions).toBe(played.total.sessions);
      // Behind a history state is what the session was in before.
      if (!name.includes('history'))
        expect([...read.total.states.keys()].sort()).toEqual(
          [...played.total.states.keys()].sort(),
        );
      const isPlayed = (id: string) => played.total.guards.has(id);
      expect([...read.total.guards.keys()].filter((id) => !isPlayed(id))).toEqual([]);
    },
  );
});
