import { afterAll, beforeAll, describe } from 'vitest';
import { temporaryFolder } from '../../support/folder.js';
import { type InstalledServer, startRedis } from '../../support/installed-servers.js';
import { describeDirectory } from '../contract.js';
import { hasRedis, redisStore } from './redis-stores.js';

describe.skipIf(!hasRedis())('a directory in Redis', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let redis: InstalledServer;

  beforeAll(async () => {
    folder = await temporaryFolder();
    redis = await startRedis(folder.path);
  });

  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  describeDirectory('redis', async (lease) =>
    redisStore(redis.tcp.replace('tcp:', 'redis:'), { lease }),
  );
});
