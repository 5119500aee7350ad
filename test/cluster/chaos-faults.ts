import { setTimeout as sleep } from 'node:timers/promises';
import type { CuttingProxy } from './cutting-proxy.js';
import type { GateProcess } from './gate-process.js';
import type { StoreProcess } from './store-process.js';

export interface Target {
  readonly gates: readonly GateProcess[];
  /** One for each gate, before the store. */
  readonly proxies: readonly CuttingProxy[];
  readonly store: StoreProcess;
  /** Milliseconds. */
  readonly lease: number;
}

/** What can happen, by name. Each lasts until its promise resolves, with times that depend on the lease. */
export const faults = {
  'a gate is killed': async ({ gates }, pick) => {
    const gate = pick(gates);
    await gate.kill();
    await gate.start();
  },
  'a gate is stopped for longer than the lease': async ({ gates, lease }, pick, random) => {
    const gate = pick(gates);
    gate.pause();
    await sleep(lease * (1.1 + random()));
    gate.resume();
  },
  'a gate is cut off from the store': async ({ proxies, lease }, pick, random) => {
    const proxy = pick(proxies);
    proxy.cut(['up', 'down']);
    await sleep(lease * (0.2 + 1.8 * random()));
    proxy.heal(random() < 0.5);
  },
  'requests do not arrive': async ({ proxies, lease }, pick, random) => {
    const proxy = pick(proxies);
    proxy.cut(['up']);
    await sleep(lease * (0.2 + 1.8 * random()));
    proxy.heal(random() < 0.5);
  },
  'answers and kicks do not arrive': async ({ proxies, lease }, pick, random) => {
    const proxy = pick(proxies);
    proxy.cut(['down']);
    await sleep(lease * (0.2 + 1.8 * random()));
    proxy.heal(random() < 0.5);
  },
  'slow link': async ({ proxies, lease }, pick, random) => {
    const proxy = pick(proxies);
    proxy.slow(lease * (0.02 + 0.2 * random()));
    await sleep(lease);
    proxy.heal(true);
  },
  'the store pauses': async ({ store, lease }, _pick, random) => {
    const ms = Math.round(lease * (0.2 + 1.3 * random()));
    await store.pause(ms);
    await sleep(ms);
  },
  'the gates are restarted in turn': async ({ gates }) => {
    for (const gate of gates) {
      await gate.stop();
      await gate.start();
    }
  },
  'the store is restarted empty': async ({ store }) => {
    await store.restart();
  },
} as const satisfies Record<
  string,
  (
    target: Target,
    pick: <Item>(items: readonly Item[]) => Item,
    random: () => number,
  ) => Promise<void>
>;

export type FaultName = keyof typeof faults;

export const allFaults = Object.keys(faults) as FaultName[];

/** Those after which the store still has what it had acknowledged. */
export const harmlessToStore = allFaults.filter((name) => name !== 'the store is restarted empty');
