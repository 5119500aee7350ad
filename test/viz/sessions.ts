/** Sessions for the parts of the page, made by the chart itself. */
import { createActor, SimulatedClock } from 'xstate';
import {
  eventAck,
  eventError,
  Session,
  type StepRecord,
  seated,
  simulatedTime,
  summarize,
  type WireMessage,
} from '../../machines/index.js';
import type { SessionView } from '../../viz/src/state/contracts.js';

const startedAt = Date.UTC(2026, 4, 4, 9, 0, 0);

export interface Script {
  wait(milliseconds: number): void;
  connect(): void;
  client(message: WireMessage): void;
  server(message: WireMessage): void;
  end(reason: 'peer-closed' | 'server-closed' | 'transport-error' | 'drained'): void;
}

/** A session as the server's seat records it. */
export function sessionOf(play: (script: Script) => void, id = 'test-1'): SessionView {
  const clock = new SimulatedClock();
  const steps: StepRecord[] = [];
  const delays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
  const actor = createActor(seated({ actions: {}, delays }), { clock });
  const time = simulatedTime(clock);
  const session = new Session(actor, {
    session: id,
    seat: 'server',
    delays,
    onStep: (step) => steps.push({ ...step, at: startedAt + step.at }),
    time,
  });
  actor.start();
  const answers = new Set(['EventAck', 'EventError']);
  play({
    wait(milliseconds) {
      let left = milliseconds;
      for (let due = session.deadline; due !== null && due <= left; due = session.deadline) {
        clock.increment(due);
        left -= due;
      }
      clock.increment(left);
    },
    connect: () => session.send({ type: 'Connected' }),
    client(message) {
      const asks = message.messageName === 'RequestRegisterClient';
      session.send({ type: asks ? 'RequestRegisterClient' : 'OtherMessage', message });
    },
    server(message) {
      const { messageName } = message;
      const type = answers.has(messageName)
        ? (messageName as 'EventAck' | 'EventError')
        : 'OtherEvent';
      session.send({ type, message });
    },
    end: (reason) => session.send({ type: 'Disconnected', reason }),
  });
  return viewOf(steps);
}

export function viewOf(steps: readonly StepRecord[], gaps: SessionView['gaps'] = []): SessionView {
  const summary = steps.reduce<SessionView['summary'] | null>(summarize, null);
  if (!summary) throw new Error('a session has a step at least');
  return { origin: 'live', summary, steps, gaps };
}

export const request = (referenceId: number, changes: object = {}): WireMessage => ({
  messageName: 'RequestRegisterClient',
  referenceId,
  clientName: 'desk-1',
  clientType: 'AgentApplication',
  ...changes,
});

export const login = (referenceId: number): WireMessage => ({
  messageName: 'RequestAgentLogin',
  referenceId,
  agentId: 'agent-7',
});

/** Refused, spoke, refused again and disconnected by the deadline: figure 2c. */
export function refusedTwice(): SessionView {
  return sessionOf(({ wait, connect, client, server }) => {
    connect();
    wait(12);
    client(request(1, { clientName: 'desk-9', extension: { site: 'north' } }));
    wait(3);
    server(eventError(1, 2, 'client is not valid: unknown name'));
    wait(1_250);
    client(login(2));
    server(eventError(2, 1, 'client is not registered'));
    wait(60_000);
  });
}

export function registered(): SessionView {
  return sessionOf(({ wait, connect, client, server }) => {
    connect();
    wait(8);
    client(request(1));
    wait(4);
    server(eventAck(1));
    wait(2_400);
    client(login(2));
    wait(31);
    server(eventAck(2, { agentId: 'agent-7' }));
  });
}

/** Registered, with as many steps of later traffic as are asked for. */
export function long(steps: number): SessionView {
  return sessionOf(({ wait, connect, client, server }) => {
    connect();
    client(request(1));
    server(eventAck(1));
    for (let id = 2; 2 * id <= steps; id += 1) {
      wait(250);
      client(login(id));
      wait(20);
      server(eventAck(id));
    }
  });
}
