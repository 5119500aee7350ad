import { describe, expect, it } from 'vitest';
import { timersInto } from '../../../machines/engine/mutation/mistakes.js';
import {
  type ChartTable,
  type Mutant,
  mutantKindNames,
  mutantsOf,
  RegistrationRunner,
  registrationTable,
  ServerModel,
  stepOf,
} from '../../../machines/index.js';

const chart = registrationTable();
const mutants = [...mutantsOf(registrationTable())];

/** The steps of a table that differ from the chart's table, as `state, input`. */
function changed(table: ChartTable): string[] {
  return Object.entries(table.steps).flatMap(([state, steps]) =>
    Object.keys(steps)
      .filter((input) => stepOf(table, state, input) !== stepOf(chart, state, input))
      .map((input) => `${state}, ${input}`),
  );
}

function mutant(description: string): Mutant {
  const found = mutants.find((one) => one.description === description);
  if (!found) throw new Error(`no mutant ${description}`);
  return found;
}

describe('the mutants of the chart', () => {
  it('are of every kind, equal each time, each with a unique description', () => {
    const names = mutants.map(({ kind, description }) => `${kind}: ${description}`);
    expect(new Set(mutants.map(({ kind }) => kind))).toEqual(new Set(mutantKindNames));
    expect(new Set(names).size).toBe(names.length);
    expect(
      [...mutantsOf(registrationTable())].map(({ kind, description }) => `${kind}: ${description}`),
    ).toEqual(names);
  });

  it('have one wrong step, which the description names; a hidden state has it behind another step', () => {
    const wrong = mutants.filter(({ kind, description, table }) => {
      const steps = changed(table).filter((step) => !step.includes("'"));
      const isExtra = kind === 'extra-state';
      return (
        steps.length !== 1 ||
        !description.startsWith(`${steps[0]}: `) ||
        isExtra !== changed(table).some((step) => step.includes("'"))
      );
    });
    expect(wrong.map(({ description }) => description)).toEqual([]);
  });

  it('run the timers of their target states, as the chart does', () => {
    for (const [name, steps] of Object.entries(chart.steps)) {
      for (const [input, { to, stops, starts }] of Object.entries(steps)) {
        const running = chart.states[name]?.timers.filter((timer) => timer !== input) ?? [];
        const target = chart.states[to];
        if (!target) throw new Error(to);
        expect(timersInto(target, running), `${name}, ${input}`).toEqual({ stops, starts });
      }
    }
    const { table } = mutant(
      'validating/registration, EventError: leads to awaiting/registration instead of awaiting/rejection',
    );
    expect(table.steps['validating/registration']?.EventError).toMatchObject({
      to: 'awaiting/registration',
      stops: [],
      starts: [],
    });
  });

  it('with a hidden state stay in it when the chart stays, and have the configuration of the copied state', () => {
    const { table } = mutant(
      "registered, OtherMessage: leads to registered', and registered', OtherMessage: does nothing instead of deliver",
    );
    const delays = { registrationTimeout: 1_000, rejectionTimeout: 1_000 };
    const done: string[] = [];
    const runner = new RegistrationRunner({
      table,
      seat: { delays, actions: { deliver: () => done.push('deliver') } },
    });
    runner.start();
    for (const type of ['Connected', 'RequestRegisterClient', 'EventAck'] as const)
      runner.send({ type });
    runner.send({ type: 'OtherMessage' });
    expect(done).toEqual(['deliver']);
    runner.send({ type: 'OtherMessage' });
    runner.send({ type: 'OtherMessage' });
    expect(done).toEqual(['deliver']);
    expect(runner.getSnapshot().value).toEqual({ connected: 'registered' });
    runner.send({ type: 'Disconnected', reason: 'peer-closed' });
  });

  it('end in the simulation, even mutants that answer their own answers', () => {
    const { table } = mutant('awaiting/rejection, EventError: does refuse instead of refused');
    const model = new ServerModel();
    const server = model.connect(table);
    server.send('not-json');
    expect(
      server
        .seen()
        .map(({ output }) => output)
        .slice(0, 2),
    ).toEqual(['EventError', 'closed']);
    expect(model.difference(['other', 'not-json'], table)).toBe(1);
  });
});
