import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.js';
import type { Crowd } from './crowd.js';
import { CuttingProxy } from './cutting-proxy.js';
import { GateProcess } from './gate-process.js';
import { StoreProcess } from './store-process.js';

export interface TestClusterOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly policy: 'reject' | 'takeover';
  readonly onLoss: 'close' | 'keep';
  /** @default 'refuse' */
  readonly claimsOnLoss?: 'refuse' | 'provisional';
}

const nodes = ['a', 'b', 'c'];
const name = 'test';

/** Three gates as processes, each with a separate link to one Redis. Each name has the cap 1, and all gates record. */
export class TestCluster implements AsyncDisposable {
  /** Milliseconds. */
  readonly lease = 1_500;
  readonly gates: readonly GateProcess[];
  /** One for each gate, before the store. */
  readonly proxies: readonly CuttingProxy[];
  readonly store: StoreProcess;

  static async open(options: TestClusterOptions): Promise<TestCluster> {
    const { folder } = options;
    const list = join(folder, 'clients.json');
    await writeFile(list, JSON.stringify({ clients: [{ pattern: 'desk-*', cap: 1 }] }));
    for (const node of nodes) await mkdir(join(folder, 'records', node), { recursive: true });
    const store = await StoreProcess.open(folder);
    const proxies = await Promise.all(nodes.map(() => CuttingProxy.open(store.port)));
    const ports = await Promise.all(nodes.map(() => freePort()));
    const cluster = new TestCluster(options, { store, proxies, ports, list });
    try {
      await Promise.all(cluster.gates.map((gate) => gate.start()));
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  private constructor(
    { folder, policy, onLoss, claimsOnLoss = 'refuse' }: TestClusterOptions,
    parts: {
      readonly store: StoreProcess;
      readonly proxies: readonly CuttingProxy[];
      readonly ports: readonly number[];
      readonly list: string;
    },
  ) {
    this.store = parts.store;
    this.proxies = parts.proxies;
    this.gates = nodes.map((node, at) => {
      const store = `redis://127.0.0.1:${parts.proxies[at]?.port}`;
      return new GateProcess(node, parts.ports[at] ?? 0, [
        ...['--clients', parts.list, '--name-policy', policy, '--drain', '1s'],
        ...['--directory', store, '--cluster', name, '--lease', `${this.lease}ms`],
        ...['--on-directory-loss', onLoss, '--claims-on-directory-loss', claimsOnLoss],
        ...['--record', join(folder, 'records', node), '--record-sync', 'always'],
      ]);
    });
  }

  get ports(): number[] {
    return this.gates.map(({ port }) => port);
  }

  /** Ends of processes that no test caused. */
  get crashes(): string[] {
    return this.gates.flatMap(({ crashes }) => crashes);
  }

  /**
   * Waits until all clients are registered and the gates agree with the store, for half a minute at most.
   * @returns the names of clients that are not registered, and sessions that only a gate or only the store has
   */
  async settled(
    crowd: Crowd,
  ): Promise<{ readonly away: readonly string[]; readonly disagreements: readonly string[] }> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const [before, disagreements] = [crowd.away, await this.#disagreements()];
      const away = crowd.away.length > 0 ? crowd.away : before;
      const isOver = away.length === 0 && disagreements.length === 0;
      if (isOver || performance.now() > deadline) return { away, disagreements };
      await sleep(this.lease / 4);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [...this.gates, ...this.proxies, this.store]) {
      await one[Symbol.asyncDispose]();
    }
  }

  async #disagreements(): Promise<string[]> {
    const lines = (await Promise.all(this.gates.map((gate) => gate.sessions()))).flat();
    const key = (one: { node?: unknown; clientName?: unknown; epoch?: unknown }, id: unknown) =>
      `${one.node} ${id} ${one.clientName} ${one.epoch}`;
    const inGates = new Set(lines.map((line) => key(line, line.id)));
    const stored = await this.store.sessions(name, this.lease);
    const inStore = new Set(stored.map((one) => key(one, one.session)));
    const names = new Set<unknown>();
    const isDouble = ({ clientName }: { clientName?: unknown }) =>
      names.has(clientName) || !names.add(clientName);
    return [
      ...[...inGates].filter((one) => !inStore.has(one)).map((one) => `only the gate: ${one}`),
      ...[...inStore].filter((one) => !inGates.has(one)).map((one) => `only the store: ${one}`),
      ...lines.filter(isDouble).map(({ clientName }) => `two sessions of ${clientName}`),
    ];
  }
}
