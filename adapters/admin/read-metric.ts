import { Counter, Gauge, type Registry } from 'prom-client';

type Values = Readonly<Record<string, number>>;

/** A metric whose value is read on request. */
export interface ReadMetric {
  /** Names that end in `_total` are counters, other names are gauges. */
  readonly name: string;
  readonly help: string;
  /** The label; without it the metric has a single value. */
  readonly label?: string;
  /** A number, or a number for each possible label value, so that all series exist from the start. */
  read(): number | Values | Promise<number>;
}

export function addMetric(registry: Registry, { name, help, label, read }: ReadMetric): void {
  const labelNames = label === undefined ? [] : [label];
  const common = { name, help, labelNames, registers: [registry] };
  const readEach = async (write: (labels: Record<string, string>, value: number) => void) => {
    const given = read();
    // Synchronous values are set together: all values of one answer are from one moment.
    const values = given instanceof Promise ? await given : given;
    if (typeof values === 'number') write({}, values);
    else for (const [of, value] of Object.entries(values)) write({ [label ?? '']: of }, value);
  };
  if (name.endsWith('_total')) {
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
      collect: () => readEach((labels, value) => gauge.set(labels, value)),
    });
  }
}
