import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { inspectConfig } from '../../adapters/config/index.js';
import type { CheckContext } from '../../adapters/doctor/check.js';
import {
  cores,
  descriptorFindings,
  memory,
  memoryFindings,
  queues,
} from '../../adapters/doctor/checks/limits.js';
import { nodeFindings } from '../../adapters/doctor/checks/versions.js';
import { System } from '../../adapters/doctor/index.js';
import { isInRange } from '../../adapters/doctor/packages.js';
import { Running } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { diagnosed, diagnosedFrom } from './diagnosed.js';

/** The context of a check on a machine with these files. */
async function machine(
  files: Readonly<Record<string, string>>,
  flags: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { readonly context: CheckContext }> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), `${text}\n`);
  }
  const loaded = await inspectConfig({ folder: folder.path, flags });
  const { signal } = new AbortController();
  return {
    context: { loaded, system: new System(folder.path), signal },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('The doctor knows the versions of Node', () => {
  const at = (version: string, date: string) => nodeFindings(version, Date.parse(date))[0];

  it('that still get fixes, that do not any more, and that are too old', () => {
    expect(at('v24.1.0', '2026-12-01')).toMatchObject({ severity: 'ok' });
    expect(at('v22.1.0', '2027-05-02')).toMatchObject({ severity: 'warn' });
    expect(at('v25.0.0', '2026-12-01')).toMatchObject({ severity: 'warn' });
    expect(at('v20.18.0', '2025-01-01')).toMatchObject({ severity: 'fail' });
    expect(at('v20.19.0', '2025-06-01')).toMatchObject({ severity: 'ok' });
    // A version that this release of ixgate does not know.
    expect(at('v31.0.0', '2030-01-01')).toMatchObject({ severity: 'ok', text: 'Node v31.0.0' });
  });

  it('and the ranges of packages', () => {
    expect(isInRange('10.4.0', '^10.4.0')).toBe(true);
    expect(isInRange('10.3.9', '^10.4.0')).toBe(false);
    expect(isInRange('11.0.0', '^10.4.0')).toBe(false);
    expect(isInRange('0.8.0', '^0.7.2')).toBe(false);
    expect(isInRange('0.7.3', '^0.7.2')).toBe(true);
    expect(isInRange('19.3.1', '>=18')).toBe(true);
    expect(isInRange('17.0.2', '>=18')).toBe(false);
  });
});

describe('The doctor compares the limit of open files with the connections', () => {
  test.runIf(process.platform !== 'win32')('in a real process with a low limit', async () => {
    const args = ['doctor', '--json', '--listen', 'tcp://127.0.0.1:0', '--admin', 'off'];
    await using low = new Running(args, { ulimit: '-n 1024' });
    const code = await low.ended;
    const found = diagnosedFrom(low.stdout, Number(code));
    expect(found.of('descriptors')).toMatchObject([
      {
        severity: 'warn',
        text: '1024 files may be open, so the gate takes 768 connections instead of 16384',
        fix: expect.stringContaining('ulimit -n 16640'),
      },
    ]);
    await using strict = new Running([...args, '--strict'], { ulimit: '-n 1024' });
    expect(await strict.ended).toBe(6);
    await using few = new Running([...args, '--max-connections', '500'], { ulimit: '-n 1024' });
    await few.ended;
    expect(diagnosedFrom(few.stdout, 0).of('descriptors')).toMatchObject([{ severity: 'ok' }]);
  });

  it('and fails when even the gate itself lacks files', () => {
    expect(descriptorFindings(100, 50, 10)).toMatchObject([{ severity: 'fail' }]);
  });
});

describe('The doctor reads the limits of the system', () => {
  const net = (name: string) => `/proc/sys/net/${name}`;

  it('and warns of short queues', async () => {
    await using small = await machine({
      [net('core/somaxconn')]: '128',
      [net('ipv4/tcp_max_syn_backlog')]: '4096',
    });
    expect(await queues.run(small.context)).toMatchObject([
      {
        severity: 'warn',
        text: expect.stringContaining('net.core.somaxconn is 128'),
        fix: 'sysctl -w net.core.somaxconn=1024',
      },
    ]);
  });

  it.each([
    ['65536', '65536', 'fail'],
    ['65536', '60000', 'warn'],
    ['16384', '100', 'warn'],
    ['262144', '100', 'ok'],
  ])('and the table of the firewall: %s places, %s taken: %s', async (max, count, severity) => {
    await using tracked = await machine({
      [net('netfilter/nf_conntrack_max')]: max,
      [net('netfilter/nf_conntrack_count')]: count,
    });
    expect(await queues.run(tracked.context)).toMatchObject([{ severity }]);
  });

  it('and says only what it has read', async () => {
    await using queued = await machine({ [net('core/somaxconn')]: '4096' });
    expect(await queues.run(queued.context)).toMatchObject([
      { severity: 'ok', text: 'room for bursts of 1024 connections' },
    ]);
    await using tracked = await machine({
      [net('netfilter/nf_conntrack_max')]: '262144',
      [net('netfilter/nf_conntrack_count')]: '100',
    });
    expect(await queues.run(tracked.context)).toMatchObject([
      { severity: 'ok', text: 'the firewall tracks 100 of at most 262144 connections' },
    ]);
  });

  it('and the memory of the cgroup, also of a parent', async () => {
    await using small = await machine({
      '/proc/self/cgroup': '0::/gates/one',
      '/sys/fs/cgroup/gates/memory.max': '134217728',
      '/sys/fs/cgroup/gates/one/memory.max': 'max',
    });
    const [needed, heap] = await memory.run(small.context);
    expect(needed).toMatchObject({
      severity: 'warn',
      text: expect.stringContaining('128 MiB of memory; 16384 connections'),
    });
    expect(heap?.fix).toBe('NODE_OPTIONS=--max-old-space-size=96');
    expect(memoryFindings(2 ** 33, { maxConnections: 16_384, workers: 4 })).toMatchObject([
      { severity: 'ok' },
    ]);
    expect(memoryFindings(2 ** 27, { maxConnections: 10, workers: 4 })).toMatchObject([
      { severity: 'fail' },
    ]);
  });

  it('and the cores of the cgroup', async () => {
    const files = { '/sys/fs/cgroup/cpu.max': '50000 100000' };
    await using one = await machine(files);
    expect(await cores.run(one.context)).toMatchObject([
      { severity: 'ok', text: '0.5 cores for 1 process' },
    ]);
    await using four = await machine(files, { workers: '4' });
    expect(await cores.run(four.context)).toMatchObject([{ severity: 'warn', fix: '--workers 1' }]);
  });

  it('and finds nothing on a machine that tells nothing', async () => {
    await using silent = await machine({});
    expect(await queues.run(silent.context)).toEqual([]);
  });
});

test('The doctor says that the clock is steady, or why not', async () => {
  const [finding] = (await diagnosed()).of('clock');
  expect(finding?.text).toMatch(/^(steady|synchronised|the clock (is not synchronised|jumped))/);
});
