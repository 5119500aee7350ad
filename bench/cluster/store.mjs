// What a node's sessions cost the store: store.mjs URL PID SESSIONS ROUNDS, with the process of the Redis. Prints JSON.
import { Redis } from 'ioredis';
import { cpuOf } from '../measure.mjs';
import { claimOf, concurrently, openMember } from './member.mjs';

const [url, pid, sessions, rounds] = process.argv.slice(2);
const [count, times] = [Number(sessions), Number(rounds)];
const redis = new Redis(url);
const member = await openMember(url, 'store');

/** A number of INFO. */
const infoOf = async (section, field) =>
  Number(new RegExp(`${field}[:=](\\d+)`).exec(await redis.info(section))?.[1] ?? 0);

const before = await infoOf('memory', 'used_memory');
await concurrently(count, 64, async (number) => {
  const { granted } = await member.claim(claimOf(number));
  if (!granted) throw new Error(`${number} was not granted`);
});
const memory = ((await infoOf('memory', 'used_memory')) - before) / count;

// A round as the member makes it: all partitions at once.
const { partitions } = member.directory;
const lists = await Promise.all(partitions.map((partition) => partition.list()));
const incarnations = lists.map((all) => all.find(({ node }) => node === 'store').incarnation);
const renewals = async () => {
  const all = await Promise.all(partitions.map((one, at) => one.renew(incarnations[at])));
  if (all.some(({ outcome }) => outcome !== 'renewed')) throw new Error('a lease has ended');
};
await renewals();
const scripts = () => infoOf('commandstats', 'cmdstat_evalsha:calls=\\d+,usec');
const [cpuBefore, scriptsBefore] = [await cpuOf(pid), await scripts()];
for (let round = 0; round < times; round += 1) await renewals();
const [cpuAfter, scriptsAfter] = [await cpuOf(pid), await scripts()];
console.log(
  JSON.stringify({
    memory,
    partitions: partitions.length,
    // Milliseconds a round: of the process, and inside the scripts.
    cpu: (cpuAfter - cpuBefore) / 1_000 / times,
    scripts: (scriptsAfter - scriptsBefore) / 1_000 / times,
  }),
);
await redis.flushall();
redis.disconnect();
await member.close();
