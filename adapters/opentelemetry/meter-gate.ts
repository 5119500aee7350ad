import type { Meter } from '@opentelemetry/api';
import { checkGate } from '../admin/check-gate.js';
import { gateHistograms, gateMetrics, type Watched } from '../admin/gate-metrics.js';
import { OptionError } from '../runtime/errors.js';
import { kindOf } from '../runtime/kind-of.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { durationBounds, GateServer, type GateView } from '../server/index.js';
import { meterRows, unitOf } from './meter-rows.js';

export interface MeterGateOptions {
  /** The recorder of the gate. @default none */
  readonly recorder?: Watched['recorder'];
  /** Expiry of the gate's TLS certificate in Unix seconds. @default none */
  readonly certificateExpiry?: Watched['certificateExpiry'];
}

/** The metrics of a gate in a meter. */
export interface GateMeter extends Disposable {
  /** Stops observing the gate. */
  close(): void;
}

const names = Object.keys({
  recorder: true,
  certificateExpiry: true,
} satisfies Record<keyof MeterGateOptions, true>);

/**
 * Observes the metrics of a gate in a meter: those of `/metrics` under the same names, counters and gauges as observable instruments,
 * durations as histograms. Metrics of the process are left to instrumentations of Node.
 * @throws {OptionError} {UnknownOptionError} for anything but a gate and a meter
 */
export function meterGate(gate: GateView, meter: Meter, options: MeterGateOptions = {}): GateMeter {
  checkGate(gate);
  if (typeof meter?.addBatchObservableCallback !== 'function') {
    throw new OptionError('meter', kindOf(meter), 'a meter of @opentelemetry/api');
  }
  checkOptionNames(options, names);
  const stops = [meterRows(meter, gateMetrics({ gate, ...options })), ...recorded(gate, meter)];
  const close = () => {
    for (const stop of stops.splice(0)) stop();
  };
  return { close, [Symbol.dispose]: close };
}

/** Histograms cannot be observed later: each duration is recorded as it is counted. */
function recorded(gate: GateView, meter: Meter): (() => void)[] {
  if (!(gate instanceof GateServer)) return [];
  return gateHistograms(gate).map(({ name, help, of }) => {
    const histogram = meter.createHistogram(name, {
      description: help,
      unit: unitOf(name),
      advice: { explicitBucketBoundaries: [...durationBounds] },
    });
    const { listeners } = gate.durations[of];
    const record = (seconds: number) => histogram.record(seconds);
    listeners.add(record);
    return () => listeners.delete(record);
  });
}
