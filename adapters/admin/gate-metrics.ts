import type { GateView } from '../server/index.js';
import type { ReadMetric } from './read-metric.js';

/** What is looked at when metrics are asked for. */
export interface Watched {
  readonly gate: GateView;
  /** What is recorded; null or left out where nothing is. */
  readonly recorder?:
    | { counts(): { readonly steps: number; readonly dropped: number } }
    | null
    | undefined;
  /** When the TLS certificate expires, in Unix seconds; left out where there is none. */
  readonly certificateExpiry?: (() => number) | undefined;
  /** The feed's viewers; null or left out where there is no feed. */
  readonly feed?: { readonly viewers: number; readonly dropped: number } | null | undefined;
}

/** What a gate counts. Labels come from lists of ours: nothing that a client says is among them. */
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
      help: 'Connections that got a place',
      read: () => gate.counts().accepted,
    },
    {
      name: 'ixgate_connections_total',
      help: 'Connections that got a place, by what became of them, once that is decided',
      label: 'outcome',
      read: () => gate.counts().outcomes,
    },
    {
      name: 'ixgate_connections_rejected_total',
      help: 'Connections that got no place, by cause',
      label: 'reason',
      read: () => gate.counts().rejected,
    },
    {
      name: 'ixgate_error_responses_total',
      help: 'EventErrors to clients that were not registered, by name',
      label: 'name',
      read: () => gate.counts().errors,
    },
    {
      name: 'ixgate_limit_hits_total',
      help: 'How often a limit was met, by the name of its option',
      label: 'limit',
      read: () => gate.counts().limits,
    },
    {
      name: 'ixgate_internal_errors_total',
      help: 'Things that went wrong in the gate or its service; the gate went on',
      read: () => gate.counts().problems,
    },
  ];
}

function stateMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_connections',
      help: 'Connections that are there now',
      label: 'state',
      read() {
        const { unregistered, registered } = gate.counts();
        return { unregistered, registered };
      },
    },
    {
      name: 'ixgate_validations',
      help: 'Registrations that are being validated, or wait for that',
      label: 'state',
      read() {
        const { validationsRunning, validationsWaiting } = gate.counts();
        return { running: validationsRunning, waiting: validationsWaiting };
      },
    },
    {
      name: 'ixgate_overloaded',
      help: '1 while new connections are turned away because the event loop was held up',
      read: () => Number(gate.isOverloaded),
    },
    {
      name: 'ixgate_draining',
      help: '1 from when the gate is told to stop',
      read: () => Number(gate.isClosing),
    },
  ];
}

function workerMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_workers',
      help: 'Worker processes that are there now',
      read: () => gate.workers?.running ?? 0,
    },
    {
      name: 'ixgate_worker_deaths_total',
      help: 'Worker processes that died; each was replaced, and its sessions were lost',
      read: () => gate.workers?.deaths ?? 0,
    },
  ];
}

function recorderMetrics(recorder: NonNullable<Watched['recorder']>): ReadMetric[] {
  return [
    {
      name: 'ixgate_recorded_steps_total',
      help: 'Steps given to the recording, those that are missing in it included',
      read: () => recorder.counts().steps,
    },
    {
      name: 'ixgate_recording_dropped_steps_total',
      help: 'Steps that are in no file: the disk refused them or did not keep up',
      read: () => recorder.counts().dropped,
    },
  ];
}

function certificateMetric(read: () => number): ReadMetric {
  return {
    name: 'ixgate_tls_certificate_expiry_seconds',
    help: 'When the TLS certificate expires (notAfter), in seconds since 1970',
    read,
  };
}

function feedMetrics(feed: NonNullable<Watched['feed']>): ReadMetric[] {
  return [
    {
      name: 'ixgate_feed_viewers',
      help: 'Viewers at /feed',
      read: () => feed.viewers,
    },
    {
      name: 'ixgate_feed_dropped_steps_total',
      help: 'Steps that viewers were not sent because they were slow: a gap stands for them',
      read: () => feed.dropped,
    },
  ];
}
