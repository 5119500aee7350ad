import { Histogram, Registry } from 'prom-client';
import type { StepRecord } from '../../machines/index.js';
import type { GateView } from '../server/index.js';
import { gateMetrics, type Watched } from './gate-metrics.js';
import { ProcessMetrics } from './process-metrics.js';
import { addMetric } from './read-metric.js';

/** Seconds from the connect to the registration: next door it takes one millisecond, the deadline is at ten seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a gate tells Prometheus. It has a registry of its own, so that several gates fit in one process. */
export class Metrics {
  readonly #gate: GateView;
  readonly #registry = new Registry();
  readonly #process: ProcessMetrics;
  readonly #duration: Histogram;

  constructor(watched: Watched) {
    this.#gate = watched.gate;
    for (const metric of gateMetrics(watched)) addMetric(this.#registry, metric);
    this.#duration = new Histogram({
      name: 'ixgate_registration_duration_seconds',
      help: 'How long clients took from the connect to the registration',
      buckets,
      registers: [this.#registry],
    });
    this.#process = new ProcessMetrics(this.#registry);
    this.#gate.on('step', this.#stepped);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of them as text, those of the gate as they are at one moment. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Leaves the gate alone, and no timer behind. */
  close(): void {
    this.#gate.off('step', this.#stepped);
    this.#process.close();
  }

  // A step tells it by a clock that never jumps; the event 'registered' has only wall clocks.
  readonly #stepped = ({ from, to, elapsed }: StepRecord): void => {
    if (to === 'registered' && from !== to) this.#duration.observe(elapsed / 1_000);
  };
}
