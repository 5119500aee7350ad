import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gateHistograms, gateMetrics, type Watched } from '../adapters/admin/gate-metrics.js';
import { isCounter, type ReadMetric, type Sample } from '../adapters/admin/metric.js';
import {
  collectionsMetric,
  kinds,
  maxMetric,
  processMetrics,
} from '../adapters/admin/process-metrics.js';
import type { ClusterView } from '../adapters/server/gate-view.js';
import {
  GateServer,
  outcomes,
  rejectionReasons,
  validationOutcomes,
} from '../adapters/server/index.js';
import { code, table, withTables } from './readme-tables.js';

const noOtherGates: ClusterView = {
  look: async () => [],
  settled: async () => [],
  nodes: async () => [],
  drainNodes: async () => [],
  reloadNodes: async () => [],
};

/** A gate with everything that has metrics. */
export function watchedGate(): Watched {
  const workers = { wanted: 2, running: 2, live: 2, deaths: 0, startError: null };
  const gate = Object.assign(new GateServer({}), { workers, cluster: noOtherGates });
  const about = { cluster: 'ixgate', node: 'a', state: 'live', names: 0 };
  return {
    gate: Object.defineProperty(gate, 'directory', { value: about }),
    recorder: { counts: () => ({ steps: 0, dropped: 0 }) },
    feed: { viewers: 0, dropped: 0 },
    certificateExpiry: () => 0,
  };
}

/** Labels whose values another table lists, or that depend on the installation. */
const elsewhere: Readonly<Record<string, string>> = {
  limit: 'the option, as in the configuration file',
  version: '',
  node: '',
};

/** Metrics that exist only with an option. */
const only: readonly (readonly [name: RegExp, option: string])[] = [
  [/_recorded_|_recording_/, '`--record`'],
  [/_worker/, '`--workers`'],
  [/_directory_|_node_/, '`--directory`'],
  [/_feed_/, 'an admin port or `createAdmin`'],
  [/_tls_certificate_/, 'a certificate'],
  [/_max_fds/, 'a limit of the system'],
];

/** docs/operate.md with its tables of metrics generated. */
export function withMetrics(page: string): string {
  const tables = new Map([
    ['metrics', metricsTable()],
    ['metric-values', valuesTable()],
  ]);
  return withTables(page, tables, 'docs/operate.md');
}

function metricsTable(): string {
  const watched = watchedGate();
  const process = processMetrics(monitorEventLoopDelay());
  const gauges = [...gateMetrics(watched), ...process];
  const rows = [
    ...gauges.map((metric) => row(metric, isCounter(metric.name) ? 'counter' : 'gauge')),
    row(maxMetric, 'gauge'),
    ...gateHistograms(watched.gate).map((metric) => row(metric, 'histogram')),
    row({ ...collectionsMetric, read: () => kindSamples() }, 'histogram'),
  ];
  return table(['metric', 'type', 'labels', 'meaning'], rows);
}

function kindSamples(): Sample[] {
  return Object.values(kinds).map((kind) => ({ labels: { kind }, value: 0 }));
}

function row(metric: Pick<ReadMetric, 'name' | 'help'> & Partial<ReadMetric>, type: string) {
  const option = only.find(([name]) => name.test(metric.name))?.[1];
  const help = option === undefined ? metric.help : `${metric.help} (only with ${option})`;
  return [code(metric.name), type, labelsOf(metric), help];
}

/** Each label with its values, in the order of the metric. */
function labelsOf({ read, labels: names = [] }: Partial<ReadMetric>): string {
  const samples = read?.();
  // Values that are asked of other gates.
  if (!Array.isArray(samples)) return names.map(code).join('; ');
  const values = new Map<string, Set<string>>();
  for (const { labels } of samples as Sample[]) {
    for (const [label, value] of Object.entries(labels)) {
      values.set(label, (values.get(label) ?? new Set()).add(value));
    }
  }
  const texts = [...values].map(([label, of]) => {
    const text = elsewhere[label] ?? [...of].map(code).join(', ');
    return text === '' ? code(label) : `${code(label)}: ${text}`;
  });
  return texts.join('; ');
}

/** The meaning of label values that need one. */
function valuesTable(): string {
  const tables = {
    ixgate_connection_outcomes_total: ['outcome', outcomes],
    ixgate_connections_rejected_total: ['reason', rejectionReasons],
    ixgate_validation_outcomes_total: ['outcome', validationOutcomes],
  } as const;
  const rows = Object.entries(tables).flatMap(([metric, [label, values]]) =>
    Object.entries(values).map(([value, meaning]) => [
      code(`${metric}{${label}="${value}"}`),
      meaning,
    ]),
  );
  return table(['series', 'meaning'], rows);
}
