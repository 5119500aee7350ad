import type { Meter, ObservableCounter, ObservableGauge } from '@opentelemetry/api';
import { isCounter, type ReadMetric, type Sample } from '../admin/metric.js';

/**
 * Observes metrics of a table, under their names for Prometheus. All values of one collection are of one moment.
 * @returns a function that stops that
 */
export function meterRows(meter: Meter, rows: readonly ReadMetric[]): () => void {
  // OpenTelemetry warns of an empty list.
  if (rows.length === 0) return () => {};
  const instruments = rows.map((row) => [row, instrumentOf(meter, row)] as const);
  const observables = instruments.map(([, instrument]) => instrument);
  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
    for (const [row, instrument] of instruments) {
      for (const { labels, value } of await samplesOf(row)) {
        result.observe(instrument, value, labels);
      }
    }
  };
  meter.addBatchObservableCallback(callback, observables);
  return () => meter.removeBatchObservableCallback(callback, observables);
}

/** The unit of a metric, by the end of its name. */
export function unitOf(name: string): string {
  const base = name.replace(/_total$/, '');
  if (base.endsWith('_seconds')) return 's';
  return base.endsWith('_bytes') ? 'By' : '';
}

function instrumentOf(
  meter: Meter,
  { name, help }: ReadMetric,
): ObservableCounter | ObservableGauge {
  const options = { description: help, unit: unitOf(name) };
  return isCounter(name)
    ? meter.createObservableCounter(name, options)
    : meter.createObservableGauge(name, options);
}

async function samplesOf({ read }: ReadMetric): Promise<readonly Sample[]> {
  const given = await read();
  return typeof given === 'number' ? [{ labels: {}, value: given }] : given;
}
