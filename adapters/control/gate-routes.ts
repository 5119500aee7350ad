import { formatEndpoint } from '../net/transports/endpoint.js';
import { logLevels } from '../runtime/log-levels.js';
import { version } from '../runtime/version.js';
import type { GateView } from '../server/index.js';
import type { ClusterStatus, Drained, GateStatus, NodeAnswers, NodesAnswer } from './answers.js';
import { oneOf, type Values } from './arguments.js';
import { clusterOf, nodeAnswers, nodeArguments, wantedNode } from './cluster.js';
import { notReady } from './readiness.js';
import { type Call, type Controlled, gateRoute, serviceRoute } from './route.js';
import {
  anySchema,
  configSchema,
  drainSchema,
  listOf,
  logLevelSchema,
  mapOf,
  nodeSchema,
  object,
  reloadSchema,
  setSchema,
  statusSchema,
} from './schemas.js';
import type { ReloadOutcome } from './service-control.js';

const unusable = { 422: 'the configuration is unusable; nothing has changed' };
const unknownNode = { 404: 'the cluster has no such gate, or the gate is not in a cluster' };
const notOpen = { 503: 'the gate is starting or stopping' };

export const gateRoutes = [
  gateRoute('GET /status', 'status', {
    about: 'The state of the gate.',
    answer: statusSchema,
    run: status,
  }),
  gateRoute('GET /nodes', 'nodes', {
    about: 'The gates of the cluster, by name. What a gate that does not answer knows is null.',
    answer: object({ nodes: listOf(nodeSchema) }),
    problems: { 404: 'the gate is not in a cluster' },
    run: async ({ gate }): Promise<NodesAnswer> => ({ nodes: await clusterOf(gate).nodes() }),
  }),
  gateRoute('POST /drain', 'drain', {
    about:
      'Rejects new connections with EventError shutting-down (HTTP 503 for WebSockets); /readyz answers 503. Open connections stay.',
    answer: drainSchema,
    args: nodeArguments,
    problems: unknownNode,
    run: (call) => drain(call, true),
  }),
  gateRoute('POST /resume', 'resume', {
    about: 'Accepts connections again after /drain.',
    answer: drainSchema,
    args: nodeArguments,
    problems: unknownNode,
    run: (call) => drain(call, false),
  }),
  serviceRoute('POST /reload', 'reload', {
    about: 'Reads the configuration and the list of clients again, as SIGHUP does.',
    args: nodeArguments,
    answer: reloadSchema,
    problems: { ...unusable, ...notOpen, ...unknownNode },
    async run(service, { gate, args }): Promise<ReloadOutcome | NodeAnswers> {
      const wanted = wantedNode(args);
      if (wanted === undefined) return service.reload();
      return { nodes: nodeAnswers(await clusterOf(gate).reloadNodes(wanted)) };
    },
  }),
  serviceRoute('GET /config', 'config', {
    about: 'The options in force and where each comes from. Secrets are masked.',
    answer: configSchema,
    run: (service) => ({ options: service.config() }),
  }),
  serviceRoute('PATCH /config', 'set', {
    about:
      'Sets options until the gate stops, by key, as in the configuration file; null takes a setting back. Options that need a restart are refused.',
    freeBody: { ...mapOf(anySchema), minProperties: 1, examples: [{ maxErrors: 4, drain: null }] },
    answer: setSchema,
    problems: { ...unusable, ...notOpen },
    run: (service, { args }) => service.set(args),
  }),
  serviceRoute('GET /log-level', 'show-log-level', {
    about: 'The log level in force, and that of the configuration.',
    answer: logLevelSchema,
    run: (service) => service.logLevel(),
  }),
  serviceRoute('PUT /log-level', 'log-level', {
    about: 'Sets the log level until the gate stops, or until the configured level changes.',
    args: { level: oneOf('minimum severity of log lines', logLevels) },
    answer: logLevelSchema,
    run(service, { args }) {
      service.setLogLevel(args.level);
      return service.logLevel();
    },
  }),
];

function setDraining({ gate }: Controlled, isDraining: boolean): Drained {
  gate.setDraining(isDraining);
  const { open, registered } = gate.counts();
  return { draining: gate.isDraining, open, registered };
}

async function drain(
  call: Call<Values<typeof nodeArguments>>,
  isDraining: boolean,
): Promise<Drained | NodeAnswers> {
  const wanted = wantedNode(call.args);
  if (wanted === undefined) return setDraining(call, isDraining);
  return { nodes: nodeAnswers(await clusterOf(call.gate).drainNodes(wanted, isDraining)) };
}

/** The gate in its cluster; null without a directory. */
async function clusterStatus({ directory, cluster }: GateView): Promise<ClusterStatus | null> {
  if (!directory || !cluster) return directory;
  const nodes = await cluster.nodes();
  return {
    ...directory,
    nodes: nodes.map(({ node, state, sessions }) => ({ node, state, sessions })),
  };
}

async function status({ gate, service, isStopping }: Controlled): Promise<GateStatus> {
  const cluster = await clusterStatus(gate);
  const counts = gate.counts();
  const isClosing = isStopping() || gate.isClosing;
  return {
    version: version(),
    node: process.version,
    pid: process.pid,
    startedAt: Math.round(performance.timeOrigin),
    uptime: Math.round(performance.now()),
    state: isClosing ? 'stopping' : gate.isDraining ? 'draining' : 'running',
    notReady: notReady(gate, isStopping()),
    endpoints: gate.endpoints.map(formatEndpoint),
    open: counts.open,
    registered: counts.registered,
    unregistered: counts.unregistered,
    validationsRunning: counts.validationsRunning,
    validationsWaiting: counts.validationsWaiting,
    accepted: counts.accepted,
    outcomes: counts.outcomes,
    rejected: counts.rejected,
    errors: counts.errors,
    limits: counts.limits,
    problems: counts.problems,
    workers: gate.workers ?? null,
    service: service?.status() ?? null,
    ...(cluster && { cluster }),
  };
}
