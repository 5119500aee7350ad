/** Gates of several workers, as tests start and watch them. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { type RunningOptions, serving } from '../../cli/ixgate.js';
import { type LineClient, lineClient, registerRequest } from '../../support/line-client.js';

const run = promisify(execFile);
export const acknowledged = { messageName: 'EventAck', referenceId: 1 };
export const withAdmin = ['--admin', 'http://127.0.0.1:0'];

export type Gate = Awaited<ReturnType<typeof serving>>;
export const cluster = (args: readonly string[] = [], workers = 2, options: RunningOptions = {}) =>
  serving(['--workers', String(workers), ...args], options);

/** The workers of a gate, by their process ids. */
export async function workersOf(gate: Gate): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(gate.child.pid)]).catch(
    () => ({ stdout: '' }),
  );
  return stdout.split('\n').map(Number).filter(Boolean);
}

export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

export async function registered(port: number, clientName: string): Promise<LineClient> {
  const client = await lineClient(port);
  expect(await client.ask(registerRequest({ clientName }))).toEqual(acknowledged);
  return client;
}

export async function sessionsAt(gate: Gate): Promise<{ id: string; clientName: string }[]> {
  const answer = await fetch(`${gate.admin}/sessions`);
  return ((await answer.json()) as { sessions: { id: string; clientName: string }[] }).sessions;
}

export async function metric(gate: Gate, name: string): Promise<number> {
  const text = await fetch(`${gate.admin}/metrics`).then((answer) => answer.text());
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
}

/** What `/readyz` answers. */
export async function readiness(gate: Gate): Promise<{ status: string; reason?: string }> {
  return (await (await fetch(`${gate.admin}/readyz`)).json()) as { status: string };
}

/** Sets the limit of open files of a process. @returns the limit before */
export async function limitFiles(pid: number, files: number): Promise<number> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8');
  const before = Number(/^Max open files +(\d+)/m.exec(limits)?.[1]);
  await run('prlimit', ['--pid', String(pid), `--nofile=${files}:`]);
  return before;
}

/**
 * A limit for the primary that leaves three file descriptors when all sockets are closed: an admin connection needs one, the start of a process four.
 */
export async function tooFewFiles(pid: number): Promise<number> {
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
