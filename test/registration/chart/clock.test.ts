import { describe, expect, it } from 'vitest';
import { createActor, createMachine, SimulatedClock } from 'xstate';
import {
  type Configuration,
  type DisconnectReason,
  defaultDelays,
  registrationEventTypes,
  registrationMachine,
} from '../../../machines/index.js';
import { DrivenChart } from './driven-chart.js';

const day = 24 * 60 * 60 * 1000;
const delays = defaultDelays;

/** A connected client, and the reason of its disconnect. */
function connected(differently: Partial<typeof delays> = {}) {
  const reasons: DisconnectReason[] = [];
  const chart = new DrivenChart(
    { ...delays, ...differently },
    { disconnect: (reason) => reasons.push(reason) },
  );
  chart.say('Connected');
  return { chart, reasons };
}

/** Asks and is refused. */
function refuse(chart: DrivenChart): void {
  chart.say('RequestRegisterClient');
  chart.say('EventError');
}

describe('the registration deadline', () => {
  it('disconnects a silent client at registrationTimeout, not a millisecond earlier', () => {
    const { chart, reasons } = connected();
    chart.wait(9_999);
    expect(chart.configuration).toBe('awaiting/registration');
    chart.wait(1);
    expect(chart.configuration).toBe('disconnected');
    expect(reasons).toEqual(['registration-timeout']);
    expect(chart.actor.getSnapshot().output).toEqual({ reason: 'registration-timeout' });
  });

  it('does not run before the connection is set up', () => {
    const chart = new DrivenChart(delays);
    chart.wait(day);
    expect(chart.configuration).toBe('connecting');
    chart.say('Connected');
    chart.wait(9_999);
    expect(chart.configuration).toBe('awaiting/registration');
  });

  it('runs on while a request is validated, so that a slow validator cannot stop it', () => {
    const { chart, reasons } = connected();
    chart.wait(4_000);
    chart.say('RequestRegisterClient');
    chart.wait(5_999);
    expect(chart.configuration).toBe('validating/registration');
    chart.wait(1);
    expect(reasons).toEqual(['registration-timeout']);
  });

  it.each(
    registrationEventTypes.filter((type) => type !== 'Disconnected' && type !== 'EventError'),
  )('is neither stopped nor restarted by %s every second', (type) => {
    const { chart } = connected();
    for (let second = 1; second < 10; second += 1) {
      chart.wait(1_000);
      chart.say(type);
      expect(chart.configuration).not.toBe('disconnected');
    }
    chart.wait(999);
    expect(chart.configuration).not.toBe('disconnected');
    chart.wait(1);
    expect(chart.configuration).toBe('disconnected');
  });
});

describe('the rejection deadline', () => {
  it('disconnects a refused client at rejectionTimeout, counted from the first EventError', () => {
    const { chart, reasons } = connected();
    chart.wait(3_000);
    refuse(chart);
    expect(chart.configuration).toBe('awaiting/rejection');
    chart.wait(4_999);
    expect(chart.configuration).toBe('awaiting/rejection');
    chart.wait(1);
    expect(reasons).toEqual(['rejection-timeout']);
  });

  it('is not restarted by the next error, nor by a hundred', () => {
    const { chart, reasons } = connected();
    refuse(chart);
    for (let error = 0; error < 100; error += 1) {
      chart.wait(49);
      chart.say(error % 2 ? 'RequestRegisterClient' : 'OtherMessage');
      chart.say('EventError');
    }
    expect(chart.configuration).toBe('awaiting/rejection');
    chart.wait(99);
    expect(chart.configuration).toBe('awaiting/rejection');
    chart.wait(1);
    expect(reasons).toEqual(['rejection-timeout']);
  });

  it('takes the place of the registration deadline, sooner or later than it', () => {
    const late = connected({ rejectionTimeout: 60_000 });
    refuse(late.chart);
    late.chart.wait(59_999);
    expect(late.chart.configuration).toBe('awaiting/rejection');
    late.chart.wait(1);
    expect(late.reasons).toEqual(['rejection-timeout']);
  });

  it('starts with the answer to a message that came before the registration, too', () => {
    const { chart, reasons } = connected();
    chart.wait(1_000);
    chart.say('OtherMessage');
    chart.wait(500);
    chart.say('EventError');
    chart.wait(4_999);
    expect(reasons).toEqual([]);
    chart.wait(1);
    expect(reasons).toEqual(['rejection-timeout']);
  });
});

