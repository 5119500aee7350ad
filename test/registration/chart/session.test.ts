import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import {
  configurations,
  eventAck,
  eventError,
  never,
  type RegistrationEvent,
  type SeatActions,
  type SeatDelays,
  type SeatName,
  Session,
  type SessionOptions,
  type StepRecord,
  seated,
  type WireMessage,
} from '../../../machines/index.js';

const origin = 1_700_000_000_000;
const request: WireMessage = {
  messageName: 'RequestRegisterClient',
  referenceId: 7,
  clientName: 'desk-1',
  clientType: 'AgentApplication',
};

interface Setting {
  seat?: SeatName;
  delays?: SeatDelays;
  redact?: SessionOptions['redact'];
  actions?(send: (event: RegistrationEvent) => void): Partial<SeatActions>;
}

/** A session on a simulated clock, whose wall clock starts at `origin`. */
function opened({ seat = 'server', delays, redact, actions }: Setting = {}) {
  const clock = new SimulatedClock();
  const steps: StepRecord[] = [];
  const length = delays ?? { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
  const actor = createActor(
    seated({ actions: actions?.((event) => session.send(event)) ?? {}, delays: length }),
    { clock },
  );
  const session: Session = new Session(actor, {
    session: 's-1',
    seat,
    delays: length,
    onStep: (step) => steps.push(step),
    time: { wall: () => origin + clock.now(), monotonic: () => clock.now() },
    ...(redact && { redact }),
  });
  actor.start();
  return { clock, session, steps };
}

/** The chart's own events of one message each way. */
const asked = { type: 'RequestRegisterClient', message: request } as const;
const refusal = {
  type: 'EventError',
  message: eventError(7, 2, 'client is not valid: unknown name'),
} as const;

describe('a step record', () => {
  it('says everything of a message: when, from whom, from where to where, and what is left', () => {
    const { clock, session, steps } = opened();
    clock.increment(1_000);
    session.send({ type: 'Connected' });
    clock.increment(250);
    session.send(asked);
    expect(steps).toEqual([
      {
        seq: 1,
        session: 's-1',
        seat: 'server',
        at: origin + 1_000,
        elapsed: 0,
        kind: 'lifecycle',
        direction: null,
        name: 'Connected',
        referenceId: null,
        from: 'connecting',
        to: 'awaiting/registration',
        transition: ['connecting:Connected'],
        deadline: 10_000,
        reason: null,
        payload: null,
      },
      {
        seq: 2,
        session: 's-1',
        seat: 'server',
        at: origin + 1_250,
        elapsed: 250,
        kind: 'message',
        direction: 'in',
        name: 'RequestRegisterClient',
        referenceId: 7,
        from: 'awaiting/registration',
        to: 'validating/registration',
        transition: ['awaiting:RequestRegisterClient'],
        deadline: 9_750,
        reason: null,
        payload: request,
      },
    ]);
  });

  it('names both transitions of an EventError: the exchange and the deadline move together', () => {
    const { session, steps } = opened();
    session.send({ type: 'Connected' });
    session.send(asked);
    session.send(refusal);
    expect(steps[2]).toMatchObject({
      direction: 'out',
      from: 'validating/registration',
      to: 'awaiting/rejection',
      transition: ['validating:EventError', 'registration:EventError'],
      deadline: 5_000,
    });
  });

  it('counts the rejection deadline down over later errors', () => {
    const { clock, session, steps } = opened();
    session.send({ type: 'Connected' });
    session.send(asked);
    session.send(refusal);
    clock.increment(2_000);
    session.send(asked);
    session.send(refusal);
    expect(steps.at(-1)).toMatchObject({
      transition: ['validating:EventError'],
      deadline: 3_000,
    });
    expect(session.deadline).toBe(3_000);
    expect(session.elapsed).toBe(2_000);
  });

  it('has no deadline once registered', () => {
    const { session, steps } = opened();
    session.send({ type: 'Connected' });
    session.send(asked);
    session.send({ type: 'EventAck', message: eventAck(7) });
    expect(steps.at(-1)).toMatchObject({ to: 'registered', deadline: null, reason: null });
    expect(session.deadline).toBeNull();
  });

  it('has no deadline where another seat keeps it', () => {
    const delays = { registrationTimeout: never, rejectionTimeout: never };
    const { session, steps } = opened({ seat: 'client', delays });
    session.send({ type: 'Connected' });
    session.send(asked);
    session.send(refusal);
    expect(steps.map((step) => step.deadline)).toEqual([null, null, null]);
  });

  it.each([
    ['server', 'in', 'out'],
    ['observer', 'in', 'out'],
    ['client', 'out', 'in'],
    ['tester', 'out', 'in'],
  ] as const)('is seen from the %s: a request goes %s, its answer %s', (seat, first, second) => {
    const { session, steps } = opened({ seat });
    session.send({ type: 'Connected' });
    session.send(asked);
    session.send(refusal);
    expect(steps.map((step) => step.direction)).toEqual([null, first, second]);
    expect(steps.every((step) => step.seat === seat)).toBe(true);
  });

  it('calls a message by its name on the wire, not by the event it is to the chart', () => {
    const { session, steps } = opened();
    session.send({ type: 'Connected' });
    session.send({
      type: 'OtherMessage',
      message: { messageName: 'RequestAgentLogin', referenceId: 'x' as unknown as number },
    });
    expect(steps.at(-1)).toMatchObject({ name: 'RequestAgentLogin', referenceId: null });
    expect(steps.at(-1)?.transition).toEqual(['awaiting:OtherMessage']);
  });

  it('is made for an event that changes nothing, too', () => {
    const { session, steps } = opened();
    session.send({ type: 'Connected' });
    session.send({ type: 'EventAck', message: eventAck(1) });
    expect(steps.at(-1)).toMatchObject({
      seq: 2,
      name: 'EventAck',
      from: 'awaiting/registration',
      to: 'awaiting/registration',
      transition: ['awaiting:EventAck'],
    });
  });
});

describe('a timer', () => {
  it('is a separate step when the registration deadline ends', () => {
    const { clock, session, steps } = opened();
    session.send({ type: 'Connected' });
    clock.increment(10_000);
    expect(steps.at(-1)).toEqual({
      seq: 2,
      session: 's-1',
      seat: 'server',
      at: origin + 10_000,
      elapsed: 10_000,
      kind: 'timer',
      direction: null,
      name: 'registrationTimeout',
      referenceId: null,
      from: 'awaiting/registration',
      to: 'disconnected',
      transition: ['registration:registrationTimeout'],
      deadline: null,
      reason: 'registration-timeout',
      payload: null,
    });
  });

  it('is a separate step when the rejection deadline ends', () => {
    const { clock, session, steps } = opened();
    session.send({ type: 'Connected' });
    session.send(asked);
    session.send(refusal);
    clock.increment(5_000);
    expect(steps.at(-1)).toMatchObject({
      kind: 'timer',
      name: 'rejectionTimeout',
      transition: ['rejection:rejectionTimeout'],
      reason: 'rejection-timeout',
    });
    expect(session.configuration).toBe('disconnected');
  });
});

describe('the order of steps', () => {
  it('is the order of causes when an action answers while its own step is under way', () => {
    const { session, steps } = opened({
      actions: (send) => ({
        validate: () => send({ type: 'EventAck', message: eventAck(7) }),
        granted: () => send({ type: 'OtherEvent', message: { messageName: 'EventWelcome' } }),
      }),
    });
    session.send({ type: 'Connected' });
    session.send(asked);
    expect(steps.map((step) => [step.seq, step.name, step.to])).toEqual([
      [1, 'Connected', 'awaiting/registration'],
      [2, 'RequestRegisterClient', 'validating/registration'],
      [3, 'EventAck', 'registered'],
      [4, 'EventWelcome', 'registered'],
    ]);
  });

  it('holds when the reader of a step sends the next event', () => {
    const clock = new SimulatedClock();
    const delays = { registrationTimeout: never, rejectionTimeout: never };
    const actor = createActor(seated({ actions: {}, delays }), { clock });
    const seen: string[] = [];
    const session: Session = new Session(actor, {
      session: 's-1',
      seat: 'client',
      delays,
      onStep: (step) => {
        if (step.name === 'Connected') session.send(asked);
        seen.push(step.name);
      },
    });
    actor.start();
    session.send({ type: 'Connected' });
    expect(seen).toEqual(['Connected', 'RequestRegisterClient']);
  });

  it('records the timer alone when its own action says that the connection goes', () => {
    const { clock, session, steps } = opened({
      actions: (send) => ({
        settle: () => send(refusal),
        disconnect: () => send({ type: 'Disconnected', reason: 'server-closed' }),
      }),
    });
    session.send({ type: 'Connected' });
    session.send(asked);
    clock.increment(10_000);
    expect(steps.map((step) => step.kind)).toEqual(['lifecycle', 'message', 'timer']);
    expect(steps.at(-1)?.reason).toBe('registration-timeout');
  });
});

describe('after the disconnect', () => {
  it('nothing is recorded any more, whatever is sent and however long it takes', () => {
    const { clock, session, steps } = opened();
    session.send({ type: 'Connected' });
    session.send({ type: 'Disconnected', reason: 'peer-closed' });
    expect(steps.at(-1)).toMatchObject({
      kind: 'lifecycle',
      name: 'Disconnected',
      to: 'disconnected',
      transition: ['connected:Disconnected'],
      deadline: null,
      reason: 'peer-closed',
    });
    session.send(asked);
    session.send({ type: 'Disconnected', reason: 'transport-error' });
    clock.increment(60_000);
    expect(steps).toHaveLength(2);
  });

  it('drops what an action said after it in the same breath', () => {
    const { session, steps } = opened({
      actions: (send) => ({
        validate: () => {
          send({ type: 'Disconnected', reason: 'server-closed' });
          send({ type: 'EventAck', message: eventAck(7) });
        },
      }),
    });
    session.send({ type: 'Connected' });
    session.send(asked);
    expect(steps.map((step) => step.name)).toEqual([
      'Connected',
      'RequestRegisterClient',
      'Disconnected',
    ]);
  });
});

describe('secrets', () => {
  const recorded = (message: WireMessage, redact?: SessionOptions['redact']) => {
    const { session, steps } = opened(redact ? { redact } : {});
    session.send({ type: 'Connected' });
    session.send({ type: 'RequestRegisterClient', message });
    return steps.at(-1)?.payload;
  };

  it('masks every value of extension and keeps its keys', () => {
    const payload = recorded({
      ...request,
      extension: { event_properties_changed: 1, nested: { a: 'b' }, list: [1, 2] },
    });
    expect(payload).toEqual({
      ...request,
      extension: { event_properties_changed: '***', nested: '***', list: '***' },
    });
  });

  it('masks attributes that speak of a secret, at any depth and in lists', () => {
    const payload = recorded({
      ...request,
      password: 'hunter2',
      agentPassword: { value: 'hunter2' },
      logins: [{ 'Access-Token': 'hunter2', place: 'p1' }, 'plain'],
      deep: { deeper: { private_key: 'hunter2', extension: { site: 'hunter2' } } },
    });
    expect(JSON.stringify(payload)).not.toContain('hunter2');
    expect(payload).toEqual({
      ...request,
      password: '***',
      agentPassword: '***',
      logins: [{ 'Access-Token': '***', place: 'p1' }, 'plain'],
      deep: { deeper: { private_key: '***', extension: { site: '***' } } },
    });
  });

  it('leaves the message itself as it is: only the record is masked', () => {
    const message = { ...request, extension: { secret: 'kept' } };
    recorded(message);
    expect(message.extension.secret).toBe('kept');
  });

  it('is masked by the function of the site where it gives one', () => {
    expect(recorded(request, ({ messageName }) => ({ messageName }))).toEqual({
      messageName: 'RequestRegisterClient',
    });
  });
});

it('every configuration a record names is one of the nine', () => {
  const { clock, session, steps } = opened();
  session.send({ type: 'Connected' });
  session.send(asked);
  session.send(refusal);
  clock.increment(5_000);
  for (const { from, to } of steps) {
    expect(configurations).toContain(from);
    expect(configurations).toContain(to);
  }
});
