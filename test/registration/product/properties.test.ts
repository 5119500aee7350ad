import { describe, expect, it } from 'vitest';
import {
  checkedProperties,
  checkOptionsFor,
  checkRegistration,
  findCheckedProperty,
  findSeededFault,
  registrationTable,
} from '../../../machines/index.js';

describe('the registration chart, run by a server and a client', () => {
  it.each([1, 2])('has every property with a bound of %d', (bound) => {
    const { results } = checkRegistration({ bound });
    expect(results.map(({ id }) => id)).toEqual(checkedProperties.map(({ id }) => id));
    expect(results.filter(({ counterexample }) => counterexample !== null)).toEqual([]);
  });

  it('gives the same result each time', () => {
    expect(checkRegistration({ bound: 2 })).toEqual(checkRegistration({ bound: 2 }));
  });

  it('is gone through in tens of thousands of states with the usual bound, and has every property', () => {
    const heard: number[] = [];
    const once = checkRegistration({ onProgress: (states) => heard.push(states) });
    expect(once.bound).toBe(3);
    expect(once.results.filter(({ counterexample }) => counterexample !== null)).toEqual([]);
    expect(once.states).toBeGreaterThan(50_000);
    expect(once.transitions).toBeGreaterThan(5 * once.states);
    expect(heard.length).toBeGreaterThan(10);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    expect(heard.at(-1)).toBeLessThanOrEqual(once.states);
  });

  it('has more states with a greater bound, and each counterexample is found with the least', () => {
    const least = checkRegistration({ bound: 1 });
    expect(checkRegistration({ bound: 2 }).states).toBeGreaterThan(5 * least.states);
    const { results } = checkRegistration({
      bound: 1,
      ...checkOptionsFor(findSeededFault('asks-twice')),
    });
    expect(results.find(({ id }) => id === 'settled')?.counterexample?.steps).toHaveLength(11);
  });
});

describe('checkRegistration refuses', () => {
  it.each([0, 5, 1.5, Number.NaN, -1])('a bound of %d', (bound) => {
    expect(() => checkRegistration({ bound })).toThrow(
      new RangeError(`the bound is ${bound}; allowed: a whole number from 1 to 4`),
    );
  });

  it('a limit that allows nothing, and tells when there are more states than the limit', () => {
    expect(() => checkRegistration({ limit: 0 })).toThrow('the limit is 0; allowed: 1 or more');
    expect(() => checkRegistration({ limit: 1_000 })).toThrow(
      'there are more than 1000 states; a lower bound has fewer',
    );
  });

  it('a chart with more states than there are numbers for', () => {
    const table = registrationTable();
    const spare = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => {
        const name = `spare ${at}`;
        return [name, { name, value: name, timers: [], actors: [], context: {}, isFinal: false }];
      }),
    );
    const server = { ...table, states: { ...table.states, ...spare } };
    expect(() => checkRegistration({ bound: 4, server, client: server })).toThrow(
      /charts of 209 and 209 states with 2 timers are too large to be checked with a bound of 4/,
    );
  });
});

describe('a property', () => {
  it('has an id, a name and a sentence, and is found by its id', () => {
    expect(new Set(checkedProperties.map(({ id }) => id)).size).toBe(checkedProperties.length);
    for (const property of checkedProperties) {
      expect(property.sentence).toMatch(/^[A-Z].*\.$/);
      expect(findCheckedProperty(property.id)).toBe(property);
    }
    expect(() => findCheckedProperty('nix')).toThrow(/^unknown property "nix"; expected one of: /);
  });
});

describe('a mistake that no seat can show', () => {
  it('breaks no property: the server does not read a second request before it has answered the first', () => {
    const table = registrationTable();
    const answered = { ...table.steps };
    for (const state of ['validating/registration', 'validating/rejection']) {
      const steps = table.steps[state] ?? {};
      const step = steps.RequestRegisterClient as (typeof steps)[string];
      answered[state] = {
        ...steps,
        RequestRegisterClient: { ...step, actions: ['registerAgain'] },
      };
    }
    const { results } = checkRegistration({ bound: 2, server: { ...table, steps: answered } });
    expect(results.filter(({ counterexample }) => counterexample !== null)).toEqual([]);
  });
});
