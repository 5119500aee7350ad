import { Registry } from 'prom-client';
import { OptionError } from '../runtime/errors.js';
import { gateHistograms, gateMetrics, type Watched } from './gate-metrics.js';
import { ProcessMetrics } from './process-metrics.js';
import { addHistogram } from './read-histogram.js';
import { addMetric } from './read-metric.js';

/** The Prometheus metrics of a gate, in a separate registry, so that one process can run several gates, or in the registry of the service. */
export class Metrics {
  readonly #registry: Registry;
  /** Null in a registry of the service, which has its own metrics of the process. */
  readonly #process: ProcessMetrics | null;
  readonly #names: readonly string[];

  /** @throws {OptionError} when the registry of the service has metrics of these names */
  constructor(watched: Watched, given?: Registry) {
    this.#registry = given ?? new Registry();
    const metrics = gateMetrics(watched);
    const histograms = gateHistograms(watched.gate);
    this.#names = [...metrics, ...histograms].map(({ name }) => name);
    if (given) checkNames(given, this.#names);
    for (const metric of metrics) addMetric(this.#registry, metric);
    for (const histogram of histograms) addHistogram(this.#registry, histogram);
    this.#process = given ? null : new ProcessMetrics(this.#registry);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as text. Those of the gate are from one moment. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Removes its metrics and timers; the gate keeps running. */
  close(): void {
    this.#process?.close();
    for (const name of this.#names) this.#registry.removeSingleMetric(name);
  }
}

/** @throws {OptionError} */
function checkNames(registry: Registry, names: readonly string[]): void {
  const taken = names.find((name) => registry.getSingleMetric(name) !== undefined);
  if (taken === undefined) return;
  throw new OptionError('registry', `one with ${taken}`, 'a registry without metrics of a gate');
}
