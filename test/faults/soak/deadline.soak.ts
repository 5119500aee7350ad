import { expect, it } from 'vitest';
import { createServer } from '../../../adapters/server/index.js';
import { Load } from '../../support/load.js';
import { roomForUnregistered } from '../../support/load-starvation.js';

const silentClients = 10_000;
const registrationTimeout = 20_000;

it(`T1: each of ${silentClients} silent clients is disconnected within 250 ms of its deadline, and none before`, async () => {
  const late: number[] = [];
  await using server = await createServer({
    listen: ['tcp://127.0.0.1:0'],
    ...roomForUnregistered,
    registrationTimeout,
  });
  server.on('disconnected', (_session, reason) => expect(reason).toBe('registration-timeout'));
  server.on('step', ({ to, elapsed }) => {
    if (to === 'disconnected') late.push(elapsed - registrationTimeout);
  });
  await using crowd = await Load.open();
  const port = server.endpoints[0]?.port ?? 0;
  const sources = { first: '127.1.0.0', addresses: 65_536 };
  expect(await crowd.hold({ port, count: silentClients, sources })).toEqual({});
  await expect.poll(() => late.length, { timeout: 60_000 }).toBe(silentClients);
  const [first, last] = [Math.min(...late), Math.max(...late)];
  console.log(
    `T1: ${silentClients} silent clients, disconnected ${first.toFixed(1)} to ${last.toFixed(1)} ms after their deadline`,
  );
  expect(first).toBeGreaterThan(-3);
  expect(last).toBeLessThan(250);
});
