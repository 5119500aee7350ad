import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { learn } from '../../../machines/engine/learning/learn.js';
import {
  BudgetError,
  NondeterministicError,
} from '../../../machines/engine/learning/learning-errors.js';
import { oracles } from '../../../machines/engine/learning/oracles.js';
import { SimulatedSystem, sessionOf } from '../../../machines/engine/learning/simulated-system.js';
import { differencesFromRight, handWritten, inputs, registration } from './servers.js';

describe('Learning the registration in simulated time', () => {
  it('finds its states, answers and clocks', async () => {
    const { machine, connections, unexplained, end } = await learn(registration());
    expect({ end, unexplained }).toEqual({ end: null, unexplained: [] });
    expect(machine.states.map(({ name }) => name)).toEqual(['s0', 's1', 's2', 'closed']);
    const [first, registered, refused] = machine.states;
    expect(first?.timeout).toMatchObject({ output: 'closed', length: 400, to: 'closed' });
    expect(first?.edges.register).toEqual({ to: 's1', output: 'EventAck', clock: 'stop' });
    expect(first?.edges.other).toEqual({ to: 's2', output: 'EventError', clock: 'start' });
    expect(registered?.timeout).toBeNull();
    expect(refused?.timeout).toMatchObject({ output: 'closed', length: 200 });
    expect(refused?.edges.other).toEqual({ to: 's2', output: 'EventError', clock: 'keep' });
    expect(connections).toBeLessThanOrEqual(200);
  });

  it.each(oracles)('finds the same with the oracle %s', async (oracle) => {
    const { differences } = await differencesFromRight(registration(), { oracle });
    expect(differences).toEqual([]);
  });

  it('finds the same through late, lost and wrongly timed answers', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const noisy = registration({ jitter: 8, outliers: 0.03, late: 0.02, seed });
      const { learned, differences } = await differencesFromRight(noisy, { connections: 8 });
      expect({ seed, differences, unexplained: learned.unexplained }).toEqual({
        seed,
        differences: [],
        unexplained: [],
      });
    }
  });
});

describe('A learning of a deadline that is often late', () => {
  it('ends, also when nothing more can tell nodes apart', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const system = handWritten(
        (server) => {
          server.start('connect', 400);
          return () => server.say('error');
        },
        { outliers: 0.2, seed },
      );
      const { end } = await learn(system, { maxConnections: 500 });
      expect(end === null || end instanceof BudgetError).toBe(true);
    }
  });
});

describe('A server whose answer depends on the time', () => {
  it('is not deterministic: both answers are shown', async () => {
    const system = handWritten((server) => {
      server.start('connect', 400);
      return () => server.say((server.left ?? 0) < 350 ? 'late' : 'early');
    });
    const { end } = await learn(system);
    expect(end).toBeInstanceOf(NondeterministicError);
    const { plays, message } = end as NondeterministicError;
    expect(plays.map(({ steps }) => steps.at(-1)?.output).sort()).toEqual(['early', 'late']);
    expect(message).toContain('differently each time: "late" or "early"');
  });
});

describe('Clocks', () => {
  it('sees a clock that restarts for the first two errors only', async () => {
    const { machine, unexplained } = await learn(
      handWritten((server) => {
        let errors = 0;
        server.start('connect', 400);
        return (input) => {
          if (input === 'register') return server.say('ack');
          errors += 1;
          server.say('error');
          server.stop('connect');
          if (errors <= 2) server.start('error', 200);
        };
      }),
    );
    expect(unexplained).toEqual([]);
    const clocks = [machine.initial, 's1', 's2'].map(
      (name) => machine.states.find((state) => state.name === name)?.edges.error?.clock,
    );
    expect(clocks).toEqual(['start', 'start', 'keep']);
  });

  it('sees a counter: the third error closes', async () => {
    const { machine } = await learn(
      handWritten((server) => {
        let errors = 0;
        server.start('connect', 400);
        return (input) => {
          if (input === 'register') return server.say('ack');
          errors += 1;
          server.say('error');
          server.stop('connect');
          if (errors === 1) server.start('error', 200);
          if (errors === 3) server.close();
        };
      }),
    );
    const outputs = ['s0', 's1', 's2'].map(
      (name) => machine.states.find((state) => state.name === name)?.edges.error?.output,
    );
    expect(outputs).toEqual(['error', 'error', 'error closed']);
  });

  it('sees the clock of the connect run on after a registration', async () => {
    const { machine, unexplained } = await learn(
      handWritten((server) => {
        server.start('connect', 400);
        return (input) => {
          if (input === 'register') return server.say('ack');
          server.say('error');
          server.stop('connect');
          server.start('error', 200);
        };
      }),
    );
    expect(unexplained).toEqual([]);
    const [first] = machine.states;
    expect(first?.edges.register).toMatchObject({ to: 's0', clock: 'keep' });
  });

  it('cannot explain two clocks of which the first ends the connection', async () => {
    const { unexplained, guarantee } = await learn(
      handWritten((server) => {
        server.start('connect', 400);
        let errors = 0;
        return (input) => {
          server.say(input);
          errors += 1;
          if (input === 'error' && errors === 1) server.start('error', 200);
        };
      }),
    );
    expect(unexplained).toContainEqual(['error']);
    expect(guarantee).toBeNull();
  });
});

describe('A machine that was learned', () => {
  it('is learned again from itself', async () => {
    const { machine } = await learn(registration());
    const again = await learn(
      new SimulatedSystem({
        inputs,
        horizon: 600,
        tolerance: 20,
        connect: () => sessionOf(machine, 20),
      }),
    );
    expect(again.machine).toEqual(machine);
    expect(differencesOf(machine, again.machine, 20)).toEqual([]);
  });
});
