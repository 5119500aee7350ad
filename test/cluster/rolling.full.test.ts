import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasRedis } from '../directory/redis/redis-stores.js';
import { temporaryFolder } from '../support/folder.js';
import { Crowd } from './crowd.js';
import { overlaps, registrationsIn, wrongEpochs } from './history.js';
import { TestCluster } from './test-cluster.js';

/** Milliseconds. */
const timeout = 150_000;

describe.skipIf(!hasRedis())('A rolling restart of a cluster', () => {
  it(
    'brings 300 clients back, none registered twice, when all gates and the store are restarted in turn',
    async () => {
      await using folder = await temporaryFolder();
      await using cluster = await TestCluster.open({
        ...{ folder: folder.path, policy: 'reject', onLoss: 'close' },
      });
      await using crowd = new Crowd({ ports: cluster.ports, clients: 300, requestInterval: 2_000 });
      const all = { away: [], disagreements: [] };
      expect(await cluster.settled(crowd)).toEqual(all);
      for (const gate of cluster.gates) {
        await gate.stop();
        await gate.start();
      }
      expect(await cluster.settled(crowd)).toEqual(all);
      await cluster.store.restart();
      expect(await cluster.settled(crowd)).toEqual(all);
      expect(cluster.crashes).toEqual([]);
      await crowd[Symbol.asyncDispose]();
      for (const gate of cluster.gates) await gate.stop();
      const records = join(folder.path, 'records');
      const registrations = await registrationsIn(records);
      expect(registrations.length).toBeGreaterThanOrEqual(600);
      expect(await wrongEpochs(records, cluster.lease / 4)).toEqual([]);
      expect(overlaps(registrations, 5)).toEqual([]);
    },
    timeout,
  );
});
