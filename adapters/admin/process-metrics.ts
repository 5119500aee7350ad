import { readdir } from 'node:fs/promises';
import {
  constants,
  type IntervalHistogram,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import { Histogram, type Registry } from 'prom-client';
import { descriptorLimit } from '../server/limits/index.js';
import type { ReadMetric } from './metric.js';
import { addMetric } from './read-metric.js';

/** Milliseconds between two samples of the event loop. */
const resolution = 10;

/**
 * Metrics of the process under the names of prom-client's `collectDefaultMetrics`, which dashboards know. That function cannot be
 * stopped: it would leak a timer and an observer for each gate.
 */
export class ProcessMetrics {
  readonly #delay = monitorEventLoopDelay({ resolution });
  readonly #collections: PerformanceObserver;

  constructor(registry: Registry) {
    for (const metric of processMetrics(this.#delay)) addMetric(registry, metric);
    const max = descriptorLimit();
    if (max !== null) addMetric(registry, { ...maxMetric, read: () => max });
    this.#collections = observedCollections(registry);
    this.#delay.enable();
  }

  close(): void {
    this.#delay.disable();
    this.#collections.disconnect();
  }
}

/** Only where the system has a limit. */
export const maxMetric = { name: 'process_max_fds', help: 'Files and sockets that may be open' };

/** The histogram of garbage collections. */
export const collectionsMetric = {
  name: 'nodejs_gc_duration_seconds',
  help: 'Duration of garbage collections by kind',
  labelNames: ['kind'],
} as const;

/** The metrics that are read on request. */
export function processMetrics(delay: IntervalHistogram): ReadMetric[] {
  return [...useMetrics, ...memoryMetrics, ...lagMetrics(delay)];
}

const useMetrics: readonly ReadMetric[] = [
  {
    name: 'process_start_time_seconds',
    help: 'Start time of the process, in seconds since 1970',
    read: () => performance.timeOrigin / 1_000,
  },
  {
    name: 'process_cpu_user_seconds_total',
    help: 'CPU time in user mode',
    read: () => process.resourceUsage().userCPUTime / 1e6,
  },
  {
    name: 'process_cpu_system_seconds_total',
    help: 'CPU time in system mode',
    read: () => process.resourceUsage().systemCPUTime / 1e6,
  },
  {
    name: 'process_open_fds',
    help: 'Open files and sockets; 0 if unknown',
    read: openFiles,
  },
];

const memoryMetrics: readonly ReadMetric[] = [
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the process',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'nodejs_heap_size_total_bytes',
    help: 'Memory of the JavaScript heap',
    read: () => process.memoryUsage().heapTotal,
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'Used memory of the JavaScript heap',
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: 'nodejs_external_memory_bytes',
    help: 'Memory outside the JavaScript heap, e.g. buffers',
    read: () => process.memoryUsage().external,
  },
];

/** Event-loop delay since the previous request for metrics. */
function lagMetrics(delay: IntervalHistogram): ReadMetric[] {
  // The samples are ten milliseconds apart; that is not delay.
  const seconds = (nanoseconds: number) =>
    delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolution / 1_000);
  const help = 'How late the event loop came to its work since the metrics were asked for last';
  return [
    {
      name: 'nodejs_eventloop_lag_p50_seconds',
      help,
      read: () => seconds(delay.percentile(50)),
    },
    {
      name: 'nodejs_eventloop_lag_p99_seconds',
      help,
      read: () => seconds(delay.percentile(99)),
    },
    {
      name: 'nodejs_eventloop_lag_max_seconds',
      help,
      read() {
        const max = seconds(delay.max);
        // Metrics are read in order; this is the last of the three.
        delay.reset();
        return max;
      },
    },
  ];
}

export const kinds = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

function observedCollections(registry: Registry): PerformanceObserver {
  const duration = new Histogram({
    ...collectionsMetric,
    buckets: [0.001, 0.01, 0.1, 1],
    registers: [registry],
  });
  for (const kind of Object.values(kinds)) duration.zero({ kind });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as PerformanceEntry & { detail?: { kind?: number } };
      const kind = kinds[detail?.kind ?? 0] ?? 'other';
      duration.observe({ kind }, entry.duration / 1_000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return observer;
}

/** Reads asynchronously: the list is long in a gate with many clients. */
async function openFiles(): Promise<number> {
  try {
    return (await readdir('/proc/self/fd')).length;
  } catch {
    return 0;
  }
}
