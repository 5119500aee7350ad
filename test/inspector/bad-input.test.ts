import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { InspectorServer } from '../../adapters/inspector/index.js';
import { actorIn, anInspector, appNamed } from './apps.js';

/** A connected app that sends what a test wants. */
async function anApp(server: InspectorServer, name: string) {
  const socket = new WebSocket(`${server.appUrl}?name=${name}`);
  await once(socket, 'open');
  return {
    socket,
    send: (frame: string | Buffer) => socket.send(frame),
    tell: (message: object) => socket.send(JSON.stringify(message)),
    [Symbol.dispose]: () => socket.terminate(),
  };
}

function actorMessage(sessionId: string, more: object = {}) {
  return { type: '@xstate.actor', sessionId, name: sessionId, snapshot: {}, ...more };
}

function eventMessage(sessionId: string, type = 'GO') {
  return { type: '@xstate.event', sessionId, event: { type } };
}

describe('Bad input of an app', () => {
  it.each([
    ['text', 'hello'],
    ['half of a message', '{"type":"@xstate.actor"'],
    ['null', 'null'],
    ['a list', '[1]'],
    ['an unknown type', '{"type":"@xstate.other","sessionId":"x:0"}'],
    ['an actor without an id', '{"type":"@xstate.actor"}'],
    ['an event without a type', '{"type":"@xstate.event","sessionId":"x:0","event":{}}'],
    ['a snapshot that is text', '{"type":"@xstate.snapshot","sessionId":"x:0","snapshot":"x"}'],
    ['a negative gap', '{"type":"@ixgate.gap","missing":-1}'],
    ['bytes', Buffer.from([1, 2, 3])],
    ['a long frame', `"${'x'.repeat(2_000)}"`],
    ['deep nesting', '['.repeat(1_000)],
  ])('is ignored and counted, and the app goes on: %s', async (_, frame) => {
    await using server = await anInspector({ limits: { frame: 1_024 } });
    using app = await anApp(server, 'odd');
    app.send(frame);
    app.tell(actorMessage('x:0'));
    await expect.poll(() => appNamed(server, 'odd')?.actors.length).toBe(1);
    expect(appNamed(server, 'odd')).toMatchObject({ connected: true, broken: 1, messages: 2 });
  });

  it('closes the connection when it is not WebSocket or far too long; others go on', async () => {
    await using server = await anInspector({ limits: { frame: 1_024 } });
    using other = await anApp(server, 'other');
    using app = await anApp(server, 'odd');
    const closed = once(app.socket, 'close');
    app.send('x'.repeat(100_000));
    expect((await closed)[0]).toBe(1009);
    await expect.poll(() => appNamed(server, 'odd')?.connected).toBe(false);
    other.tell(actorMessage('x:0'));
    await expect.poll(() => appNamed(server, 'other')?.actors.length).toBe(1);
  });

  it.each([
    ['not JSON', '{'],
    [
      'a target that does not exist',
      JSON.stringify({ initial: 'a', states: { a: { on: { GO: 'nowhere' } } } }),
    ],
    ['states that are text', JSON.stringify({ initial: 'a', states: 'abc' })],
    ['a prototype', '{"__proto__":{"states":{}},"states":{"__proto__":{}}}'],
    ['deep states', `${'{"states":{"a":'.repeat(5_000)}{}${'}}'.repeat(5_000)}`],
  ])('keeps the states of an actor whose definition is unusable: %s', async (_, definition) => {
    await using server = await anInspector();
    using app = await anApp(server, 'odd');
    app.tell(actorMessage('x:0', { definition, snapshot: { status: 'active', value: 'a' } }));
    app.tell(eventMessage('x:0'));
    const snapshot = { status: 'active', value: 'b' };
    app.tell({ ...eventMessage('x:0'), type: '@xstate.snapshot', snapshot });
    await expect.poll(() => actorIn(appNamed(server, 'odd'), 'x:0')?.state).toBe('b');
    const [event] = actorIn(appNamed(server, 'odd'), 'x:0')?.lastEvents ?? [];
    expect(event?.type).toBe('GO');
    expect(event?.transitions ?? []).toEqual([]);
  });

  it('of a flood is left out with a gap; definitions still arrive, and other apps lose nothing', async () => {
    await using server = await anInspector({ limits: { bytesPerSecond: 65_536 } });
    using flood = await anApp(server, 'flood');
    using calm = await anApp(server, 'calm');
    for (let count = 0; count < 1_000; count += 1) flood.tell(eventMessage('x:0', `E${count}`));
    flood.tell(actorMessage('x:1'));
    calm.tell(eventMessage('x:0', 'CALM'));
    await expect.poll(() => actorIn(appNamed(server, 'flood'), 'x:1')).toBeDefined();
    const { missing = 0, messages = 0 } = appNamed(server, 'flood') ?? {};
    expect(missing).toBeGreaterThan(800);
    expect(missing + messages).toBe(1_001);
    expect(appNamed(server, 'calm')).toMatchObject({ missing: 0, messages: 1 });
  });

  it('of a flood is counted also when the app then disconnects', async () => {
    await using server = await anInspector({ limits: { bytesPerSecond: 65_536 } });
    using flood = await anApp(server, 'flood');
    for (let count = 0; count < 1_000; count += 1) flood.tell(eventMessage('x:0', `E${count}`));
    flood.socket.close();
    await expect.poll(() => appNamed(server, 'flood')?.connected).toBe(false);
    const { missing = 0, messages = 0 } = appNamed(server, 'flood') ?? {};
    expect(missing).toBeGreaterThan(800);
    expect(missing + messages).toBe(1_000);
  });

  it('is bounded: actors, events and bytes are forgotten, the oldest first', async () => {
    const limits = { actors: 10, events: 20, bytes: 65_536 };
    await using server = await anInspector({ limits });
    using app = await anApp(server, 'many');
    for (let count = 0; count < 100; count += 1) {
      app.tell(actorMessage(`x:${count}`));
      app.tell(eventMessage(`x:${count}`));
    }
    await expect.poll(() => appNamed(server, 'many')?.messages).toBe(200);
    const many = appNamed(server, 'many');
    expect(many?.actors.map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, index) => `x:${90 + index}`),
    );
    expect(many?.events).toEqual({ held: 20, forgotten: 80 });
    for (let count = 0; count < 10; count += 1) {
      app.tell({ ...eventMessage('x:99'), text: 'x'.repeat(20_000) });
    }
    await expect.poll(() => appNamed(server, 'many')?.messages).toBe(210);
    expect(appNamed(server, 'many')?.events.held).toBeLessThanOrEqual(3);
  });

  it('by too many apps refuses the next one until one has ended', async () => {
    await using server = await anInspector({ limits: { apps: 2 } });
    const first = await anApp(server, 'first');
    using _second = await anApp(server, 'second');
    const refused = new WebSocket(server.appUrl);
    const [, response] = await once(refused, 'unexpected-response');
    expect(response.statusCode).toBe(503);
    refused.on('error', () => {});
    refused.terminate();
    first.socket.terminate();
    await expect.poll(() => appNamed(server, 'first')?.connected).toBe(false);
    using _third = await anApp(server, 'third');
    expect(server.apps().apps.map(({ name }) => name)).toEqual(['second', 'third']);
  });
});
