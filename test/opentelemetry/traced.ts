import { type Attributes, context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { expect } from 'vitest';

/** Spans in memory, with the context manager and the propagator of a service. They are global, so a test file has them alone. */
export function tracedProcess() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const spans = () => exporter.getFinishedSpans();
  return {
    spans,
    /** The spans of sessions, once there are so many. */
    async sessions(count = 1): Promise<ReadableSpan[]> {
      const found = () => spans().filter(({ name }) => name === 'ixgate.session');
      await expect.poll(() => found().length).toBe(count);
      return found();
    },
    async session(): Promise<ReadableSpan> {
      const [span] = await this.sessions();
      if (!span) throw new Error('no span');
      return span;
    },
    reset: () => exporter.reset(),
    async close() {
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

/** Events of a span by name, with their attributes. */
export function eventsOf({ events }: ReadableSpan): [string, Attributes][] {
  return events.map(({ name, attributes = {} }) => [name, attributes]);
}
