import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}

interface Exported {
  readonly resource: { readonly attributes: readonly KeyValue[] };
}

export interface ExportedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly name: string }[];
}

interface Bodies {
  readonly resourceSpans?: readonly (Exported & {
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  })[];
  readonly resourceMetrics?: readonly (Exported & {
    readonly scopeMetrics: readonly { readonly metrics: readonly ExportedMetric[] }[];
  })[];
}

export interface ExportedMetric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly ExportedPoint[] };
  readonly gauge?: { readonly dataPoints: readonly ExportedPoint[] };
  readonly histogram?: { readonly dataPoints: readonly { readonly count: number }[] };
}

export interface ExportedPoint {
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly attributes: readonly KeyValue[];
}

/** A receiver of OTLP over HTTP (JSON) that keeps what it gets. */
export async function otlpReceiver(answer: { status: number } = { status: 200 }) {
  const bodies: Bodies[] = [];
  const requests: { path: string | undefined; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    requests.push({ path: request.url, headers: request.headers });
    if (answer.status === 200) bodies.push(JSON.parse(text));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const spans = () => bodies.flatMap(({ resourceSpans = [] }) => resourceSpans);
  const metrics = () => bodies.flatMap(({ resourceMetrics = [] }) => resourceMetrics);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    spans: () => spans().flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)),
    metrics: () => metrics().flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics)),
    /** The attributes of the processes that sent spans or metrics. */
    resources: () =>
      [...spans(), ...metrics()].map(({ resource }) => valuesOf(resource.attributes)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function valuesOf(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}
