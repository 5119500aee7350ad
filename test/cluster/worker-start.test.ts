/** Workers that start late, or cannot be started. */
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  cluster,
  type Gate,
  limitFiles,
  metric,
  readiness,
  registered,
  withAdmin,
  workersOf,
} from './running-cluster.js';

/**
 * A limit that leaves three file descriptors when all sockets are closed: an admin connection needs one, the start of a process four.
 */
async function tooFewFiles({ child: { pid } }: Gate): Promise<number> {
  const folder = `/proc/${pid}/fd`;
  const used = new Map<number, string>();
  for (const fd of await readdir(folder)) {
    used.set(Number(fd), await readlink(join(folder, fd)).catch(() => ''));
  }
  let left = 3;
  for (let fd = 3; ; fd += 1) {
    if (used.get(fd)?.startsWith('socket:') === false) continue;
    if (left === 0) return fd;
    left -= 1;
  }
}

describe('a worker that cannot be started', () => {
  test('T79: is started again when there are file descriptors; until then the gate is not ready, and it keeps its port', {
    timeout: 60_000,
  }, async () => {
    await using gate = await cluster(withAdmin);
    const pid = gate.child.pid ?? 0;
    const before = await workersOf(gate);
    expect(await readiness(gate)).toEqual({ status: 'ready' });
    const files = await limitFiles(pid, await tooFewFiles(gate));
    for (const worker of before) process.kill(worker, 'SIGKILL');
    expect(await gate.event('worker-not-started')).toMatchObject({
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
