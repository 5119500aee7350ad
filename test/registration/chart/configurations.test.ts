import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  configurations,
  deadlineOf,
  registrationEdges,
  registrationEventTypes,
  transitionsTaken,
} from '../../../machines/index.js';
import { drive, type Input, inputs, reachable } from './driven-chart.js';

const paths = reachable();
const pathTo = (configuration: Configuration): readonly Input[] => {
  const path = paths.get(configuration);
  if (!path) throw new Error(`no path to ${configuration}`);
  return path;
};

describe('the configurations of the chart', () => {
  it('reaches exactly nine configurations, for all events in any order', () => {
    expect([...paths.keys()].sort()).toEqual([...configurations].sort());
    expect(configurations).toHaveLength(9);
  });

  it('runs a deadline in exactly the six configurations of an unregistered client', () => {
    expect(configurations.filter((configuration) => deadlineOf(configuration) !== null)).toEqual([
      'awaiting/registration',
      'validating/registration',
      'refusing/registration',
      'awaiting/rejection',
      'validating/rejection',
      'refusing/rejection',
    ]);
  });

  it('lets a client in only by EventAck while a request is validated', () => {
    const doors = configurations
      .filter((configuration) => configuration !== 'registered')
      .flatMap((configuration) =>
        inputs
          .filter((input) => drive(pathTo(configuration), input).to === 'registered')
          .map((input) => `${configuration} ${input}`),
      );
    expect(doors).toEqual(['validating/registration EventAck', 'validating/rejection EventAck']);
  });

  it('never goes back from a rejection deadline to a registration deadline', () => {
    for (const configuration of configurations.filter((name) => deadlineOf(name) === 'rejection')) {
      for (const input of inputs) {
        expect(deadlineOf(drive(pathTo(configuration), input).to)).not.toBe('registration');
      }
    }
  });
});

describe('the chart has an outcome for every event', () => {
  const alive = configurations.filter((configuration) => configuration !== 'disconnected');

  it.each(alive)('takes a transition in %s for every event', (configuration) => {
    for (const event of registrationEventTypes) {
      const { taken } = drive(pathTo(configuration), event);
      expect(taken, `${configuration} x ${event}`).not.toEqual([]);
    }
  });

  it('takes no transition after the disconnect', () => {
    for (const input of inputs) {
      expect(drive(pathTo('disconnected'), input)).toMatchObject({ taken: [], to: 'disconnected' });
      expect(transitionsTaken('disconnected', input)).toEqual([]);
    }
  });

  it.each(configurations)(
    'lists for %s the transitions of a running actor, for every event and both timers',
    (configuration) => {
      for (const input of inputs) {
        const listed = transitionsTaken(configuration, input).map((edge) => edge.id);
        const { from, taken } = drive(pathTo(configuration), input);
        expect(from).toBe(configuration);
        expect(listed.toSorted(), `${configuration} x ${input}`).toEqual(taken.toSorted());
      }
    },
  );

  it('takes each of its transitions in some configuration', () => {
    const taken = new Set(
      configurations.flatMap((configuration) =>
        inputs.flatMap((input) => drive(pathTo(configuration), input).taken),
      ),
    );
    expect(registrationEdges.map((edge) => edge.id).filter((id) => !taken.has(id))).toEqual([]);
  });
});