describe('a registration', () => {
  it.each([
    ['at once', 0],
    ['a millisecond before the deadline', 9_999],
  ])('that is granted %s stays for ever', (_when, after) => {
    const { chart } = connected();
    chart.wait(after);
    chart.say('RequestRegisterClient');
    chart.say('EventAck');
    chart.wait(day);
    expect(chart.configuration).toBe('registered');
  });

  it('that is granted between two errors and the rejection deadline stays for ever', () => {
    const { chart, reasons } = connected();
    refuse(chart);
    chart.wait(2_000);
    refuse(chart);
    chart.wait(2_999);
    chart.say('RequestRegisterClient');
    chart.say('EventAck');
    expect(chart.configuration).toBe('registered');
    chart.wait(day);
    expect(chart.configuration).toBe('registered');
    expect(reasons).toEqual([]);
  });

  it('outlives every message of either side', () => {
    const { chart } = connected();
    chart.say('RequestRegisterClient');
    chart.say('EventAck');
    for (const type of registrationEventTypes.filter((name) => name !== 'Disconnected')) {
      chart.say(type);
      chart.wait(day);
      expect(chart.configuration).toBe('registered');
    }
  });
});

describe('a stray EventAck', () => {
  const stray: [string, (chart: DrivenChart) => void, Configuration][] = [
    ['awaiting', () => {}, 'awaiting/registration'],
    ['refusing', (chart) => chart.say('OtherMessage'), 'refusing/registration'],
  ];

  it.each(stray)('registers no client in %s and does not stop the clock', (_where, go, there) => {
    const { chart, reasons } = connected();
    go(chart);
    expect(chart.say('EventAck')).toHaveLength(1);
    expect(chart.configuration).toBe(there);
    chart.wait(9_999);
    chart.say('EventAck');
    expect(chart.configuration).toBe(there);
    chart.wait(1);
    expect(reasons).toEqual(['registration-timeout']);
  });

  it('does not stop the rejection deadline either', () => {
    const { chart, reasons } = connected();
    refuse(chart);
    chart.say('EventAck');
    chart.wait(5_000);
    expect(reasons).toEqual(['rejection-timeout']);
  });

  it('stopped the deadline for good in the draft chart, whose deadline reacted to EventAck', () => {
    const actor = createActor(draft(), { clock: new SimulatedClock() }).start();
    const clock = actor.clock as SimulatedClock;
    actor.send({ type: 'Connected' });
    actor.send({ type: 'EventAck' });
    clock.increment(day);
    expect(actor.getSnapshot().value).toEqual({
      connected: { unregistered: { exchange: 'awaiting', deadline: 'stopped' } },
    });
  });
});

/** The chart as an earlier draft had it: `deadline` reacts to EventAck by itself instead of being left. */
function draft() {
  const config = JSON.parse(JSON.stringify(registrationMachine.config)) as DraftConfig;
  const { states } = config.states.connected.states.unregistered.states.deadline;
  states.registration.on = { ...states.registration.on, EventAck: 'stopped' };
  states.rejection.on = { EventAck: 'stopped' };
  states.stopped = {};
  return createMachine({ ...config, context: { reason: null } }, { delays: { ...defaultDelays } });
}

interface DraftConfig {
  states: {
    connected: {
      states: {
        unregistered: {
          states: {
            deadline: { states: Record<'registration' | 'rejection' | 'stopped', DraftState> };
          };
        };
      };
    };
  };
}

interface DraftState {
  on?: Record<string, string>;
}
