/** Limits that gates with workers share with the other gates of their cluster, through a real redis-server. */
import { describe, expect, test } from 'vitest';
import { serving } from '../../cli/ixgate.js';
import { hasRedis } from '../../directory/redis/redis-stores.js';
import { temporaryFolder } from '../../support/folder.js';
import { startRedis } from '../../support/installed-servers.js';
import { lineClient, registerRequest } from '../../support/line-client.js';
import { cluster, type Gate, workersOf } from './running-cluster.js';

const busy = { messageName: 'EventError', errorCode: 6 };
const patient = { timeout: 30_000 };

/** The answer to a client that says nothing; null for one that is accepted within a fifth of a second. */
async function answerTo(gate: Gate) {
  await using client = await lineClient(gate.port);
  const accepted = new Promise<null>((resolve) => setTimeout(resolve, 200, null));
  return await Promise.race([client.next(), accepted]);
}

describe.skipIf(!hasRedis())('gates with workers and another gate of their cluster', () => {
  test('T10: share the limits of an address', { timeout: 90_000 }, async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path);
    const options = (node: string) => [
      ...['--directory', redis.tcp.replace('tcp:', 'redis:'), '--node', node],
      ...['--exempt', '10.0.0.0/8', '--max-unregistered-per-address', '3'],
      ...['--registration-timeout', '1m', '--penalty-protocol-error', '20s'],
    ];
    await using a = await cluster(options('a'), 2);
    await using b = await serving(options('b'));
    const clients = [await lineClient(a.port), await lineClient(a.port), await lineClient(b.port)];
    await expect.poll(() => answerTo(a), patient).toMatchObject(busy);
    await expect.poll(() => answerTo(b), patient).toMatchObject(busy);

    // A gate that joins later knows it, with all its workers.
    await using c = await cluster(options('c'), 2);
    for (let time = 0; time < 4; time += 1) expect(await answerTo(c)).toMatchObject(busy);

    // Registered clients are not counted any more, nor those of workers that have died.
    const [first] = clients;
    expect(await first?.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await expect.poll(() => answerTo(c), patient).toBe(null);
    const fourth = await lineClient(b.port);
    await expect.poll(() => answerTo(c), patient).toMatchObject(busy);
    for (const pid of await workersOf(a)) process.kill(pid, 'SIGKILL');
    await expect.poll(() => answerTo(c), patient).toBe(null);

    // A penalty that a client earned at one gate is enforced by all workers of the others.
    fourth.say('not a message\n');
    await fourth.ended;
    await expect.poll(() => answerTo(c), patient).toMatchObject(busy);
    for (const client of clients) client.socket.destroy();
    for (let time = 0; time < 4; time += 1) expect(await answerTo(c)).toMatchObject(busy);
    await expect.poll(() => answerTo(a), patient).toMatchObject(busy);
  });
});
