/** Workers that start late, or cannot be started. */
import { describe, expect, test } from 'vitest';
import {
  cluster,
  limitFiles,
  metric,
  readiness,
  registered,
  tooFewFiles,
  withAdmin,
  workersOf,
} from './running-cluster.js';

describe('a worker that cannot be started', () => {
  test('T79: is started again when there are file descriptors; until then the gate is not ready, and it keeps its port', {
    timeout: 60_000,
  }, async () => {
    await using gate = await cluster(withAdmin);
    const pid = gate.child.pid ?? 0;
    const before = await workersOf(gate);
    expect(await readiness(gate)).toEqual({ status: 'ready' });
    const files = await limitFiles(pid, await tooFewFiles(pid));
    for (const worker of before) process.kill(worker, 'SIGKILL');
    expect(await gate.event('worker-start-failed')).toMatchObject({
      code: 'WORKER_START_FAILED',
      reason: 'EMFILE',
    });
    expect(await readiness(gate)).toEqual({
      status: 'not ready',
      reason: 'a worker cannot be started (EMFILE)',
    });
    expect((await fetch(`${gate.admin}/healthz`)).status).toBe(200);
    expect(await workersOf(gate)).toEqual([]);

    await limitFiles(pid, files);
    for (const _ of before) await gate.event('worker-started');
    expect(await readiness(gate)).toEqual({ status: 'ready' });
    expect(await metric(gate, 'ixgate_workers')).toBe(2);
    await using client = await registered(gate.port, 'desk-1');
    expect(client.socket.readyState).toBe('open');
  });
});
