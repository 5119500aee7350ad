import { afterEach, describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, createMachine } from 'xstate';
import type { InspectorServer } from '../../adapters/inspector/index.js';
import { actorIn, anInspector, appNamed, genuine } from './apps.js';
import { form, light, pingPong } from './machines.js';

const running: AnyActorRef[] = [];
afterEach(() => {
  for (const actor of running.splice(0)) actor.stop();
});

function started<Actor extends AnyActorRef>(actor: Actor): Actor {
  running.push(actor);
  actor.start();
  return actor;
}

/** The transitions at the last event. The state is not enough: the client sends a later one with the definition. */
function lastOf(server: InspectorServer, name: string) {
  return actorIn(appNamed(server, name), name)?.lastEvents.at(-1)?.transitions;
}

describe('The inspector with the client of @statelyai/inspect', () => {
  it('lists the app, its actors, their states, and events with guessed transitions', async () => {
    await using server = await anInspector();
    using client = genuine(server.appUrl);
    const actor = started(createActor(light, { inspect: client.inspect }));
    actor.send({ type: 'NEXT' });
    actor.send({ type: 'NEXT' });
    await expect.poll(() => lastOf(server, 'light')).toEqual(['yellow:NEXT']);
    expect(appNamed(server, 'light')).toMatchObject({
      id: 'app-1',
      connected: true,
      endedAt: null,
      version: '0.7.2',
      broken: 0,
      missing: 0,
    });
    const { lastEvents, ...known } = actorIn(appNamed(server, 'light'), 'light') ?? {};
    expect(known).toEqual({
      id: actor.sessionId,
      name: 'light',
      unused: false,
      parent: null,
      machine: 'light',
      definitionCut: false,
      status: 'active',
      state: 'red',
    });
    expect(lastEvents).toMatchObject([
      { type: 'xstate.init', transitions: null },
      { type: 'NEXT', source: null, transitions: ['green:NEXT'], guessed: true },
      { type: 'NEXT', source: null, transitions: ['yellow:NEXT'], guessed: true },
    ]);
  });

  it('shows children with their parents, and who sent an event', async () => {
    await using server = await anInspector();
    using client = genuine(server.appUrl);
    const actor = started(createActor(pingPong, { inspect: client.inspect }));
    actor.send({ type: 'GO' });
    await expect.poll(() => lastOf(server, 'pinger')).toEqual(['asked:PONG']);
    const app = appNamed(server, 'pinger');
    const child = actorIn(app, 'ponger');
    expect(child).toMatchObject({ parent: actor.sessionId, machine: 'ponger' });
    expect(child?.lastEvents.at(-1)).toMatchObject({ type: 'PING', transitions: ['ponger:PING'] });
    const pong = actorIn(app, 'pinger')?.lastEvents.at(-1);
    expect(pong).toMatchObject({ type: 'PONG', source: child?.id, transitions: ['asked:PONG'] });
  });

  it('shows actors of promises without a machine, and their end', async () => {
    await using server = await anInspector();
    using client = genuine(server.appUrl);
    const actor = started(createActor(form, { inspect: client.inspect }));
    actor.send({ type: 'SUBMIT' });
    await expect.poll(() => actorIn(appNamed(server, 'form'), 'save')?.status).toBe('done');
    expect(actorIn(appNamed(server, 'form'), 'save')).toMatchObject({ machine: null, state: null });
    await expect.poll(() => actorIn(appNamed(server, 'form'), 'form')?.state).toBe('editing');
  });

  it('keeps the definitions and states of an app that has ended', async () => {
    await using server = await anInspector();
    {
      using client = genuine(server.appUrl);
      started(createActor(light, { inspect: client.inspect }));
      await expect.poll(() => actorIn(appNamed(server, 'light'), 'light')?.state).toBe('green');
    }
    await expect.poll(() => appNamed(server, 'light')?.connected).toBe(false);
    expect(actorIn(appNamed(server, 'light'), 'light')).toMatchObject({
      machine: 'light',
      state: 'green',
    });
  });

  it('keeps two apps with the same session ids apart', async () => {
    await using server = await anInspector();
    using one = genuine(`${server.appUrl}?name=one`);
    using other = genuine(`${server.appUrl}?name=other`);
    const id = { systemId: 'light' };
    const first = started(createActor(light, { inspect: one.inspect, ...id }));
    const second = started(createActor(light, { inspect: other.inspect, ...id }));
    // Session ids count up in a process; two processes begin with the same one.
    Object.defineProperty(second, 'sessionId', { value: first.sessionId });
    second.send({ type: 'NEXT' });
    const state = (name: string) =>
      appNamed(server, name)?.actors.find((actor) => actor.id === first.sessionId)?.state;
    await expect.poll(() => state('other')).toBe('yellow');
    await expect.poll(() => state('one')).toBe('green');
  });

  it('marks definitions that the depth limit cut, and takes whole ones', async () => {
    await using server = await anInspector();
    const states = (depth: number): object =>
      depth === 0 ? {} : { initial: 'a', states: { a: states(depth - 1) } };
    const deep = createMachine({ id: 'deep', ...states(12) });
    using cut = genuine(`${server.appUrl}?name=cut`);
    using whole = genuine(`${server.appUrl}?name=whole`, { serializationDepthLimit: 100 });
    started(createActor(deep, { inspect: cut.inspect }));
    started(createActor(deep, { inspect: whole.inspect }));
    const cutOf = (name: string) => actorIn(appNamed(server, name), 'deep')?.definitionCut;
    await expect.poll(() => cutOf('cut')).toBe(true);
    await expect.poll(() => cutOf('whole')).toBe(false);
  });
});
