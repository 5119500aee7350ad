import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Behaviour,
  behaviourOf,
  evaluateSuite,
  isToldApart,
  type Kills,
  killedIn,
  minimalForm,
  mutantColumns,
  mutantsOf,
  type Population,
  populationOf,
  registrationTable,
  type ServerInput,
  ServerModel,
  serverInputNames,
  suiteOf,
  survivorsOf,
  wClassOf,
} from '../../../machines/index.js';

const model = new ServerModel();
let population: Population<ServerInput>;
let own: Behaviour;

beforeAll(() => {
  population = populationOf(model);
  own = population.own;
});

function sequences(length: number): ServerInput[][] {
  if (length === 0) return [[]];
  return sequences(length - 1).flatMap((one) =>
    serverInputNames.map((input): ServerInput[] => [...one, input]),
  );
}

describe('the behaviour of a mutant', () => {
  it('is a machine with the outputs of the simulated server', () => {
    // All mutants would take seconds; a sample shows that the two agree.
    const everyOther = [...mutantsOf(registrationTable())].filter((_, at) => at % 40 === 0);
    const cases = [...suiteOf(model, 'random:40')].map(({ steps }) =>
      steps.map((one) => one.input),
    );
    expect(everyOther.length).toBeGreaterThan(200);
    const disagreeing = everyOther.filter(({ table, description }) => {
      const group = population.groups.find(({ mutants }) =>
        mutants.some((one) => one.description === description),
      );
      return cases.some((inputs) => {
        const differs = model.difference(inputs, table) !== null;
        return differs !== (group !== undefined && isToldApart(own, group, inputs));
      });
    });
    expect(disagreeing.map(({ description }) => description)).toEqual([]);
  });

  it('first differs from the chart at the end of its shortest difference, and no shorter sequence shows it', () => {
    const short = [...sequences(1), ...sequences(2)];
    for (const { difference, table, mutants } of population.groups) {
      const [{ description } = { description: '' }] = mutants;
      if (!difference) throw new Error(description);
      expect(model.difference(difference, table), description).toBe(difference.length - 1);
      const shorter = short.filter(({ length }) => length < difference.length);
      expect(
        shorter.find((inputs) => model.difference(inputs, table) !== null),
        description,
      ).toBeUndefined();
    }
  });

  it('is equal for two servers exactly when their identities are equal', () => {
    const identities = population.groups.map(({ identity }) => identity);
    expect(new Set([own.identity, ...identities]).size).toBe(identities.length + 1);
    // A server with other deadlines, which its tester has measured, has the same behaviour.
    const shorter = new ServerModel({
      delays: { registrationTimeout: 800, rejectionTimeout: 400 },
    });
    expect(behaviourOf(shorter).identity).toBe(own.identity);
    expect(own.machine.states).toHaveLength(minimalForm(model.machine()).machine.states.length);
  });
});

describe('the suites of the W-method', () => {
  it.each([
    { criterion: 'w0', extra: 0 },
    { criterion: 'w1', extra: 1 },
    { criterion: 'w2', extra: 2 },
  ] as const)(
    '$criterion kills every mutant with that many additional states',
    ({ criterion, extra }) => {
      const kills = evaluateSuite(suiteOf(model, criterion), own, population.groups);
      const promised = wClassOf(population, extra);
      expect(promised.length).toBeGreaterThan(25);
      expect(promised.filter((group) => !kills.by.has(group))).toEqual([]);
      expect(survivorsOf(population, kills).length).toBe(population.groups.length - kills.by.size);
    },
  );

  it.each(['none', 'any'] as const)(
    'w1 kills its class when the service answers %s',
    (answers) => {
      const other = new ServerModel({ answers });
      const seen = populationOf(other);
      const { by } = evaluateSuite(suiteOf(other, 'w1'), seen.own, seen.groups);
      const promised = wClassOf(seen, 1);
      expect(promised.length).toBeGreaterThan(80);
      expect(promised.filter((group) => !by.has(group))).toEqual([]);
    },
    60_000,
  );

  it('find fewer mutants when parts are removed', () => {
    const killed = (kills: Kills<ServerInput>, name: string) => {
      const column = mutantColumns(population).find((one) => one.name === name);
      return column ? column.total - killedIn(column, kills) : Number.NaN;
    };
    const w1 = suiteOf(model, 'w1');
    const full = evaluateSuite(w1, own, population.groups);
    expect(killed(full, 'w1')).toBe(0);
    expect(killed(full, 'timer-restarted')).toBe(0);

    // Without waiting, the restart of a deadline is not observable.
    const impatient = new ServerModel({ inputs: serverInputNames.filter((one) => one !== 'wait') });
    const withoutWait = evaluateSuite(suiteOf(impatient, 'w1'), own, population.groups);
    expect(killed(withoutWait, 'timer-restarted')).toBe(4);

    // The last input of each case tells the states apart.
    const cut = {
      ...w1,
      *[Symbol.iterator]() {
        for (const one of w1) yield { ...one, steps: one.steps.slice(0, -1) };
      },
    };
    expect(killed(evaluateSuite(cut, own, population.groups), 'w1')).toBeGreaterThan(100);
  });
});
