import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { registrationMachine, stateNodesOf } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { closeInspectorsAfterEach, follow, inspected, told } from './viewers.js';

closeInspectorsAfterEach();
closeGatesAfterEach();

const registers = ({ type }: { type: string }) => type === 'service.register';
const stops = ({ type }: { type: string }) => type === 'service.stop';
const events = ({ type }: { type: string }) => type === 'service.event';

describe('A viewer with the genuine receiver', () => {
  it('follows a session from its connect over refusal and registration to its end', async () => {
    const { server, client } = await openGate({ onMessage: ({ reply }) => void reply.ack() });
    const { port } = await inspected(server);
    const viewer = await follow(port);
    await using desk = await client();
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
    await desk.ask(registerRequest({ referenceId: 2 }));
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 3 });
    desk.socket.end();
    const [stop] = await viewer.until(1, stops);
    expect(told(viewer.heard, stop?.sessionId ?? '')).toEqual([
      'register connecting',
      'event xstate.init',
      'state connecting',
      'event Connected',
      'state awaiting/registration',
      'event OtherMessage',
      'state refusing/registration',
      'event EventError',
      'state awaiting/rejection',
      'event RequestRegisterClient',
      'state validating/rejection',
      'event EventAck',
      'state registered',
      'event OtherMessage',
      'state registered',
      'event EventAck',
      'state registered',
      'event Disconnected',
      'state disconnected',
      'stop',
    ]);
  });

  it('sees who it is, what was said with secrets masked, and the time left', async () => {
    const { server, client } = await openGate();
    const { port } = await inspected(server);
    const viewer = await follow(port);
    await using desk = await client();
    await desk.ask(registerRequest({ extension: { pin: '1234' } }));
    const heard = await viewer.until(3, ({ type }) => type === 'service.event');
    const said = heard.flatMap((event) =>
      event.type === 'service.event' ? [event.event.data] : [],
    );
    expect(said[2]).toMatchObject({
      type: 'RequestRegisterClient',
      direction: 'in',
      seq: 2,
      message: { clientName: 'desk-1', extension: { pin: '***' } },
    });
    const states = await viewer.until(4, ({ type }) => type === 'service.state');
    const contexts = states.map((event) =>
      event.type === 'service.state' ? event.state.context : {},
    );
    expect(contexts[1]).toMatchObject({ seq: 1, clientName: null, deadline: expect.any(Number) });
    expect(contexts[3]).toMatchObject({ seq: 3, clientName: 'desk-1', deadline: null });
    desk.socket.end();
    const [last] = (await viewer.until(5, ({ type }) => type === 'service.state')).slice(-1);
    expect(last).toMatchObject({
      state: {
        context: { clientName: 'desk-1', clientType: 'AgentApplication', reason: 'peer-closed' },
      },
    });
  });

  it('gets the chart as a machine of xstate 4 that goes where the chart goes', async () => {
    // A machine that was sent as JSON has no delays; xstate 4 warns about that.
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { server, client } = await openGate();
    const { port } = await inspected(server);
    await using _desk = await client();
    const viewer = await follow(port);
    const [first] = await viewer.until(1, registers);
    if (first?.type !== 'service.register') throw new Error('no machine');
    const { machine, state } = first;
    expect(machine.id).toBe(registrationMachine.id);
    expect([...machine.stateIds]).toEqual(
      stateNodesOf(registrationMachine.root).map(({ id }) => id),
    );
    expect(machine.definition.initial).toBe('connecting');
    const steps = [
      'OtherMessage',
      'EventError',
      'RequestRegisterClient',
      'EventAck',
      'Disconnected',
    ];
    let value = state.value;
    const went = steps.map((event) => {
      value = machine.transition(value, event).value;
      return JSON.stringify(value);
    });
    expect(went.at(-2)).toBe('{"connected":"registered"}');
    expect(went.at(-1)).toBe('"disconnected"');
    const deadline =
      'xstate.after(rejectionTimeout)#registration.connected.unregistered.deadline.rejection';
    expect(machine.events).toContain(deadline);
  });

  it('sees a deadline under the name that xstate 4 gives it', async () => {
    const { server, client } = await openGate({ registrationTimeout: 30 });
    const { port } = await inspected(server);
    const viewer = await follow(port);
    await using _desk = await client();
    await viewer.until(1, stops);
    expect(viewer.heard.filter(events).at(-1)).toMatchObject({
      event: {
        name: 'xstate.after(registrationTimeout)#registration.connected.unregistered.deadline.registration',
      },
    });
  });

  it('that comes late gets the sessions that are there, in the state they are in', async () => {
    const { server, client } = await openGate();
    const { port } = await inspected(server);
    await using one = await client();
    await using two = await client();
    await one.ask(registerRequest());
    await two.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
    const viewer = await follow(port);
    const found = await viewer.until(2, registers);
    expect(found.map((event) => told([event], event.sessionId)[0])).toEqual([
      'register registered',
      'register awaiting/rejection',
    ]);
  });

  it('sees the sessions it asks for and no other', async () => {
    const { server, client } = await openGate();
    const { port } = await inspected(server);
    await using one = await client();
    await using two = await client();
    await one.ask(registerRequest());
    await two.ask(registerRequest());
    const [, second] = server.sessions();
    const viewer = await follow(port, `/xstate?session=${second?.id}`);
    await using _desk = await client();
    one.socket.end();
    two.socket.end();
    await viewer.until(1, stops);
    expect(new Set(viewer.heard.map(({ sessionId }) => sessionId))).toEqual(new Set([second?.id]));
  });

  it('is closed with a reason when the session is unknown', async () => {
    const { server } = await openGate();
    const { port } = await inspected(server);
    const viewer = await follow(port, '/xstate?session=absent');
    expect(await viewer.closed).toEqual({ code: 1008, reason: 'unknown session absent' });
  });

  it('sees as many sessions as there is room for, and the next when one is gone', async () => {
    const { server, client } = await openGate();
    const { port } = await inspected(server, { maxSessions: 2 });
    const viewer = await follow(port);
    await using one = await client();
    await using _second = await client();
    await using _third = await client();
    await one.ask(registerRequest());
    one.socket.end();
    await viewer.until(1, stops);
    await using _desk = await client();
    const seen = (await viewer.until(3, registers)).map(({ sessionId }) => sessionId.split('-')[1]);
    expect(seen).toEqual(['1', '2', '4']);
  });

  it('is closed with a reason when the limit of viewers is reached', async () => {
    const { server } = await openGate();
    const { port } = await inspected(server, { maxViewers: 1 });
    await follow(port);
    const second = await follow(port);
    expect(await second.closed).toEqual({ code: 1013, reason: '1 viewers are already connected' });
  });

  it('leaves nothing behind when it goes: no listener, no global of the package', async () => {
    const { server, client } = await openGate();
    const { port, bridge } = await inspected(server);
    const mine = { mine: true };
    Object.assign(globalThis, { __xstate__: mine });
    try {
      const before = server.listenerCount('step');
      const viewer = await follow(port);
      await using _desk = await client();
      await viewer.until(1, registers);
      expect(server.listenerCount('step')).toBe(before + 1);
      viewer.socket.close();
      await viewer.closed;
      // The gate's side hears of it later than the viewer's.
      while (bridge.counts.viewers > 0) await new Promise(setImmediate);
      expect(server.listenerCount('step')).toBe(before);
      expect((globalThis as { __xstate__?: unknown }).__xstate__).toBe(mine);
    } finally {
      Reflect.deleteProperty(globalThis, '__xstate__');
    }
  });
});

