/**
 * A gate whose sessions are spans, and whose own work is spans below them. Spans and metrics go to a receiver of OTLP over HTTP, which
 * the variables OTEL_EXPORTER_OTLP_* name (default http://localhost:4318).
 *
 *   npm install ixgate @opentelemetry/api@1.9 @opentelemetry/sdk-trace-node@2 @opentelemetry/sdk-metrics@2 \
 *     @opentelemetry/exporter-trace-otlp-http@0.223 @opentelemetry/exporter-metrics-otlp-http@0.223
 *   OTEL_SERVICE_NAME=desks node examples/opentelemetry-service/service.mjs
 */
import { pathToFileURL } from 'node:url';
import { metrics, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { meterGate, traceGate } from 'ixgate/opentelemetry';
import { createServer } from 'ixgate/server';

/** The SDK of the service: a context manager, a propagator and the exporters. */
function startTelemetry() {
  const tracing = new NodeTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  tracing.register();
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() });
  const metering = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(metering);
  return { close: () => Promise.all([tracing.shutdown(), metering.shutdown()]) };
}

export async function buildService({ listen = ['tcp://127.0.0.1:7004'] } = {}) {
  const telemetry = startTelemetry();
  const tracer = trace.getTracer('desks');
  const gate = await createServer({
    listen,
    on: {
      // A child of the span of the session.
      RequestAgentLogin: ({ message, reply }) =>
        tracer.startActiveSpan('log in', async (span) => {
          await new Promise(setImmediate);
          reply.ack({ agentId: message.agentId });
          span.end();
        }),
    },
  });
  traceGate(gate);
  meterGate(gate, metrics.getMeter('desks'));
  return {
    gate,
    async close() {
      await gate.close({ drainMs: 1_000 });
      await telemetry.close();
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { gate, close } = await buildService();
  console.log(`clients: tcp://127.0.0.1:${gate.endpoints[0].port}`);
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
}
