import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import {
  actorAt,
  type Configuration,
  configurationOf,
  configurations,
  never,
  type RegistrationEvent,
  RegistrationRunner,
  restoreRegistration,
  type Seat,
  seated,
} from '../../../machines/index.js';

const delays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
const send = (type: RegistrationEvent['type']) => ({ type }) as RegistrationEvent;

/** A seat that keeps the names of its actions. */
function listening(): { seat: Seat; actions: string[] } {
  const actions: string[] = [];
  const names = ['opened', 'validate', 'refused', 'granted', 'disconnect'] as const;
  const entries = names.map((name) => [name, () => actions.push(name)]);
  return { seat: { delays, actions: Object.fromEntries(entries) }, actions };
}

describe('a persisted registration', () => {
  it('T61: is restored in its state, with the time that was left of its deadline', () => {
    const { seat } = listening();
    const clock = new SimulatedClock();
    const actor = createActor(seated(seat), { clock }).start();
    actor.send(send('Connected'));
    const snapshot = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()));
    const after = listening();
    const later = new SimulatedClock();
    const restored = restoreRegistration(snapshot, {
      seat: after.seat,
      deadline: 4_000,
      clock: later,
    });
    expect(configurationOf(restored.getSnapshot())).toBe('awaiting/registration');
    later.increment(3_999);
    expect(after.actions).toEqual([]);
    later.increment(1);
    expect(after.actions).toEqual(['disconnect']);
    expect(restored.getSnapshot()).toMatchObject({ context: { reason: 'registration-timeout' } });
  });

  it('T61: goes on as any other: it registers, and its next deadline has its whole length', () => {
    const { seat, actions } = listening();
    const clock = new SimulatedClock();
    const restored = actorAt('awaiting/registration', { seat, deadline: 4_000, clock });
    restored.send(send('OtherMessage'));
    restored.send(send('EventError'));
    clock.increment(4_999);
    expect(configurationOf(restored.getSnapshot())).toBe('awaiting/rejection');
    restored.send(send('RequestRegisterClient'));
    restored.send(send('EventAck'));
    clock.increment(60_000);
    expect(configurationOf(restored.getSnapshot())).toBe('registered');
    expect(actions).toEqual(['refused', 'validate', 'granted']);
  });

  const live = configurations.filter((one) => one !== 'disconnected');
  it.each<Configuration>(live)('T61: is restored in %s without an action of the seat', (at) => {
    const { seat, actions } = listening();
    const clock = new SimulatedClock();
    const snapshot = actorAt(at, { seat, clock }).getPersistedSnapshot();
    const restored = restoreRegistration(snapshot, { seat, clock });
    expect(configurationOf(restored.getSnapshot())).toBe(at);
    expect(actions).toEqual([]);
  });

  it('T61: that was disconnected stays so', () => {
    const { seat } = listening();
    const actor = createActor(seated(seat)).start();
    actor.send({ type: 'Disconnected', reason: 'peer-closed' });
    const restored = restoreRegistration(actor.getPersistedSnapshot(), { seat });
    expect(restored.getSnapshot()).toMatchObject({
      status: 'done',
      output: { reason: 'peer-closed' },
    });
  });

  it.each([0, -1, Number.NaN])('T61: has no deadline of %d milliseconds', (deadline) => {
    const { seat } = listening();
    const snapshot = actorAt('awaiting/registration', { seat, clock: new SimulatedClock() });
    expect(() => restoreRegistration(snapshot.getPersistedSnapshot(), { seat, deadline })).toThrow(
      RangeError,
    );
  });
});

describe('a deadline of `never`', () => {
  const seat: Seat = {
    actions: {},
    delays: { registrationTimeout: never, rejectionTimeout: never },
  };

  it('T60: does not run out at once with XState’s own clock', async () => {
    const actor = createActor(seated(seat)).start();
    actor.send(send('Connected'));
    // Node fires a timer of an infinite delay after one millisecond, before this one.
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(configurationOf(actor.getSnapshot())).toBe('awaiting/registration');
    actor.stop();
  });

  it('T60: sets no timer of any clock in a table runner', () => {
    const set: number[] = [];
    const clock = {
      setTimeout: (_: () => void, ms: number) => set.push(ms),
      clearTimeout: () => {},
    };
    const runner = new RegistrationRunner({ seat, clock });
    runner.start();
    runner.send(send('Connected'));
    runner.send(send('EventError'));
    expect(set).toEqual([]);
  });
});
