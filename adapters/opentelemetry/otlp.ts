/** The exporters of `ixgate serve --otlp`. Loaded on demand: its packages are not installed with ixgate. */
import { randomUUID } from 'node:crypto';
import { DiagLogLevel, diag, type Meter, type Tracer } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { sharedMetrics, type Watched } from '../admin/gate-metrics.js';
import { version } from '../runtime/version.js';
import type { GateServer } from '../server/index.js';
import { meterGate } from './meter-gate.js';
import { meterRows } from './meter-rows.js';
import { traceGate } from './trace-gate.js';

/** Milliseconds that the last spans and metrics have to leave; a receiver that is down does not hold up the end of the gate. */
const flushTimeout = 2_000;

/** Sends the spans and metrics of this process to a receiver of OTLP over HTTP. The variables `OTEL_*` hold for the rest. */
export class OtlpExport {
  readonly #traces: BasicTracerProvider;
  readonly #metrics: MeterProvider;
  readonly #tracer: Tracer;
  readonly #meter: Meter;
  readonly #stops: (() => void)[] = [];

  /**
   * @param endpoint the base URL, e.g. `http://127.0.0.1:4318`
   * @param onProblem gets the text of each problem, e.g. for each export that fails
   */
  constructor(endpoint: string, onProblem: (text: string) => void) {
    const url = (path: string) => `${endpoint.replace(/\/$/, '')}/v1/${path}`;
    const problem = (...what: unknown[]) => onProblem(what.map(String).join(' '));
    const nothing = () => {};
    diag.setLogger(
      { error: problem, warn: problem, info: nothing, debug: nothing, verbose: nothing },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const resource = resourceFromAttributes({
      'service.name': 'ixgate',
      'service.version': version(),
      'service.instance.id': randomUUID(),
      'process.pid': process.pid,
    }).merge(detectResources({ detectors: [envDetector] }));
    const spans = new BatchSpanProcessor(new OTLPTraceExporter({ url: url('traces') }));
    this.#traces = new BasicTracerProvider({ resource, spanProcessors: [spans] });
    const exporter = new OTLPMetricExporter({ url: url('metrics') });
    this.#metrics = new MeterProvider({
      resource,
      readers: [new PeriodicExportingMetricReader({ exporter, ...intervals(process.env) })],
    });
    this.#tracer = this.#traces.getTracer('ixgate', version());
    this.#meter = this.#metrics.getMeter('ixgate', version());
  }

  /** Traces and measures a gate of this process. */
  watchGate(gate: GateServer, recorder: Watched['recorder']): void {
    const tracing = traceGate(gate, { tracer: this.#tracer });
    const metering = meterGate(gate, this.#meter, { recorder });
    this.#stops.push(
      () => tracing.close(),
      () => metering.close(),
    );
  }

  /** Measures the parts that all workers share. */
  watchShared(watched: Watched): void {
    this.#stops.push(meterRows(this.#meter, sharedMetrics(watched)));
  }

  /** Sends what is left, within two seconds. Call it when the gate is closed. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, flushTimeout);
    });
    const sent = Promise.allSettled([this.#traces.shutdown(), this.#metrics.shutdown()]);
    await Promise.race([sent, late]);
    clearTimeout(timer);
    // Data that is still being sent may fail later, and the log is closed then.
    diag.disable();
    for (const stop of this.#stops.splice(0)) stop();
  }
}

/** Milliseconds between two exports of metrics, and for one export: this package of OpenTelemetry does not read them itself. */
function intervals(env: NodeJS.ProcessEnv) {
  const interval = wholeFrom(env.OTEL_METRIC_EXPORT_INTERVAL, 60_000);
  const timeout = Math.min(interval, wholeFrom(env.OTEL_METRIC_EXPORT_TIMEOUT, 30_000));
  return { exportIntervalMillis: interval, exportTimeoutMillis: timeout };
}

function wholeFrom(text: string | undefined, byDefault: number): number {
  const value = Number(text ?? '');
  return Number.isInteger(value) && value > 0 ? value : byDefault;
}
