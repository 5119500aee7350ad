/** Which process listens on a port, on Linux. */
import { readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import type { System } from './system.js';

/** A process, without its arguments: they may have secrets. */
export interface PortOwner {
  readonly pid: number;
  readonly name: string;
  /** Whether it runs `ixgate serve`. */
  readonly isGate: boolean;
}

/** The process that listens on a TCP port; null when it belongs to another user, or the system does not tell. */
export async function ownerOfPort(port: number, system: System): Promise<PortOwner | null> {
  const sockets = await listeningSockets(port, system);
  if (sockets.size === 0) return null;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (await hasSocket(pid, sockets)) return await processOf(Number(pid), system);
  }
  return null;
}

/** The inodes of the sockets that listen on a port, as `socket:[123]`. */
async function listeningSockets(port: number, system: System): Promise<Set<string>> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => system.text(`/proc/net/${name}`)));
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const found = new Set<string>();
  for (const line of tables.flatMap((table) => table?.split('\n').slice(1) ?? [])) {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state] = fields;
    // 0A: listening. The tenth field is the inode.
    if (state === '0A' && local.endsWith(`:${hex}`)) found.add(`socket:[${fields[9]}]`);
  }
  return found;
}

async function hasSocket(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const name of names) {
    const target = await readlink(`/proc/${pid}/fd/${name}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}

async function processOf(pid: number, system: System): Promise<PortOwner> {
  const words = ((await system.text(`/proc/${pid}/cmdline`)) ?? '').split('\0');
  const [program = '', script = '', command = ''] = words;
  const isGate = /^ixgate(\.mjs)?$/.test(basename(script)) && command === 'serve';
  return { pid, name: isGate ? 'ixgate serve' : basename(program), isGate };
}
