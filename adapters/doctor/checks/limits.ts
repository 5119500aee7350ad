import { getHeapStatistics } from 'node:v8';
import { backlog } from '../../net/transports/listen-address.js';
import { descriptorLimit, reservedDescriptors } from '../../server/limits/index.js';
import { type Check, type Finding, fail, ok, warn } from '../check.js';
import { sizeText } from '../size-text.js';
import type { System } from '../system.js';

/** Below this limit Node and the gate itself lack files. */
const leastFiles = 128;

/** The findings about the limit of open files. @param max connections that the configuration allows */
export function descriptorFindings(files: number, reserved: number, max: number): Finding[] {
  const wanted = max + 256;
  const fix = `ulimit -n ${wanted}, or LimitNOFILE=${wanted} in the unit of systemd`;
  if (files < leastFiles) return [fail(`${files} files may be open, which is too few`, fix)];
  const connections = files - reserved;
  if (connections >= max) return [ok(`${files} files may be open, for ${max} connections`)];
  return [
    warn(
      `${files} files may be open, so the gate takes ${connections} connections instead of ${max}`,
      fix,
    ),
  ];
}

export const descriptors: Check = {
  id: 'descriptors',
  title: 'Open files',
  description:
    'the limit of open files (of this shell; a unit of systemd has its own) against --max-connections and --workers',
  run({ loaded: { config } }) {
    const files = descriptorLimit();
    if (files === null) return [];
    // Each worker has its own limit and takes its share of the connections.
    const each = Math.ceil(config.maxConnections / config.workers);
    return descriptorFindings(files, reservedDescriptors(), each);
  },
};

export const queues: Check = {
  id: 'queues',
  title: 'Queues of the system',
  description:
    'net.core.somaxconn and net.ipv4.tcp_max_syn_backlog hold a burst of connections; the connection tracking of the firewall has room',
  async run({ loaded: { config }, system }) {
    const queueFindings = await Promise.all(
      ['core/somaxconn', 'ipv4/tcp_max_syn_backlog'].map((name) => queueFinding(system, name)),
    );
    const limits = queueFindings.filter((one) => one !== null);
    const tooLow = limits.filter(({ severity }) => severity !== 'ok');
    const tracking = await trackingFindings(system, config.maxConnections);
    return [...(tooLow.length > 0 ? tooLow : limits.slice(0, 1)), ...tracking];
  },
};

/** Null where the system does not tell. */
async function queueFinding(system: System, name: string): Promise<Finding | null> {
  const value = await system.number(`/proc/sys/net/${name}`);
  if (value === null) return null;
  if (value >= backlog) return ok(`room for bursts of ${backlog} connections`);
  const option = `net.${name.replace('/', '.')}`;
  return warn(
    `${option} is ${value}: clients of a larger burst wait a second for their retry`,
    `sysctl -w ${option}=${backlog}`,
  );
}

async function trackingFindings(system: System, connections: number): Promise<Finding[]> {
  const folder = '/proc/sys/net/netfilter';
  const max = await system.number(`${folder}/nf_conntrack_max`);
  const count = await system.number(`${folder}/nf_conntrack_count`);
  if (max === null || count === null) return [];
  const fix = `sysctl -w net.netfilter.nf_conntrack_max=${Math.max(2 * max, 4 * connections)}`;
  const text = `the firewall tracks ${count} of at most ${max} connections`;
  if (count >= max) return [fail(`${text}; further ones are dropped`, fix)];
  if (count >= max * 0.9) return [warn(`${text}; further ones are dropped`, fix)];
  if (max - count >= connections) return [ok(text)];
  return [
    warn(
      `the firewall tracks at most ${max} connections (${count} now), for --max-connections ${connections}`,
      fix,
    ),
  ];
}

/** What a process needs without clients, in bytes. */
const processBytes = 96 * 1_048_576;
/** What a connection needs in Node and in the system, in bytes: more than measured (docs/performance.md), for messages on their way. */
const connectionBytes = 24_576;

/** The findings about memory. @param bytes that the gate may use */
export function memoryFindings(
  bytes: number,
  { maxConnections, workers }: { readonly maxConnections: number; readonly workers: number },
): Finding[] {
  const base = processBytes * (workers > 1 ? workers + 1 : 1);
  const needed = base + maxConnections * connectionBytes;
  const what = `${maxConnections} connections in ${workers} ${workers === 1 ? 'process' : 'workers'}`;
  const fix = 'lower --max-connections or --workers, or give the gate more memory';
  if (base > bytes) {
    return [fail(`${sizeText(bytes)} of memory; ${workers} workers need ${sizeText(base)}`, fix)];
  }
  if (needed > bytes) {
    return [warn(`${sizeText(bytes)} of memory; ${what} need about ${sizeText(needed)}`, fix)];
  }
  return [ok(`${sizeText(bytes)} of memory; ${what} need about ${sizeText(needed)}`)];
}

export const memory: Check = {
  id: 'memory',
  title: 'Memory',
  description:
    'the memory of the machine or of the cgroup, and the heap of Node, against --max-connections and --workers',
  async run({ loaded: { config }, system }) {
    const { bytes, isCgroup } = await system.memory();
    const heap = getHeapStatistics().heap_size_limit;
    const findings = memoryFindings(bytes, config);
    if (!isCgroup || heap < bytes) return findings;
    return [
      ...findings,
      warn(
        `the heap of Node may grow to ${sizeText(heap)}, but the cgroup has ${sizeText(bytes)}: the system would kill the gate`,
        `NODE_OPTIONS=--max-old-space-size=${Math.floor((bytes * 0.75) / 1_048_576)}`,
      ),
    ];
  },
};

export const cores: Check = {
  id: 'cores',
  title: 'Cores',
  description: 'the cores of the machine or of the cgroup against --workers',
  async run({ loaded: { config }, system }) {
    const { workers } = config;
    const count = await system.cores();
    const text = `${Number(count.toFixed(2))} cores for ${workers} ${workers === 1 ? 'process' : 'workers'}`;
    if (workers === 1 || workers <= Math.ceil(count)) return [ok(text)];
    return [warn(`${text}: they take time from each other`, `--workers ${Math.ceil(count)}`)];
  },
};
