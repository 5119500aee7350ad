/** What is measured of a process from within. Preloaded (`node --expose-gc --import`), it answers in any program that was started with an IPC channel. */
import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { answer } from './load-answers.mjs';

const warnings = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
let lastUtilization = performance.eventLoopUtilization();

export const measures = {
  warnings: () => warnings,
  async memory() {
    // What a collection frees may hold what only the next one can free.
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
  /** Milliseconds of processor time so far, of all threads. */
  processorTime() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  /** The part of the time since it was last asked in which the event loop was at work, or looked for some without a rest. */
  utilization() {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, lastUtilization);
    lastUtilization = now;
    return utilization;
  },
};

// Preloaded, and not imported by one that answers for itself.
if (process.execArgv.some((one) => one.endsWith('load-probe.mjs'))) answer(measures);
