import { formatEndpoint } from '../net/transports/endpoint.js';
import { logLevels } from '../runtime/log-levels.js';
import { version } from '../runtime/version.js';
import type { Drained, GateStatus } from './answers.js';
import { oneOf } from './arguments.js';
import { notReady } from './readiness.js';
import { type Controlled, gateRoute, serviceRoute } from './route.js';
import {
  anySchema,
  configSchema,
  drainSchema,
  logLevelSchema,
  mapOf,
  reloadSchema,
  statusSchema,
} from './schemas.js';

const unusable = { 422: 'the configuration is unusable; nothing has changed' };
const notOpen = { 503: 'the gate is starting or stopping' };

export const gateRoutes = [
  gateRoute('GET /status', 'status', {
    about: 'The state of the gate.',
    answer: statusSchema,
    run: status,
  }),
  gateRoute('POST /drain', 'drain', {
    about:
      'Rejects new connections with EventError shutting-down (HTTP 503 for WebSockets); /readyz answers 503. Open connections stay.',
    answer: drainSchema,
    run: (call) => setDraining(call, true),
  }),
  gateRoute('POST /resume', 'resume', {
    about: 'Accepts connections again after /drain.',
    answer: drainSchema,
    run: (call) => setDraining(call, false),
  }),
  serviceRoute('POST /reload', 'reload', {
    about: 'Reads the configuration and the list of clients again, as SIGHUP does.',
    answer: reloadSchema,
    problems: { ...unusable, ...notOpen },
    run: (service) => service.reload(),
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
    answer: reloadSchema,
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

function status({ gate, service, isStopping }: Controlled): GateStatus {
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
  };
}