describe('An invalid command', () => {
  it.each([
    ['text that is not JSON', 'hello', 1007],
    ['JSON that is not an object', '[1]', 1007],
    ['null', 'null', 1007],
    ['an object without a type', '{}', 1008],
    ['a message of the other direction', '{"type":"service.stop","sessionId":"1"}', 1008],
    ['a disconnect of the inspector', '{"type":"disconnect"}', 1008],
    ['an event that is not JSON', '{"type":"xstate.event","event":"{"}', 1007],
    ['an event without a name', '{"type":"xstate.event","event":"{}"}', 1007],
    ['bytes', Buffer.from('{"type":"xstate.inspecting"}'), 1003],
    ['a frame too long', `{"type":"${'x'.repeat(70_000)}"}`, 1009],
  ])('%s closes that viewer and nothing else', async (_, frame, code) => {
    const { server, client } = await openGate();
    const { port, bridge } = await inspected(server);
    await using desk = await client();
    const [bad, good] = [await follow(port), await follow(port)];
    await good.until(1, registers);
    bad.socket.send(frame);
    expect((await bad.closed).code).toBe(code);
    expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    desk.socket.end();
    await good.until(1, stops);
    while (bridge.counts.viewers > 1) await new Promise(setImmediate);
    expect(bridge.counts.viewers).toBe(1);
  });

  it('kills the process of the genuine package, which is why there is a façade', async () => {
    const { loadGenuine } = await import('../../adapters/xstate-inspector/genuine.js');
    const { createInspectFacade } = await import('../../adapters/xstate-inspector/facade.js');
    const { inspectWith } = await import('../../adapters/xstate-inspector/genuine.js');
    const { Registry } = await import('../../adapters/xstate-inspector/registry.js');
    const facade = createInspectFacade(() => {});
    inspectWith(loadGenuine(), new Registry(), facade.server);
    let listener: (data: string, isBinary: boolean) => void = () => {};
    facade.server.emit('connection', {
      on: (_: string, heard: typeof listener) => (listener = heard),
    });
    expect(() => listener('hello', false)).toThrow(SyntaxError);
  });
});

