import { Histogram, type Registry } from 'prom-client';
import { durationBounds } from '../server/index.js';
import type { ReadHistogram } from './metric.js';

export function addHistogram(registry: Registry, read: ReadHistogram): void {
  registry.registerMetric(new CountedHistogram(read));
}

class CountedHistogram extends Histogram {
  readonly #read: ReadHistogram;

  constructor(read: ReadHistogram) {
    const { name, help } = read;
    super({ name, help, buckets: [...durationBounds], registers: [] });
    this.#read = read;
  }

  /** Called by the registry and by `get`. */
  async getForPromString() {
    const { name, help } = this.#read;
    return { name, help, type: 'histogram', values: samplesOf(this.#read), aggregator: 'sum' };
  }
}

/** The samples of a histogram: its buckets contain the smaller ones. */
function samplesOf({ name, counts }: ReadHistogram) {
  const { sum = 0, ...buckets } = counts();
  let count = 0;
  const cumulative = [...durationBounds.map(String), '+Inf'].map((le) => {
    count += buckets[le] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le }, value: count };
  });
  const total = (end: string, value: number) => ({
    metricName: `${name}_${end}`,
    labels: {},
    value,
  });
  return [...cumulative, total('sum', sum), total('count', count)];
}
