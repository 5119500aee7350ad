// Names a second through one member, against the plainest use of the same client: claims.mjs URL NAMES ROUNDS. Prints the rates as JSON.
import { Redis } from 'ioredis';
import { claimOf, concurrently, openMember } from './member.mjs';

const [url, names, rounds] = process.argv.slice(2);
const [count, inFlight] = [Number(names), 64];

const member = await openMember(url, 'claims');
// The settings of the directory's own client (adapters/directory/redis/redis-connection.ts).
const plain = new Redis(url, {
  ...{ commandTimeout: 1_000, connectTimeout: 4_000, socketTimeout: 2_000, protocol: 2 },
  ...{ enableOfflineQueue: false, enableAutoPipelining: false, lazyConnect: true },
  ...{ autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 },
});
await plain.connect();

const key = (number) => `bench:${claimOf(number).clientName}`;
const claim = async (number) => {
  const { granted } = await member.claim(claimOf(number));
  if (!granted) throw new Error(`${number} was not granted`);
};
const set = (number) => plain.set(key(number), claimOf(number).session, 'NX');
const release = (number) => member.release(claimOf(number));

/** Each gives back what it takes, in its run or after it. */
const variants = {
  pairs: {
    member: async (number) => {
      await claim(number);
      release(number);
    },
    plain: async (number) => {
      await set(number);
      void plain.del(key(number));
    },
    after() {},
  },
  alone: {
    member: claim,
    plain: set,
    async after() {
      await concurrently(count, inFlight, async (number) => {
        release(number);
        await plain.del(key(number));
      });
    },
  },
};

const rates = Object.fromEntries(
  Object.keys(variants).map((name) => [name, { member: [], plain: [] }]),
);
// The first round fills the caches and does not count.
for (let round = -1; round < Number(rounds); round += 1) {
  for (const [name, variant] of Object.entries(variants)) {
    // They begin by turns, so that neither always runs on what the other has left.
    for (const which of round % 2 === 0 ? ['member', 'plain'] : ['plain', 'member']) {
      const start = performance.now();
      await concurrently(count, inFlight, variant[which]);
      // Answers come in order: what was sent and not awaited is over, too.
      await (which === 'plain' ? plain.ping() : member.directory.time());
      const rate = (count * 1_000) / (performance.now() - start);
      if (round >= 0) rates[name][which].push(rate);
    }
    await variant.after();
  }
}
console.log(JSON.stringify(rates));
await member.close();
plain.disconnect();