describe('What a viewer sends to a session', () => {
  const login = { messageName: 'RequestAgentLogin', referenceId: 7 };

  it('is refused, told and counted unless the gate allows it', async () => {
    const { server, client } = await openGate();
    const { port, bridge, news } = await inspected(server);
    await using desk = await client();
    const [viewer, other] = [await follow(port), await follow(port)];
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    viewer.inject(sessionId, { type: 'RequestRegisterClient', message: registerRequest() });
    const [refused] = await viewer.until(
      1,
      (event) => told([event], sessionId)[0] === 'event ixgate.injection-refused',
    );
    const reason = 'the gate runs without --allow-inject';
    expect(refused).toMatchObject({ event: { data: { reason } } });
    expect(bridge.counts).toMatchObject({ injected: 0, injectionsRefused: 1 });
    expect(news.at(-1)).toEqual({
      kind: 'injection-refused',
      viewer: 'viewer-1',
      session: sessionId,
      event: 'RequestRegisterClient',
      reason,
    });
    // Nothing happened: the session is as it was, and the other viewer heard nothing.
    expect(server.session(sessionId)?.info().state).toBe('awaiting/registration');
    expect(await desk.ask(registerRequest({ referenceId: 9 }))).toMatchObject({ referenceId: 9 });
    await other.until(1, (event) => told([event], sessionId)[0] === 'state registered');
    expect(told(other.heard, sessionId)).not.toContain('event ixgate.injection-refused');
  });

  it('registers the client when that is allowed, and shows that it was not the client who asked', async () => {
    const { server, client } = await openGate();
    const { port, bridge } = await inspected(server, { allowInject: true });
    await using desk = await client();
    const viewer = await follow(port);
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    viewer.inject(sessionId, { type: 'RequestRegisterClient', message: registerRequest() });
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
    await viewer.until(1, (event) => told([event], sessionId)[0] === 'state registered');
    const asked = viewer.heard.find(
      (event) => told([event], sessionId)[0] === 'event RequestRegisterClient',
    );
    expect(asked).toMatchObject({ event: { data: { message: { injectedBy: 'viewer-1' } } } });
    expect(bridge.counts).toMatchObject({ injected: 1, injectionsRefused: 0 });
  });

  it('reaches the service, and ends the session, when that is allowed', async () => {
    const { server, client } = await openGate({
      onMessage: ({ message, reply }) => void reply.ack({ heard: message.messageName }),
    });
    const { port } = await inspected(server, { allowInject: true });
    await using desk = await client();
    await desk.ask(registerRequest());
    const viewer = await follow(port);
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    viewer.inject(sessionId, { type: 'OtherMessage', message: login });
    expect(await desk.next()).toMatchObject({ referenceId: 7, heard: 'RequestAgentLogin' });
    viewer.inject(sessionId, { type: 'Disconnected' });
    expect(await desk.next()).toBeNull();
    await viewer.until(1, stops);
    expect(viewer.heard.find(({ type }) => type === 'service.stop')).toMatchObject({ sessionId });
  });

  it.each([
    ['the server’s EventAck', { type: 'EventAck', message: { messageName: 'EventAck' } }],
    ['the server’s EventError', { type: 'EventError' }],
    ['Connected', { type: 'Connected' }],
    ['an event the chart does not have', { type: 'Anything' }],
    ['a registration under another name', { type: 'OtherMessage', message: registerRequest() }],
  ])('is refused even then when it is %s', async (_, event) => {
    const { server, client } = await openGate();
    const { port } = await inspected(server, { allowInject: true });
    await using _desk = await client();
    const viewer = await follow(port);
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    viewer.inject(sessionId, event);
    const [refused] = await viewer.until(
      1,
      (heard) => told([heard], sessionId)[0] === 'event ixgate.injection-refused',
    );
    expect(refused).toMatchObject({
      event: { data: { reason: expect.stringMatching(/^expected RequestRegisterClient/) } },
    });
    expect(server.session(sessionId)?.info().state).toBe('awaiting/registration');
  });

  it('is refused while an answer to the client is pending', async () => {
    let decide = (_: boolean) => {};
    const { server, client } = await openGate({
      validator: () => new Promise<boolean>((resolve) => (decide = resolve)),
    });
    const { port } = await inspected(server, { allowInject: true });
    await using desk = await client();
    const viewer = await follow(port);
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    desk.say(registerRequest({ referenceId: 3 }));
    await viewer.until(
      1,
      (event) => told([event], sessionId)[0] === 'state validating/registration',
    );
    viewer.inject(sessionId, { type: 'OtherMessage', message: login });
    const [refused] = await viewer.until(
      1,
      (event) => told([event], sessionId)[0] === 'event ixgate.injection-refused',
    );
    expect(refused).toMatchObject({
      event: { data: { reason: 'a response to the client is pending; try again' } },
    });
    decide(true);
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 3 });
  });

  it('keeps the order: what the client says while an injected registration is validated is read after it', async () => {
    let decide = (_: boolean) => {};
    const { server, client } = await openGate({
      validator: () => new Promise<boolean>((resolve) => (decide = resolve)),
      onMessage: ({ reply }) => void reply.ack(),
    });
    const { port } = await inspected(server, { allowInject: true });
    await using desk = await client();
    const viewer = await follow(port);
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    viewer.inject(sessionId, {
      type: 'RequestRegisterClient',
      message: registerRequest({ referenceId: 5 }),
    });
    await viewer.until(
      1,
      (event) => told([event], sessionId)[0] === 'state validating/registration',
    );
    desk.say({ messageName: 'RequestAgentLogin', referenceId: 6 });
    viewer.socket.ping();
    await once(viewer.socket, 'pong');
    decide(true);
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 5 });
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 6 });
  });

  it('is refused for a session the viewer does not see', async () => {
    const { server, client } = await openGate();
    const { port, news } = await inspected(server, { allowInject: true });
    await using _one = await client();
    await using _two = await client();
    const [one, two] = server.sessions();
    const viewer = await follow(port, `/xstate?session=${one?.id}`);
    await viewer.until(1, registers);
    viewer.inject(two?.id ?? '', { type: 'Disconnected' });
    viewer.socket.ping();
    await once(viewer.socket, 'pong');
    expect(news.at(-1)).toMatchObject({
      kind: 'injection-refused',
      reason: 'unknown session',
    });
    expect(server.sessions()).toHaveLength(2);
  });
});

