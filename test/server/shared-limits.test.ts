import { expect, it } from 'vitest';
import { MemoryDirectory, MemoryStore } from '../../adapters/directory/memory-directory.js';
import type { ServerOptions } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const busy = { messageName: 'EventError', errorCode: 6 };
const limits = { exempt: [], maxUnregisteredPerAddress: 2 };

/** Two gates that share a store in memory. */
async function cluster(options: ServerOptions, shareLimits?: boolean) {
  const store = new MemoryStore();
  const open = (node: string) =>
    openGate({ directory: { store: new MemoryDirectory(store), node, shareLimits }, ...options });
  return [await open('a'), await open('b')] as const;
}

type Gate = Awaited<ReturnType<typeof openGate>>;

/** The answer to a client that says nothing; null for one that is accepted within a tenth of a second. */
const answerTo = async (gate: Gate) => {
  await using client = await gate.client();
  const accepted = new Promise<null>((resolve) => setTimeout(resolve, 100, null));
  return await Promise.race([client.next(), accepted]);
};

it('gates of a cluster count the unregistered clients of an address together, until one closes', async () => {
  const [a, b] = await cluster(limits);
  await using _one = await a.client();
  await using _other = await a.client();
  await expect.poll(() => answerTo(b)).toMatchObject(busy);
  expect(b.server.counts()).toMatchObject({ open: 0, unregistered: 0 });
  await a.server.close();
  await expect.poll(() => answerTo(b)).toBe(null);
});

it('gates of a cluster reject an address that earned its penalty at another', async () => {
  const [a, b] = await cluster({ exempt: [], penaltyProtocolError: 20_000 });
  await using client = await a.client();
  client.say('not a message\n');
  await client.ended;
  await expect.poll(() => answerTo(b)).toMatchObject(busy);
  expect(b.server.admission.penalties()).toMatchObject([{ source: '127.0.0.1' }]);
});

it('gates of a cluster share the rate of registrations of an address', async () => {
  const [a, b] = await cluster({ exempt: [], registrationRate: { perSecond: 1, burst: 2 } });
  const register = async (gate: Gate) => {
    await using client = await gate.client();
    return await client.ask(registerRequest());
  };
  expect(await register(a)).toMatchObject({ messageName: 'EventAck' });
  expect(await register(a)).toMatchObject({ messageName: 'EventAck' });
  await expect.poll(() => register(b)).toMatchObject(busy);
});

it('gates that do not share limits leave an address to each gate', async () => {
  const [a, b] = await cluster(limits, false);
  await using _one = await a.client();
  await using _other = await a.client();
  await expect.poll(() => answerTo(a)).toMatchObject(busy);
  expect(await answerTo(b)).toBe(null);
});
