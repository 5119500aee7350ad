import { describe, expect, test } from 'vitest';
import { registerRequest } from '../support/line-client.js';
import { closeWatchedGatesAfterEach, watchedGate } from './watched-gate.js';

closeWatchedGatesAfterEach();

describe('a viewer that pings the gate', () => {
  test('gets the time of the gate', async () => {
    const { viewer } = await watchedGate();
    const one = await viewer();
    const before = Date.now();
    one.say({ type: 'ping' });
    const { at } = await one.first('pong');
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  test('sees at the hello whether it is the same run of the gate', async () => {
    const { viewer } = await watchedGate();
    const other = await watchedGate();
    const runs = new Set<string>();
    for (const one of [await viewer(), await viewer(), await other.viewer()]) {
      runs.add((await one.first('hello')).run);
    }
    expect(runs.size).toBe(2);
  });
});

describe('a gate that shuts down', () => {
  test('tells its viewers, and those that come later', async () => {
    const { feed, viewer } = await watchedGate();
    const one = await viewer();
    feed.announceStop();
    await one.first('stopping');
    const later = await viewer();
    expect(await later.first('hello')).toMatchObject({ stopping: true });
  });

  test('sends what happened until its end before it closes', async () => {
    const { server, feed, client, viewer } = await watchedGate();
    const one = await viewer();
    one.say({ type: 'list' });
    await using desk = await client();
    await desk.ask(registerRequest());
    await one.until(() => [...one.list.values()].some(({ state }) => state === 'registered'));
    const [session = ''] = one.list.keys();
    one.say({ type: 'watch', session, after: 0 });
    await one.first('steps');
    // The feed has just received the step, and would send it to its viewers a moment later.
    server.on('step', ({ to }) => {
      if (to === 'disconnected') feed.close();
    });
    desk.socket.end();
    expect(await one.closed).toBe(1001);
    const steps = one.all('steps').flatMap((message) => message.steps);
    expect(steps.at(-1)).toMatchObject({ to: 'disconnected' });
    expect(one.list.get(session)).toMatchObject({ state: 'disconnected', reason: 'peer-closed' });
  });
});
