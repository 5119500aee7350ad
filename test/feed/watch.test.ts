import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { registerRequest } from '../support/line-client.js';
import {
  closeWatchedGatesAfterEach,
  passThrough,
  TestViewer,
  watchedGate,
} from './watched-gate.js';

closeWatchedGatesAfterEach();

const login = { messageName: 'RequestAgentLogin', referenceId: 2 };

/** A gate with one registered client that has said `messages` more, and the id of its session. */
async function talkedTo(messages: number, options: Parameters<typeof watchedGate>[0] = {}) {
  const gate = await watchedGate(options);
  const desk = await gate.client();
  await desk.ask(registerRequest());
  const [info] = gate.server.sessions();
  const say = async (count: number, padding = '') => {
    for (let done = 0; done < count; done += 1) desk.say({ ...login, padding });
    // What is answered last has been read last.
    await desk.ask(registerRequest());
  };
  if (messages > 0) await say(messages - 2);
  return { ...gate, desk, say, session: info?.id ?? '' };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a watched session', () => {
  test('is sent from its first step, then live', async () => {
    const { viewer, desk, session } = await talkedTo(0);
    const one = await viewer();
    one.say({ type: 'watch', session, after: 0 });
    await one.until(() => one.steps(session).length === 3);
    expect(one.steps(session).map(({ seq, name, to }) => [seq, name, to])).toEqual([
      [1, 'Connected', 'awaiting/registration'],
      [2, 'RequestRegisterClient', 'validating/registration'],
      [3, 'EventAck', 'registered'],
    ]);
    desk.say(login);
    await one.until(() => one.steps(session).length === 4);
    desk.socket.end();
    await one.until(() => one.steps(session).length === 5);
    expect(one.steps(session).at(-1)).toMatchObject({ seq: 5, reason: 'peer-closed' });
    expect(one.all('gap')).toEqual([]);
  });

  test('goes on after what the viewer has already', async () => {
    const { viewer, session, say } = await talkedTo(0);
    const one = await viewer();
    one.say({ type: 'watch', session, after: 2 });
    await one.first('steps');
    await say(1);
    await one.until(() => one.steps(session).at(-1)?.seq === 6);
    expect(one.steps(session).map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
  });

  test('is not sent after unwatch', async () => {
    const { viewer, desk, session, client, server } = await talkedTo(0);
    const one = await viewer();
    one.say({ type: 'watch', session, after: 0 });
    await one.first('steps');
    one.say({ type: 'unwatch', session });
    await using other = await client();
    const id = server.sessions().at(-1)?.id ?? '';
    one.say({ type: 'watch', session: id, after: 0 });
    await one.until(() => one.steps(id).length > 0);
    const before = one.steps(session).length;
    await desk.ask(registerRequest());
    await other.ask(registerRequest());
    await one.until(() => one.steps(id).at(-1)?.to === 'registered');
    expect(one.steps(session)).toHaveLength(before);
  });

  test('that does not exist is reported as unknown, and the viewer stays connected', async () => {
    const { viewer, session } = await talkedTo(0);
    const one = await viewer();
    one.say({ type: 'watch', session: 'absent', after: 0 });
    expect(await one.first('unknown')).toEqual({ type: 'unknown', session: 'absent' });
    one.say({ type: 'watch', session, after: 0 });
    await one.first('steps');
  });

  test('comes in several messages when it is long', async () => {
    const { viewer, session } = await talkedTo(1_200);
    const one = await viewer();
    one.say({ type: 'watch', session, after: 0 });
    await one.until(() => one.steps(session).length >= 1_203);
    expect(one.steps(session).map(({ seq }) => seq)).toEqual(numbers(1, 1_203));
    for (const { steps } of one.all('steps')) expect(steps.length).toBeLessThanOrEqual(500);
  });

  test('has a gap between its first steps and its last', async () => {
    const { viewer, session, feed } = await talkedTo(50, { limits: { stepsOfSession: 10 } });
    expect(feed.load.steps).toBe(10);
    const one = await viewer();
    one.say({ type: 'watch', session, after: 0 });
    await one.until(() => one.steps(session).length === 10);
    expect(one.messages.slice(1)).toMatchObject([
      { type: 'steps', session },
      {
        type: 'gap',
        session,
        from: 6,
        to: 48,
        cause: 'forgotten',
        transitions: { 'connecting:Connected': 1, 'registered:OtherMessage': 45 },
      },
      { type: 'steps', session },
    ]);
    const seqs = [...numbers(1, 5), ...numbers(49, 53)];
    expect(one.steps(session).map(({ seq }) => seq)).toEqual(seqs);
  });

  test('loses its steps to newer sessions when it has ended, and is unknown when it is forgotten', async () => {
    const { viewer, session, desk, server } = await talkedTo(0, {
      limits: { sessions: 30, steps: 40 },
    });
    const one = await viewer();
    one.say({ type: 'watch', session, after: 0 });
    desk.socket.end();
    await one.until(() => one.steps(session).length === 4);
    await passThrough(server, 15);
    const second = await viewer();
    second.say({ type: 'watch', session, after: 0 });
    expect(await second.first('gap')).toMatchObject({
      type: 'gap',
      session,
      from: 1,
      to: 4,
      cause: 'forgotten',
      transitions: { 'awaiting:RequestRegisterClient': 1, 'connected:Disconnected': 1 },
    });
    await passThrough(server, 30);
    for (const viewing of [one, second]) {
      expect(await viewing.first('unknown')).toEqual({ type: 'unknown', session });
    }
    expect(one.all('gap')).toEqual([]);
  });
});

