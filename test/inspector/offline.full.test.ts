/** Nothing leaves the machine: neither the inspector nor the clients in apps need a network. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.js';

const canUnshare =
  spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0;
if (!canUnshare && process.env.CI)
  throw new Error('CI needs unshare and ip (util-linux, iproute2)');
if (!canUnshare)
  console.log('SKIPPED: this machine cannot make network namespaces (unshare -rn, ip)');

const app = [process.execPath, 'test/inspector/offline-child.mjs'];

async function ran(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [told, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { told, code };
}

const told = JSON.stringify({ own: 'b', stately: 'b' });

/** In any order. */
function sorted(json: string): string {
  return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(json)).sort()));
}

describe('ixgate inspector and its apps', () => {
  it.skipIf(!canUnshare)('work on a machine that has no network but the loopback', async () => {
    const inside = ['-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...app];
    const outcome = await ran('unshare', inside);
    expect(outcome.code).toBe(0);
    expect(sorted(outcome.told)).toBe(told);
  });

  it('connect to the loopback only, and look no other name up', async () => {
    await using folder = await temporaryFolder();
    const ADDRESSES = join(folder.path, 'addresses.txt');
    const [node = '', ...script] = app;
    const preload = `--import=${resolve('test/inspector/count-addresses.mjs')}`;
    const outcome = await ran(node, script, { ADDRESSES, NODE_OPTIONS: preload });
    expect(outcome.code).toBe(0);
    expect(sorted(outcome.told)).toBe(told);
    const hosts = (await readFile(ADDRESSES, 'utf8')).trim().split('\n');
    // Both clients, and the requests of the test.
    expect(hosts.length).toBeGreaterThanOrEqual(3);
    expect([...new Set(hosts)]).toEqual(['127.0.0.1']);
  });
});