describe('T84: a viewer of /xstate', () => {
  const tooMany = 'too many messages: expected at most 20 per second with a burst of 100';

  it('T84: is closed with a reason when it sends too much; other viewers stay connected', async () => {
    const { server, client } = await openGate();
    const { bridge, port, news } = await inspected(server);
    const [bad, good] = [await follow(port), await follow(port)];
    for (let times = 0; times < 300; times += 1) bad.inject('absent', { type: 'Disconnected' });
    expect(await bad.closed).toEqual({ code: 1008, reason: tooMany });
    expect(news.filter(({ kind }) => kind === 'injection-refused').length).toBeLessThan(150);
    expect(news).toContainEqual({ kind: 'viewer-closed', viewer: 'viewer-1', problem: tooMany });
    expect(bridge.counts.viewers).toBe(1);
    await using _desk = await client();
    await good.until(1, registers);
  });

  it('T84: has asking for the sessions counted as what it costs', async () => {
    const { server, client } = await openGate();
    const { port } = await inspected(server);
    const clients = await Promise.all(Array.from({ length: 20 }, () => client()));
    const bad = await follow(port);
    for (let times = 0; times < 20; times += 1) bad.socket.send('{"type":"xstate.inspecting"}');
    expect(await bad.closed).toEqual({ code: 1008, reason: tooMany });
    const told = bad.heard.filter(registers).length;
    expect(told).toBeLessThan(10 * clients.length);
    for (const { socket } of clients) socket.destroy();
  });

  it('T84: is shown so many sessions a second that connect, and no more', async () => {
    const { server, client } = await openGate();
    const { port } = await inspected(server, { sessionRate: { perSecond: 0.001, burst: 2 } });
    const viewer = await follow(port);
    for (let times = 0; times < 3; times += 1) {
      const desk = await client();
      desk.socket.end();
      await desk.ended;
    }
    await viewer.until(2, stops);
    viewer.socket.ping();
    await once(viewer.socket, 'pong');
    expect(viewer.heard.filter(registers)).toHaveLength(2);
  });
});
