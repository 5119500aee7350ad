import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

/** What checks read of the machine. Tests pass another folder than `/`. */
export class System {
  readonly platform: NodeJS.Platform = process.platform;
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** The text of a file such as `/proc/sys/net/core/somaxconn`, without white space around it; null when it cannot be read. */
  async text(path: string): Promise<string | null> {
    try {
      return (await readFile(join(this.#root, path), 'utf8')).trim();
    } catch {
      return null;
    }
  }

  /** The number in a file; null when it cannot be read or has no number. */
  async number(path: string): Promise<number | null> {
    const text = await this.text(path);
    return text !== null && /^\d+$/.test(text) ? Number(text) : null;
  }

  /** Memory that this process may use, in bytes: that of the machine, or of its cgroup where that is less. */
  async memory(): Promise<{ readonly bytes: number; readonly isCgroup: boolean }> {
    const machine = totalmem();
    const limits = await Promise.all([
      ...(await this.#cgroups()).map((folder) => this.number(`${folder}/memory.max`)),
      this.number('/sys/fs/cgroup/memory/memory.limit_in_bytes'),
    ]);
    const bytes = Math.min(machine, ...limits.filter((limit) => limit !== null));
    return { bytes, isCgroup: bytes < machine };
  }

  /** Cores that this process may use: those of its affinity, or the quota of its cgroup where that is less. */
  async cores(): Promise<number> {
    const quotas = await Promise.all(
      (await this.#cgroups()).map((folder) => this.text(`${folder}/cpu.max`)),
    );
    const cores = quotas.map((text) => {
      const [quota, period] = (text ?? '').split(' ').map(Number);
      return quota && period ? quota / period : Number.POSITIVE_INFINITY;
    });
    return Math.min(availableParallelism(), ...cores);
  }

  /** The folders of the process's cgroup (version 2) and of its parents. In a container the first is the only one. */
  async #cgroups(): Promise<string[]> {
    const own = /^0::(\/\S*)$/m.exec((await this.text('/proc/self/cgroup')) ?? '')?.[1] ?? '/';
    const names = own.split('/').filter((name) => name !== '' && name !== '..');
    return [...names, ''].map((_, depth) => ['/sys/fs/cgroup', ...names.slice(0, depth)].join('/'));
  }
}
