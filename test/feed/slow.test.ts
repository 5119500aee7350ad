import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { registerRequest } from '../support/line-client.js';
import {
  closeWatchedGatesAfterEach,
  passThrough,
  TestViewer,
  watchedGate,
} from './watched-gate.js';

closeWatchedGatesAfterEach();

/** A gate whose feed stands on a server of the test's own, so that its end of the connection can be looked at. */
async function slowlyWatched(options: Parameters<typeof watchedGate>[0]) {
  const gate = await watchedGate(options);
  const sockets: Socket[] = [];
  const http = createHttpServer().on('upgrade', (request, socket, head) => {
    sockets.push(socket as Socket);
    gate.feed.upgrade(request, socket, head);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const viewer = await TestViewer.open(`ws://127.0.0.1:${port}/`);
  return {
    ...gate,
    slow: viewer,
    /** Bytes that wait for the viewer in the process. */
    unsent: () => sockets[0]?.writableLength ?? 0,
    [Symbol.asyncDispose]: async () => void http.close(),
  };
}

const maxUnsent = 65_536;
/** Of one message: a page of 500 sessions, each less than a kilobyte. */
const longestMessage = 512_000;
/** Much to tell of each session, so that what waits soon is too much. */
const longName = 'n'.repeat(230);

test('T40: viewers that never read block no registration, use bounded memory, and catch up once they read', async () => {
  await using gate = await slowlyWatched({ maxUnsent, limits: { sessions: 2_000 } });
  const { server, feed, slow } = gate;
  const desk = await gate.client();
  await desk.ask(registerRequest());
  slow.say({ type: 'list' });
  await slow.first('sessions');
  slow.socket.pause();

  // Until the system's own buffers are full, and long after.
  let [rounds, full, most] = [0, 0, 0];
  while (full < 5 && rounds < 200) {
    await passThrough(server, 200, `${longName}-${rounds}`);
    rounds += 1;
    most = Math.max(most, gate.unsent());
    if (gate.unsent() > maxUnsent) full += 1;
  }
  expect(full).toBe(5);
  expect(most).toBeLessThan(maxUnsent + longestMessage);
  expect(feed.load.sessions).toBe(2_000);
  // All clients were registered; the viewers delayed none of them.
  expect(server.counts().outcomes.registered).toBe(1 + rounds * 200);
  expect(await desk.ask(registerRequest())).toMatchObject({ errorCode: 4 });

  slow.socket.resume();
  await slow.until(
    () => slow.totals?.accepted === 1 + rounds * 200 && slow.list.size === feed.load.sessions,
  );
  expect([...slow.list.values()].filter(({ state }) => state === 'registered')).toHaveLength(1);
}, 60_000);

test('T40: a viewer that vanishes while much waits for it is forgotten at once', async () => {
  await using gate = await slowlyWatched({ maxUnsent });
  const { server, feed, slow } = gate;
  slow.say({ type: 'list' });
  await slow.first('sessions');
  slow.socket.pause();
  for (let round = 0; gate.unsent() <= maxUnsent && round < 200; round += 1) {
    await passThrough(server, 200, longName);
  }
  expect(gate.unsent()).toBeGreaterThan(maxUnsent);
  slow.socket.terminate();
  await expect.poll(() => feed.viewers).toBe(0);
  const { registered } = server.counts().outcomes;
  await passThrough(server, 200);
  expect(server.counts().outcomes.registered).toBe(registered + 200);
}, 60_000);
