import { describe, expect, it } from 'vitest';
import { createActor, type StateValue } from 'xstate';
import {
  type Counterexample,
  checkedProperties,
  checkOptionsFor,
  checkRegistration,
  findSeededFault,
  parseRecording,
  recordingText,
  registrationTable,
  replayCounterexample,
  type SeededFault,
  seededFaults,
  sessionsOf,
  verdicts,
} from '../../../machines/index.js';

/** Checked once each: the properties that are broken, with their counterexamples. */
const checked = new Map(
  seededFaults.map((fault) => [
    fault.id,
    checkRegistration({ bound: 2, ...checkOptionsFor(fault) }),
  ]),
);

function broken({ id }: SeededFault): Counterexample[] {
  const results = checked.get(id)?.results ?? [];
  return results.flatMap(({ counterexample }) => counterexample ?? []);
}

function expected(fault: SeededFault): Counterexample {
  const found = broken(fault).find(({ property }) => property === fault.breaks);
  if (!found) throw new Error(`${fault.id} does not break ${fault.breaks}`);
  return found;
}

describe.each(seededFaults)('$id', (fault) => {
  it(`breaks ${fault.breaks}, in a short session and before any other property`, () => {
    const { steps, repeatsFrom } = expected(fault);
    expect(steps.length).toBeLessThanOrEqual(13);
    expect(repeatsFrom !== null).toBe(fault.breaks === 'end');
    for (const other of broken(fault)) {
      expect(other.steps.length, other.property).toBeGreaterThanOrEqual(steps.length);
    }
  });

  it('is replayed by both charts: they end where the counterexample does', () => {
    for (const counterexample of broken(fault)) {
      const charts = checkOptionsFor(fault);
      const { server, client, steps } = replayCounterexample(counterexample, fault.id, charts);
      const last = counterexample.steps.at(-1);
      const { server: servers = registrationTable(), client: clients = registrationTable() } =
        charts;
      expect(server).toEqual(servers.states[last?.server ?? '']?.value);
      expect(client).toEqual(clients.states[last?.client ?? '']?.value);
      const read = parseRecording(recordingText(steps));
      expect(read).toEqual({ steps, problems: [], gaps: [], torn: false });
    }
  });
});

describe.each(seededFaults.filter(({ chart }) => chart !== null))('the chart of $id', (fault) => {
  it('is run by XState itself to where the counterexample ends', () => {
    const seat = fault.seat === 'client' ? 'client' : 'server';
    for (const counterexample of broken(fault)) {
      const { states } = checkOptionsFor(fault)[seat] ?? registrationTable();
      const name = counterexample.steps.at(-1)?.[seat] ?? '';
      expect(runOnXState(fault, counterexample, seat)).toEqual(states[name]?.value);
    }
  });
});

/** The steps of one seat, sent to an actor of the faulty chart: no table, no checker. */
function runOnXState(
  { chart }: SeededFault,
  { steps }: Counterexample,
  seat: 'server' | 'client',
): StateValue {
  const timers: { fn: () => void; delay: number }[] = [];
  const clock = {
    setTimeout: (fn: () => void, delay: number) => {
      timers.push({ fn, delay });
      return timers.at(-1);
    },
    clearTimeout: (timer: (typeof timers)[number]) => {
      if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
    },
  };
  if (!chart) throw new Error('the mistake is in no chart');
  const actor = createActor(chart(), { clock });
  actor.start();
  for (const { seat: whose, event, timer, reason } of steps) {
    if (whose !== seat) continue;
    if (event !== null) actor.send({ type: event, reason } as never);
    else {
      const delay = timer?.startsWith('registration') ? 10_000 : 5_000;
      const due = timers.find((running) => running.delay === delay);
      if (due) timers.splice(timers.indexOf(due), 1);
      due?.fn();
    }
  }
  return actor.getSnapshot().value;
}

describe('the faults', () => {
  it('are many, and together break every property', () => {
    expect(seededFaults.length).toBeGreaterThanOrEqual(12);
    expect(new Set(seededFaults.map(({ id }) => id)).size).toBe(seededFaults.length);
    expect(new Set(seededFaults.map(({ breaks }) => breaks))).toEqual(
      new Set(checkedProperties.map(({ id }) => id)),
    );
  });

  it('are charts that differ from the real one, which is left as it is', () => {
    for (const fault of seededFaults.filter(({ chart }) => chart)) {
      const { server, client } = checkOptionsFor(fault);
      const table = server ?? client;
      expect({ ...table, states: null }).not.toEqual({ ...registrationTable(), states: null });
    }
    expect(
      checkRegistration({ bound: 1 }).results.every(({ counterexample }) => !counterexample),
    ).toBe(true);
  });

  it('are found by their id', () => {
    expect(findSeededFault('asks-twice').breaks).toBe('settled');
    expect(() => findSeededFault('nix')).toThrow(
      /^unknown fault "nix"; expected one of: stray-ack/,
    );
  });
});

describe('the draft of the design in which the deadline reacted to EventAck', () => {
  const { steps } = expected(findSeededFault('stray-ack-stops-clock'));

  it('is caught after three steps: connected, a stray EventAck, and no clock runs', () => {
    expect(steps.map(({ sentence }) => sentence)).toEqual([
      'the connection is set up',
      'the server is connected',
      'the service tries to send EventAck; the chart holds it back',
    ]);
    expect(steps.at(-1)).toMatchObject({ server: 'awaiting/stopped', timers: [] });
  });

  it('is recorded with the clock that it has, not with the one that the real chart would have', () => {
    const fault = findSeededFault('stray-ack-stops-clock');
    const { steps: records } = replayCounterexample(
      expected(fault),
      'draft',
      checkOptionsFor(fault),
    );
    expect(records.map(({ name, to, deadline }) => [name, to, deadline])).toEqual([
      ['Connected', 'awaiting/registration', 10_000],
      ['EventAck', 'awaiting/registration', null],
    ]);
  });
});

describe('a recording of a counterexample', () => {
  const fault = findSeededFault('error-is-a-yes');
  const { steps } = replayCounterexample(expected(fault), 'yes', checkOptionsFor(fault));

  it('has the session of each seat, with a verdict as any other', () => {
    const sessions = sessionsOf(steps);
    expect([...sessions.keys()]).toEqual(['yes-server', 'yes-client']);
    expect(verdicts).toHaveProperty(sessions.get('yes-server')?.summary.verdict ?? '');
    expect(sessions.get('yes-client')?.summary.verdict).toBe('registered');
  });

  it('has the messages, each as it was said and as it was heard, answers with the reference id', () => {
    const messages = steps.filter(({ kind }) => kind === 'message');
    for (const { name, direction, payload, session } of messages) {
      const others = messages.filter((one) => one.session !== session && one.name === name);
      if (direction === 'in') expect(others.map((one) => one.payload)).toContainEqual(payload);
    }
    expect(messages.map(({ seat, direction, name }) => `${seat} ${direction} ${name}`)).toContain(
      'client in EventError',
    );
  });
});
