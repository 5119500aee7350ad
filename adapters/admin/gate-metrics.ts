import type { GateView } from '../server/index.js';
import type { ReadMetric } from './read-metric.js';

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
}

/** The metrics of a gate. Label values come from fixed lists, never from clients. */
export function gateMetrics({ gate, recorder, feed, certificateExpiry }: Watched): ReadMetric[] {
  return [
    ...connectionMetrics(gate),
    ...stateMetrics(gate),
    ...(gate.workers ? workerMetrics(gate) : []),
    ...(recorder ? recorderMetrics(recorder) : []),
    ...(feed ? feedMetrics(feed) : []),
    ...(certificateExpiry ? [certificateMetric(certificateExpiry)] : []),
  ];
}

function connectionMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_connections_accepted_total',
      help: 'Accepted connections',
      read: () => gate.counts().accepted,
    },
    {
      name: 'ixgate_connections_total',
      help: 'Accepted connections by outcome, counted once the outcome is decided',
      label: 'outcome',
      read: () => gate.counts().outcomes,
    },
    {
      name: 'ixgate_connections_rejected_total',
      help: 'Rejected connections by reason',
      label: 'reason',
      read: () => gate.counts().rejected,
    },
    {
      name: 'ixgate_error_responses_total',
      help: 'EventErrors sent to unregistered clients, by name',
      label: 'name',
      read: () => gate.counts().errors,
    },
    {
      name: 'ixgate_limit_hits_total',
      help: 'Limit hits, by the name of the option',
      label: 'limit',
      read: () => gate.counts().limits,
    },
    {
      name: 'ixgate_internal_errors_total',
      help: 'Errors in the gate, its validator or its service that did not stop the gate',
      read: () => gate.counts().problems,
    },
  ];
}

function stateMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_connections',
      help: 'Open connections',
      label: 'state',
      read() {
        const { unregistered, registered } = gate.counts();
        return { unregistered, registered };
      },
    },
    {
      name: 'ixgate_validations',
      help: 'Registrations in validation or waiting for it',
      label: 'state',
      read() {
        const { validationsRunning, validationsWaiting } = gate.counts();
        return { running: validationsRunning, waiting: validationsWaiting };
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
