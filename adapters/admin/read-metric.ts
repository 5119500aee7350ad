import { Counter, Gauge, type Registry } from 'prom-client';

type Values = Readonly<Record<string, number>>;

/** A number that somebody keeps anyway: read when metrics are asked for. */
export interface ReadMetric {
  /** One that ends in `_total` is a counter's, any other a gauge's. */
  readonly name: string;
  readonly help: string;
  /** What tells its values apart; without one it has a single value. */
  readonly label?: string;
  /** A number, or one by each value of the label: all that are possible, so that none appears only when it is met first. */
  read(): number | Values | Promise<number>;
}

export function addMetric(registry: Registry, { name, help, label, read }: ReadMetric): void {
  const labelNames = label === undefined ? [] : [label];
  const common = { name, help, labelNames, registers: [registry] };
  const readEach = async (write: (labels: Record<string, string>, value: number) => void) => {
    const given = read();
    // Those that are there at once are written at once: then all of one answer are of one moment.
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
