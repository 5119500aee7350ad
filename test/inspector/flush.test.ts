import { afterEach, describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import { createInspector as createInPage } from '../../adapters/inspector/client/browser.js';
import { createInspector } from '../../adapters/inspector/index.js';
import { actorIn, anInspector, appNamed } from './apps.js';
import { light } from './machines.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('flush', () => {
  it('waits for the connection and until everything is sent; the inspector gets all of it', async () => {
    await using server = await anInspector();
    const inspector = createInspector({ url: server.appUrl, maxWaiting: 1_000_000 });
    const actor = createActor(light, { inspect: inspector.inspect }).start();
    for (let count = 0; count < 5_000; count += 1) actor.send({ type: 'NEXT' });
    expect(await inspector.flush()).toBe(true);
    inspector.close();
    await expect.poll(() => appNamed(server, 'light')?.connected).toBe(false);
    // The actor, its start, and an event and a snapshot for each event.
    expect(appNamed(server, 'light')).toMatchObject({ messages: 10_003, missing: 0 });
  });

  it('ends without a connection, and when the inspector is closed', async () => {
    const inspector = createInspector({ url: 'ws://127.0.0.1:9/stately' });
    expect(await inspector.flush(20)).toBe(false);
    const flushed = inspector.flush(60_000);
    inspector.close();
    expect(await flushed).toBe(false);
  });

  it('works while a test replaces the timers, and afterwards', async () => {
    await using server = await anInspector();
    const inspector = createInspector({ url: server.appUrl });
    const actor = createActor(light, { inspect: inspector.inspect }).start();
    expect(await inspector.flush()).toBe(true);
    // The clock of the inspector goes on: it is in another process, as a rule.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate'] });
    actor.send({ type: 'NEXT' });
    expect(await inspector.flush()).toBe(true);
    actor.send({ type: 'NEXT' });
    vi.useRealTimers();
    await expect.poll(() => actorIn(appNamed(server, 'light'), 'light')?.state).toBe('red');
    inspector.close();
  });
});

describe('createInspector', () => {
  it('sends nothing when it is not enabled', async () => {
    await using server = await anInspector();
    const inspector = createInspector({ url: server.appUrl, enabled: false });
    createActor(light, { inspect: inspector.inspect }).start();
    expect(await inspector.flush()).toBe(false);
    inspector.close();
    expect(server.apps().apps).toEqual([]);
    expect(() => createInspector({ url: 'http://localhost', enabled: false })).toThrow(/url/);
  });

  it('sends nothing in a page that knows no inspector, so that an app can be shipped with it', async () => {
    const connected = vi.fn();
    vi.stubGlobal('WebSocket', connected);
    const inspector = createInPage();
    vi.unstubAllGlobals();
    createActor(light, { inspect: inspector.inspect }).start();
    expect(await inspector.flush()).toBe(false);
    expect(connected).not.toHaveBeenCalled();
  });
});
