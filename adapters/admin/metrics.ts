import { Histogram, Registry } from 'prom-client';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { OptionError } from '../runtime/errors.js';
import type { GateView } from '../server/index.js';
import { gateMetrics, type Watched } from './gate-metrics.js';
import { ProcessMetrics } from './process-metrics.js';
import { addMetric } from './read-metric.js';

/** Histogram buckets in seconds from the connection to the registration: a nearby client takes 1 ms, the deadline is 10 s. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const durationName = 'ixgate_registration_duration_seconds';

/** The Prometheus metrics of a gate, in a separate registry, so that one process can run several gates, or in the registry of the service. */
export class Metrics {
  readonly #gate: GateView;
  readonly #registry: Registry;
  /** Null in a registry of the service, which has its own metrics of the process. */
  readonly #process: ProcessMetrics | null;
  readonly #names: readonly string[];
  readonly #duration: Histogram;

  /** @throws {OptionError} when the registry of the service has metrics of these names */
  constructor(watched: Watched, given?: Registry) {
    this.#gate = watched.gate;
    this.#registry = given ?? new Registry();
    const metrics = gateMetrics(watched);
    this.#names = [...metrics.map(({ name }) => name), durationName];
    if (given) checkNames(given, this.#names);
    for (const metric of metrics) addMetric(this.#registry, metric);
    this.#duration = new Histogram({
      name: durationName,
      help: 'Time from the connection to the registration',
      buckets,
      registers: [this.#registry],
    });
    this.#process = given ? null : new ProcessMetrics(this.#registry);
    this.#gate.on('step', this.#stepped);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as text. Those of the gate are from one moment. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Removes its listeners and timers; the gate keeps running. */
  close(): void {
    this.#gate.off('step', this.#stepped);
    this.#process?.close();
    for (const name of this.#names) this.#registry.removeSingleMetric(name);
  }

  // Steps have a monotonic clock; the event 'registered' has only the wall clock.
  readonly #stepped = ({ from, to, elapsed }: StepRecord): void => {
    if (to === 'registered' && from !== to) this.#duration.observe(elapsed / 1_000);
  };
}

/** @throws {OptionError} */
function checkNames(registry: Registry, names: readonly string[]): void {
  const taken = names.find((name) => registry.getSingleMetric(name) !== undefined);
  if (taken === undefined) return;
  throw new OptionError('registry', `one with ${taken}`, 'a registry without metrics of a gate');
}
