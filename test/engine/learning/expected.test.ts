/** The machine that a learner is expected to find comes from the chart. */
import { describe, expect, it } from 'vitest';
import { expectedProtocol } from '../../../machines/engine/kit/expected-protocol.js';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { stateNamed } from '../../../machines/engine/learning/timed-machine.js';
import { mqttConnectProtocol } from '../../../machines/mqtt-connect/protocol.js';
import { expectedRegistration } from '../../../machines/registration/sut/expected.js';

const delays = { registrationTimeout: 400, rejectionTimeout: 200 };

describe('the expected machine of the registration', () => {
  const machine = expectedRegistration({ delays });
  const state = (name: string) => stateNamed(machine, name);

  it('has four states: a new connection, a refused client, a registered client, and the end', () => {
    expect(machine.states.map(({ name, isClosed }) => [name, isClosed])).toEqual([
      ['awaiting/registration', false],
      ['registered', false],
      ['awaiting/rejection', false],
      ['disconnected', true],
    ]);
    expect(machine.initial).toBe('awaiting/registration');
  });

  it('starts a clock at the connect and at the first error, keeps it at later errors, and stops it at the registration', () => {
    const first = state('awaiting/registration');
    expect(first.timeout).toEqual({
      to: 'disconnected',
      output: 'closed',
      clock: 'stop',
      length: 400,
    });
    expect(first.edges.other).toEqual({
      to: 'awaiting/rejection',
      output: 'EventError',
      clock: 'start',
    });
    const refused = state('awaiting/rejection');
    expect(refused.timeout?.length).toBe(200);
    expect(refused.edges['register-invalid']?.clock).toBe('keep');
    expect(refused.edges.register).toEqual({
      to: 'registered',
      output: 'EventAck',
      clock: 'stop',
    });
    expect(state('registered').timeout).toBe(null);
    expect(state('registered').edges.register?.clock).toBe('none');
  });

  it('closes after an invalid frame, and knows no inputs of time', () => {
    expect(state('awaiting/registration').edges['not-json']?.output).toBe('EventError closed');
    expect(machine.inputs).not.toContain('wait');
    expect(machine.inputs).not.toContain('silence');
  });

  it('accepts any answer to a registered client with answers: any, but no close', () => {
    const free = expectedRegistration({ delays, answers: 'any' });
    expect(stateNamed(free, 'registered').edges.other?.isFree).toBe(true);
    expect(differencesOf(free, machine, 20)).toEqual([]);
  });

  it('has the inputs that are asked for', () => {
    const small = expectedRegistration({ delays, inputs: ['register', 'silence'] });
    expect(small.inputs).toEqual(['register']);
    expect(small.states.map(({ name }) => name)).not.toContain('awaiting/rejection');
  });
});

describe('the expected machine of another protocol', () => {
  const machine = expectedProtocol(mqttConnectProtocol.model({ version: '5' }), ['connectTimeout']);

  it('lists the other outputs that the specification allows', () => {
    const edge = stateNamed(machine, 'awaiting').edges['connect-refused'];
    expect(edge?.output).toBe('CONNACK-134 closed');
    expect(edge?.allowed).toEqual(['CONNACK-135 closed', 'closed']);
  });

  it('leaves a length open that the server may choose, and restarts a clock', () => {
    expect(stateNamed(machine, 'awaiting').timeout?.length).toBe(null);
    const connected = stateNamed(machine, 'connected');
    expect(connected.timeout).toMatchObject({ length: 1_500, allowed: ['closed'] });
    expect(connected.edges.ping?.clock).toBe('start');
  });
});
