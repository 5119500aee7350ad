import { notReady } from '../control/readiness.js';
import { version } from '../runtime/version.js';
import type { GateView } from '../server/index.js';
import { directoryMetrics, nodeMetrics } from './cluster-metrics.js';
import { by, type ReadHistogram, type ReadMetric, type Sample } from './metric.js';

/** The sources of the metrics. */
export interface Watched {
  readonly gate: GateView;
  /** Counts of the recording; null or left out without a recorder. */
  readonly recorder?:
    | { counts(): { readonly steps: number; readonly dropped: number } }
    | null
    | undefined;
  /** Expiry of the TLS certificate in Unix seconds; left out without a certificate. */
  readonly certificateExpiry?: (() => number) | undefined;
  /** Counts of the feed; null or left out without a feed. */
  readonly feed?: { readonly viewers: number; readonly dropped: number } | null | undefined;
  /** Whether the gate is about to stop: `announceStop` was called. @default never */
  readonly isStopping?: (() => boolean) | undefined;
}

/** The metrics of a gate. Label values come from fixed lists, never from clients. */
export function gateMetrics(watched: Watched): ReadMetric[] {
  const { gate, recorder } = watched;
  return [
    buildMetric(),
    ...connectionMetrics(gate),
    ...trafficMetrics(gate),
    ...stateMetrics(gate),
    readyMetric(watched),
    ...(recorder ? recorderMetrics(recorder) : []),
    ...sharedMetrics(watched),
    ...(gate.cluster ? nodeMetrics(gate.cluster) : []),
  ];
}

/** The metrics of the parts that all workers of a gate share. */
export function sharedMetrics({ gate, feed, certificateExpiry }: Watched): ReadMetric[] {
  return [
    ...(gate.workers ? workerMetrics(gate) : []),
    ...(gate.directory ? directoryMetrics(gate) : []),
    ...(feed ? feedMetrics(feed) : []),
    ...(certificateExpiry ? [certificateMetric(certificateExpiry)] : []),
  ];
}

/** The histograms of a gate. */
export function gateHistograms(gate: GateView): ReadHistogram[] {
  return [
    {
      name: 'ixgate_registration_duration_seconds',
      help: 'Time from the connection to the registration',
      of: 'registrationDurations',
      counts: () => gate.counts().registrationDurations,
    },
    {
      name: 'ixgate_validation_duration_seconds',
      help: 'Time that the validator took, without the wait for it',
      of: 'validationDurations',
      counts: () => gate.counts().validationDurations,
    },
  ];
}

function buildMetric(): ReadMetric {
  const labels = { version: version(), node: process.versions.node };
  return {
    name: 'ixgate_build_info',
    help: '1, with the versions of ixgate and Node',
    labels: Object.keys(labels),
    read: () => [{ labels, value: 1 }],
  };
}

function connectionMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_connections_accepted_total',
      help: 'Accepted connections',
      read: () => gate.counts().accepted,
    },
    {
      name: 'ixgate_connection_outcomes_total',
      help: 'Accepted connections by outcome, counted once the outcome is decided',
      labels: ['outcome'],
      read: () => by('outcome', gate.counts().outcomes),
    },
    {
      name: 'ixgate_connections_rejected_total',
      help: 'Rejected connections by reason',
      labels: ['reason'],
      read: () => by('reason', gate.counts().rejected),
    },
    {
      name: 'ixgate_error_responses_total',
      help: 'EventErrors sent to unregistered clients, by name',
      labels: ['name'],
      read: () => by('name', gate.counts().errors),
    },
    {
      name: 'ixgate_limit_hits_total',
      help: 'Limit hits, by the name of the option',
      labels: ['limit'],
      read: () => by('limit', gate.counts().limits),
    },
    {
      name: 'ixgate_internal_errors_total',
      help: 'Errors in the gate, its validator or its service that did not stop the gate',
      read: () => gate.counts().problems,
    },
  ];
}

function trafficMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_validation_outcomes_total',
      help: 'Validations by outcome',
      labels: ['outcome'],
      read: () => by('outcome', gate.counts().validations),
    },
    {
      name: 'ixgate_messages_total',
      help: 'Messages by direction and name; other stands for names that neither the protocol nor the service declares',
      labels: ['direction', 'name'],
      read() {
        const { messagesReceived, messagesSent } = gate.counts();
        return [...messages('in', messagesReceived), ...messages('out', messagesSent)];
      },
    },
    {
      name: 'ixgate_message_bytes_total',
      help: 'Bytes of messages by direction, without TLS and the headers of WebSocket frames',
      labels: ['direction'],
      read() {
        const { bytesReceived, bytesSent } = gate.counts();
        return by('direction', { in: bytesReceived, out: bytesSent });
      },
    },
  ];
}

function messages(direction: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { direction, name }, value }));
}

function stateMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_connections',
      help: 'Open connections; registered includes the clients that proxies carry',
      labels: ['state'],
      read() {
        const { unregistered, registered } = gate.counts();
        return by('state', { unregistered, registered });
      },
    },
    {
      name: 'ixgate_carried_clients',
      help: 'Clients that proxies carry on their connections, registered or not',
      read: () => gate.counts().carried,
    },
    {
      name: 'ixgate_validations',
      help: 'Registrations in validation or waiting for it',
      labels: ['state'],
      read() {
        const { validationsRunning, validationsWaiting } = gate.counts();
        return by('state', { running: validationsRunning, waiting: validationsWaiting });
      },
    },
    {
      name: 'ixgate_overloaded',
      help: '1 while new connections are rejected because of event-loop delay',
      read: () => Number(gate.isOverloaded),
    },
    {
      name: 'ixgate_draining',
      help: '1 while the gate shuts down, or drains because an operator asked for it',
      read: () => Number(gate.isClosing || gate.isDraining),
    },
  ];
}

function readyMetric({ gate, isStopping = () => false }: Watched): ReadMetric {
  return {
    name: 'ixgate_ready',
    help: '1 while /readyz answers 200',
    read: () => Number(notReady(gate, isStopping()) === null),
  };
}

function workerMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_workers',
      help: 'Running worker processes',
      read: () => gate.workers?.running ?? 0,
    },
    {
      name: 'ixgate_worker_deaths_total',
      help: 'Crashed worker processes; each is restarted, its sessions are lost',
      read: () => gate.workers?.deaths ?? 0,
    },
  ];
}

function recorderMetrics(recorder: NonNullable<Watched['recorder']>): ReadMetric[] {
  return [
    {
      name: 'ixgate_recorded_steps_total',
      help: 'Steps passed to the recorder, including dropped ones',
      read: () => recorder.counts().steps,
    },
    {
      name: 'ixgate_recording_dropped_steps_total',
      help: 'Steps that were not recorded because the disk failed or was too slow',
      read: () => recorder.counts().dropped,
    },
  ];
}

function certificateMetric(read: () => number): ReadMetric {
  return {
    name: 'ixgate_tls_certificate_expiry_seconds',
    help: 'Expiry of the TLS certificate (notAfter), in seconds since 1970',
    read,
  };
}

function feedMetrics(feed: NonNullable<Watched['feed']>): ReadMetric[] {
  return [
    {
      name: 'ixgate_feed_viewers',
      help: 'Connected viewers of /feed',
      read: () => feed.viewers,
    },
    {
      name: 'ixgate_feed_dropped_steps_total',
      help: 'Steps not sent to slow viewers; each viewer gets a gap instead',
      read: () => feed.dropped,
    },
  ];
}
