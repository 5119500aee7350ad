import { beforeAll, describe, expect, it } from 'vitest';
import { StallMonitor } from '../../../adapters/tester/index.js';
import {
  type Case,
  type ChartTable,
  evaluateSuite,
  type MutantGroup,
  populationOf,
  registrationTable,
  ServerModel,
  suiteOf,
  wClassOf,
} from '../../../machines/index.js';
import { playOn, timeouts } from './gates.js';

/**
 * A case with an unexpected result is played again, with fewer cases at once and longer deadlines: on a busy machine the tester is
 * sometimes late, and reports it. A surviving mutant survives each time.
 */
const rounds = [
  { atOnce: 48, slower: 1 },
  { atOnce: 24, slower: 3 },
  { atOnce: 12, slower: 10 },
];
/** A wrong verdict after this number of attempts is not a matter of time. */
const mostWrong = 40;

const model = new ServerModel({ delays: timeouts });
/** One mutant of each observable behaviour, with the first case of w1 or w2 that finds it. */
let found: readonly (readonly [MutantGroup, Case])[];
let classOfW1: ReadonlySet<MutantGroup>;
let casesOfW1: ReadonlySet<string>;

beforeAll(() => {
  const population = populationOf(model);
  const { own, groups } = population;
  const w1 = suiteOf(model, 'w1');
  const by = evaluateSuite(w1, own, groups).by;
  const others = groups.filter((group) => !by.has(group));
  found = [...by, ...evaluateSuite(suiteOf(model, 'w2'), own, others).by];
  classOfW1 = new Set(wClassOf(population, 1));
  casesOfW1 = new Set([...w1].map(({ id }) => id));
});

/** A case to play on a gate with or without a mistake. */
interface Play {
  readonly one: Case;
  readonly table: ChartTable | null;
  readonly gate: string;
  /** Index of the input at which the gate must differ; null when the case must pass. */
  readonly differsAt: number | null;
}

interface Wrong {
  readonly play: Play;
  /** Whether the result was judged; otherwise the tester was late. */
  readonly isJudged: boolean;
  readonly came: string;
}

/** Plays all cases, some at once. Returns those with an unexpected result. */
async function wrongAmong(
  plays: readonly Play[],
  { atOnce, slower }: (typeof rounds)[number],
): Promise<Wrong[]> {
  using stallMonitor = new StallMonitor();
  const waiting = [...plays];
  const wrong: Wrong[] = [];
  const worker = async () => {
    for (let play = waiting.shift(); play; play = waiting.shift()) {
      const { verdict, difference, reason } = await playOn(
        play.table,
        play.one,
        stallMonitor,
        slower,
      );
      const isRight =
        play.differsAt === null
          ? verdict === 'pass'
          : verdict === 'fail' && difference?.index === play.differsAt;
      if (isRight) continue;
      const came = difference ? `at input ${difference.index}: ${difference.sentence}` : reason;
      const isJudged = verdict !== 'inconclusive';
      wrong.push({ play, isJudged, came: [verdict, came].filter(Boolean).join(', ') });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return wrong;
}

describe('gates that run a chart with a mistake', () => {
  it('are found by the cases that find them in the simulation, each at the same input; a gate without a mistake passes these cases', async () => {
    const inClass = found.filter(([group]) => classOfW1.has(group));
    expect(inClass).toHaveLength(classOfW1.size);
    expect(inClass.filter(([, { id }]) => !casesOfW1.has(id))).toEqual([]);
    expect(found.length).toBeGreaterThan(300);

    const cases = [...new Map(found.map(([, one]) => [one.id, one])).values()];
    const controls = cases.flatMap((one): Play[] => [
      { one, table: null, gate: 'a gate without a mistake', differsAt: null },
      { one, table: registrationTable(), gate: 'a gate run by the table', differsAt: null },
    ]);
    const mistaken = found.map(([{ table, mutants }, one]): Play => {
      const inputs = one.steps.map(({ input }) => input);
      const gate = mutants[0]?.description ?? '';
      return { one, table, gate, differsAt: model.difference(inputs, table) };
    });
    expect(mistaken.filter(({ differsAt }) => differsAt === null)).toEqual([]);

    // The controls are among the gates, so that they have as much or as little time.
    const stride = Math.ceil(mistaken.length / controls.length);
    let left = controls.flatMap((control, at) => [
      control,
      ...mistaken.slice(at * stride, (at + 1) * stride),
    ]);
    expect(left).toHaveLength(mistaken.length + controls.length);

    let shown: string[] = [];
    for (const round of rounds) {
      const wrong = await wrongAmong(left, round);
      left = wrong.map(({ play }) => play);
      shown = wrong.map(({ play: { gate, one, differsAt }, came }) => {
        const due = differsAt === null ? 'to hold' : `to differ at input ${differsAt}`;
        return `${gate}: ${one.id} was ${due}, but ${came}`;
      });
      if (wrong.length === 0 || wrong.filter(({ isJudged }) => isJudged).length > mostWrong) break;
    }
    expect(shown).toEqual([]);
  }, 240_000);
});
