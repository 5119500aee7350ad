import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { eventMessage } from '../../adapters/inspector/client/actor-messages.js';
import { createInspector } from '../../adapters/inspector/index.js';
import { actorIn, anInspector, appNamed } from './apps.js';
import { light, pingPong } from './machines.js';

/** The callback of ixgate, which is closed at the end of the test. */
function own(url: string, options: { name?: string; maxWaiting?: number } = {}) {
  const inspector = createInspector({ url, ...options });
  return { ...inspector, [Symbol.dispose]: () => inspector.close() };
}

describe('createInspector', () => {
  it('has functions that can be taken out of it, and are those of the app', async () => {
    await using server = await anInspector();
    const { inspect, flush, close } = createInspector({ url: server.appUrl });
    createActor(light, { inspect }).start();
    expect(await flush()).toBe(true);
    await expect.poll(() => actorIn(appNamed(server, 'light'), 'light')?.state).toBe('green');
    close();
    await expect.poll(() => appNamed(server, 'light')?.connected).toBe(false);
  });

  it.each(['error', 'data'])('tells the name and message of an error in %s', (property) => {
    const event = { type: 'xstate.error.actor.load', [property]: new TypeError('no answer') };
    const { event: told } = JSON.parse(eventMessage('x:0', null, event));
    const error = { name: 'TypeError', message: 'no answer' };
    expect(told).toEqual({ type: event.type, [property]: error });
  });

  it('tells the transitions that were taken, also those without an event', async () => {
    await using server = await anInspector();
    using client = own(server.appUrl);
    const machine = createMachine({
      id: 'chain',
      initial: 'one',
      states: {
        one: { on: { GO: [{ guard: () => false, target: 'three' }, { target: 'two' }] } },
        two: { always: 'three' },
        three: {},
      },
    });
    const actor = createActor(machine, { inspect: client.inspect }).start();
    actor.send({ type: 'GO' });
    await expect.poll(() => actorIn(appNamed(server, 'chain'), 'chain')?.state).toBe('three');
    expect(actorIn(appNamed(server, 'chain'), 'chain')?.lastEvents.at(-1)).toMatchObject({
      type: 'GO',
      transitions: ['one:GO (2)', 'two:always'],
      guessed: false,
    });
  });

  it('tells only the transition that is taken where parallel regions exclude each other', async () => {
    await using server = await anInspector();
    using client = own(server.appUrl);
    const machine = createMachine({
      id: 'regions',
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          states: {
            left: { initial: 'a', states: { a: { on: { OUT: '#regions.first' } } } },
            right: { initial: 'b', states: { b: { on: { OUT: '#regions.second' } } } },
          },
        },
        first: {},
        second: {},
      },
    });
    createActor(machine, { inspect: client.inspect }).start().send({ type: 'OUT' });
    await expect.poll(() => actorIn(appNamed(server, 'regions'), 'regions')?.state).toBe('first');
    expect(actorIn(appNamed(server, 'regions'), 'regions')?.lastEvents.at(-1)).toMatchObject({
      transitions: ['a:OUT'],
      guessed: false,
    });
  });

  it('takes an address with a fragment, which a WebSocket refuses', async () => {
    await using server = await anInspector();
    using client = own(`${server.appUrl}#here`);
    createActor(light, { inspect: client.inspect }).start();
    await expect.poll(() => server.apps().apps.length).toBe(1);
  });

  it('shows the tree of actors and their messages like the client of Stately', async () => {
    await using server = await anInspector();
    using client = own(server.appUrl, { name: 'pings' });
    const actor = createActor(pingPong, { inspect: client.inspect }).start();
    actor.send({ type: 'GO' });
    await expect.poll(() => actorIn(appNamed(server, 'pings'), 'pinger')?.state).toBe('answered');
    const child = actorIn(appNamed(server, 'pings'), 'ponger');
    expect(child).toMatchObject({ parent: actor.sessionId, machine: 'ponger' });
    expect(actorIn(appNamed(server, 'pings'), 'pinger')?.lastEvents.at(-1)).toMatchObject({
      type: 'PONG',
      source: child?.id,
    });
  });

  it('sends what happened before the inspector was there, and connects again to the next one', async () => {
    await using first = await anInspector();
    const { url: listen, appUrl } = first;
    await first.close();
    using client = own(appUrl, { name: 'patient' });
    const actor = createActor(light, { inspect: client.inspect }).start();
    actor.send({ type: 'NEXT' });
    const states: unknown[] = [];
    for (const next of ['red', 'green']) {
      await using server = await anInspector({ listen });
      await expect.poll(() => appNamed(server, 'patient')?.actors.length).toBe(1);
      // The second inspector gets the definition and the current state.
      states.push(actorIn(appNamed(server, 'patient'), 'light')?.state);
      actor.send({ type: 'NEXT' });
      await expect.poll(() => actorIn(appNamed(server, 'patient'), 'light')?.state).toBe(next);
      expect(actorIn(appNamed(server, 'patient'), 'light')?.machine).toBe('light');
    }
    expect(states).toEqual(['yellow', 'red']);
  });

  it('stays the same app when only the connection is lost', async () => {
    await using server = await anInspector();
    const url = `${server.appUrl}?app=key-1`;
    for (const name of ['before', 'after']) {
      const socket = new (await import('ws')).WebSocket(`${url}&name=${name}`);
      await expect.poll(() => server.apps().apps[0]?.connected).toBe(true);
      socket.terminate();
      await expect.poll(() => server.apps().apps[0]?.connected).toBe(false);
    }
    expect(server.apps().apps.length).toBe(1);
  });

  it('leaves out the oldest messages when too many wait, and tells how many', async () => {
    await using server = await anInspector();
    using client = own(server.appUrl, { maxWaiting: 10 });
    const actor = createActor(light, { inspect: client.inspect }).start();
    for (let count = 0; count < 50; count += 1) actor.send({ type: 'NEXT' });
    await expect.poll(() => appNamed(server, 'light')?.missing).toBe(93);
    expect(actorIn(appNamed(server, 'light'), 'light')).toMatchObject({
      machine: 'light',
      state: 'red',
    });
  });

  it('never throws into the app: cycles, bigints, failing toJSON and deep contexts do not stop it', async () => {
    await using server = await anInspector();
    using client = own(server.appUrl);
    const deep = (depth: number): object => (depth === 0 ? {} : { deep: deep(depth - 1) });
    const context: Record<string, unknown> = {
      big: 1n,
      deep: deep(5_000),
      failing: {
        toJSON() {
          throw new Error('no');
        },
      },
    };
    context.self = context;
    const odd = createMachine({
      id: 'odd',
      context,
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: {} },
    });
    const actor = createActor(odd, { inspect: client.inspect }).start();
    actor.send({ type: 'GO' });
    await expect.poll(() => actorIn(appNamed(server, 'odd'), 'odd')?.state).toBe('b');
    expect(appNamed(server, 'odd')).toMatchObject({ broken: 0, missing: 0 });
  });

  it('rejects invalid options', () => {
    expect(() => createInspector({ url: 'http://127.0.0.1' })).toThrow(/url: expected a WebSocket/);
    expect(() => createInspector({ maxWaiting: 0 })).toThrow(/maxWaiting/);
  });
});
