/** Measures a process from within. Preloaded (`node --expose-gc --import`), it answers in any program that has an IPC channel. */
import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { answer } from './load-answers.mjs';

const warnings = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
let lastUtilization = performance.eventLoopUtilization();

export const measures = {
  warnings: () => warnings,
  async memory() {
    // Objects freed by one collection may hold others that only the next can free.
    for (let round = 0; round < 4; round += 1) {
      globalThis.gc();
      await nextTurn();
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed, external, rss };
  },
  handles() {
    const resources = {};
    for (const name of process.getActiveResourcesInfo()) {
      resources[name] = (resources[name] ?? 0) + 1;
    }
    return { descriptors: readdirSync('/proc/self/fd').length, resources };
  },
  /** CPU time so far in milliseconds, of all threads. */
  processorTime() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  /** The share of the time since the last call in which the event loop was busy. */
  utilization() {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, lastUtilization);
    lastUtilization = now;
    return utilization;
  },
};

// Only when preloaded; a program that imports this file answers by itself.
if (process.execArgv.some((one) => one.endsWith('load-probe.mjs'))) answer(measures);
