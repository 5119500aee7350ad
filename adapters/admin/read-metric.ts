import { Counter, Gauge, type Registry } from 'prom-client';
import { isCounter, type ReadMetric, type Sample } from './metric.js';

export function addMetric(registry: Registry, { name, help, labels = [], read }: ReadMetric): void {
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  const readEach = async (write: (labels: Sample['labels'], value: number) => void) => {
    const given = read();
    // Synchronous values are set together: all values of one answer are from one moment.
    const values = given instanceof Promise ? await given : given;
    if (typeof values === 'number') write({}, values);
    else for (const sample of values) write(sample.labels, sample.value);
  };
  if (isCounter(name)) {
    const counter = new Counter({
      ...common,
      collect() {
        counter.reset();
        return readEach((labels, value) => counter.inc(labels, value));
      },
    });
  } else {
    const gauge = new Gauge({
      ...common,
      async collect() {
        // The values of labels that are gone.
        if (labels.length > 0) gauge.reset();
        await readEach((of, value) => gauge.set(of, value));
      },
    });
  }
}
