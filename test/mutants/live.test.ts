import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseResult, Stalls } from '../../adapters/tester/index.js';
import {
  type Case,
  type ChartTable,
  classOf,
  killsOf,
  type MutantGroup,
  populationOf,
  registrationTable,
  ServerModel,
  suiteOf,
} from '../../machines/index.js';
import { playOn, timeouts } from './gates.js';

/** So many gates play at once: most of a case is waiting, and what is busy at once makes the tester late. */
const atOnce = 48;

const model = new ServerModel({ delays: timeouts });
/** Every mutant that can be seen, one of those that do the same, with the first case that finds it: of w1, or else of w2. */
let found: readonly (readonly [MutantGroup, Case])[];
let classOfW1: ReadonlySet<MutantGroup>;
let casesOfW1: ReadonlySet<string>;

beforeAll(() => {
  const population = populationOf(model);
  const { own, groups } = population;
  const w1 = suiteOf(model, 'w1');
  const by = killsOf(w1, own, groups).by;
  const others = groups.filter((group) => !by.has(group));
  found = [...by, ...killsOf(suiteOf(model, 'w2'), own, others).by];
  classOfW1 = new Set(classOf(population, 1));
  casesOfW1 = new Set([...w1].map(({ id }) => id));
});

/** Plays every one, some of them at once; gives what does not come out as it should. */
async function playAll<One>(
  ones: Iterable<One>,
  play: (one: One, stalls: Stalls) => Promise<string | null>,
): Promise<string[]> {
  using stalls = new Stalls();
  const waiting = [...ones];
  const wrong: string[] = [];
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const problem = await play(one, stalls);
      if (problem !== null) wrong.push(problem);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return wrong;
}

/** Plays a case until it comes out as it should, five times at most: a busy machine is late now and then, a mutant that lives always. */
async function comesOut(
  table: ChartTable | null,
  one: Case,
  stalls: Stalls,
  asItShould: (result: CaseResult) => boolean,
): Promise<string | null> {
  let shown = '';
  for (let tries = 0; tries < 5; tries += 1) {
    const result = await playOn(table, one, stalls);
    if (asItShould(result)) return null;
    const { verdict, difference, why } = result;
    shown = `${one.id}: ${verdict}, ${difference ? `at input ${difference.index}: ${difference.sentence}` : why}`;
  }
  return shown;
}

describe('gates that run a chart with a mistake', () => {
  it('are found by the cases that find them in the simulation, each at the same input; a gate without a mistake passes these cases', async () => {
    const inClass = found.filter(([group]) => classOfW1.has(group));
    expect(inClass).toHaveLength(classOfW1.size);
    expect(inClass.filter(([, { id }]) => !casesOfW1.has(id))).toEqual([]);
    expect(found.length).toBeGreaterThan(300);

    // The controls are among the gates, so that they have as much or as little time.
    const cases = new Map(found.map(([, one]) => [one.id, one]));
    const controls = [...cases.values()].flatMap((one) => [
      { control: null, one },
      { control: registrationTable(), one },
    ]);
    const stride = Math.ceil(found.length / controls.length);
    const all = controls.flatMap((control, at) => [
      control,
      ...found.slice(at * stride, (at + 1) * stride).map(([group, one]) => ({ group, one })),
    ]);
    expect(all).toHaveLength(found.length + controls.length);

    const wrong = await playAll(all, async (played, stalls) => {
      const { one } = played;
      if ('control' in played)
        return comesOut(played.control, one, stalls, ({ verdict }) => verdict === 'held');
      const { table, mutants } = played.group;
      const inputs = one.steps.map(({ input }) => input);
      const at = model.difference(inputs, table);
      const problem = await comesOut(table, one, stalls, ({ verdict, difference }) => {
        return verdict === 'differs' && difference?.index === at;
      });
      return problem && `${mutants[0]?.description}: to differ at ${at}, but ${problem}`;
    });
    expect(wrong).toEqual([]);
  }, 120_000);
});