/** What the viewer received of a session, in order: each seq once, as a step or within a gap. */
function covered(viewer: TestViewer, session: string): number[] {
  const seen: number[] = [];
  for (const message of viewer.messages) {
    if (message.type === 'steps' && message.session === session) {
      seen.push(...message.steps.map(({ seq }) => seq));
    } else if (message.type === 'gap' && message.session === session) {
      seen.push(...numbers(message.from, message.to));
    }
  }
  return seen;
}

describe('a viewer that does not read', () => {
  test('T40: has no backlog, delays no client, and continues with the newest steps after one gap', async () => {
    const { feed, server, desk, say, session, viewer } = await talkedTo(0);
    const other = await viewer();
    other.say({ type: 'list' });
    // The feed on a server of the test's own, so that its end of the connection can be looked at.
    const sockets: Socket[] = [];
    const http = createHttpServer().on('upgrade', (request, socket, head) => {
      sockets.push(socket as Socket);
      feed.upgrade(request, socket, head);
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const slow = await TestViewer.open(`ws://127.0.0.1:${port}/`);
    slow.say({ type: 'list' });
    slow.say({ type: 'watch', session, after: 0 });
    await slow.until(() => slow.steps(session).length === 3 && slow.all('sessions').length > 0);

    slow.socket.pause();
    let most = 0;
    let total = 0;
    const padding = 'x'.repeat(20_000);
    // More than the buffers of the system hold.
    while (total < 1_500) {
      await say(50, padding);
      total += 52;
      most = Math.max(most, sockets[0]?.writableLength ?? 0);
    }
    await passThrough(server, 700);
    expect(most).toBeGreaterThan(1_048_576);
    expect(most).toBeLessThan(2 * 1_048_576);
    const last = 3 + total;
    // The gate serves its clients all the while: those that came and went, and this one.
    expect(await desk.ask(registerRequest())).toMatchObject({ errorCode: 4 });
    expect(feed.dropped).toBe(0);

    // The other viewer has received everything, so only the catch-up sends more to the slow one.
    await other.until(() => other.list.get(session)?.steps === last + 2);

    slow.socket.resume();
    await slow.until(() => covered(slow, session).at(-1) === last + 2);
    await slow.until(() => slow.list.size === 701);
    expect(covered(slow, session)).toEqual(numbers(1, last + 2));
    const gaps = slow.all('gap');
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ cause: 'slow-viewer', to: last + 2 - 200 });
    const { from = 0, to = 0 } = gaps[0] ?? {};
    expect(feed.dropped).toBe(to - from + 1);
    expect([...slow.list.values()].filter(({ state }) => state === 'disconnected')).toHaveLength(
      700,
    );

    // And is live again.
    desk.say(login);
    await slow.until(() => slow.steps(session).at(-1)?.seq === last + 3);
    slow.socket.terminate();
    http.close();
  });

  test('T40: but keeps sending requests is closed', async () => {
    const { viewer, feed } = await talkedTo(0, { maxUnsent: 4_096 });
    const one = await viewer();
    one.socket.pause();
    const asks = JSON.stringify({ type: 'watch', session: 'x'.repeat(200), after: 0 });
    for (let times = 0; times < 2_000; times += 1) one.socket.send(asks);
    await expect.poll(() => feed.viewers).toBe(0);
  });
});

test('several viewers watch one session, each from where it came', async () => {
  const { viewer, session, say } = await talkedTo(0);
  const viewers = await Promise.all([viewer(), viewer(), viewer()]);
  viewers.forEach((one, after) => {
    one.say({ type: 'watch', session, after });
  });
  await say(10);
  for (const [after, one] of viewers.entries()) {
    await one.until(() => one.steps(session).at(-1)?.seq === 15);
    expect(one.steps(session).map(({ seq }) => seq)).toEqual(numbers(after + 1, 15));
  }
});

test('viewers receive steps soon after they are taken', async () => {
  const { viewer, session, desk } = await talkedTo(0);
  const one = await viewer();
  one.say({ type: 'watch', session, after: 0 });
  await one.first('steps');
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const seq = one.steps(session).at(-1)?.seq ?? 0;
    const begin = performance.now();
    desk.say(login);
    await one.until(() => (one.steps(session).at(-1)?.seq ?? 0) > seq);
    times.push(performance.now() - begin);
  }
  expect(Math.min(...times)).toBeLessThan(100);
});
