// A member of the cluster `bench` in this process, without a gate.
import { DirectoryMember } from '../../dist/adapters/directory/member.js';
import { openDirectory } from '../../dist/adapters/directory/options.js';

const lease = 6_000;

/** A directory of the cluster. */
export const openStore = (store, cluster = 'bench') => openDirectory({ store, cluster, lease });

/** A member that reports what fails on stderr. */
export async function openMember(store, node, cluster) {
  const member = await DirectoryMember.open({
    directory: await openStore(store, cluster),
    node,
    host: {
      end() {},
      makeRoom() {},
      problem: (error) => process.stderr.write(`${node}: ${error.message}\n`),
    },
  });
  // Gates send these to each other; this one has no addresses to count.
  member.messages.on('limits', () => {});
  member.messages.on('limits-ask', () => {});
  return member;
}

/** A claim as a gate makes it: the session's id is as long as those of gates. */
export const claimOf = (number, policy = 'reject') => ({
  clientName: `agent-${String(number).padStart(6, '0')}`,
  session: `1a2b3c4d-${number}`,
  cap: 1,
  policy,
});

/** Runs `task` for the numbers from 1 to `count`, `inFlight` of them concurrently. */
export async function concurrently(count, inFlight, task) {
  let next = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) {
        next += 1;
        await task(next);
      }
    }),
  );
}
