import { expect, it } from 'vitest';
import type { GateServer } from '../../adapters/server/index.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { otlpReceiver } from './otlp-receiver.js';

it('the example sends spans of sessions and of its handlers, and the metrics of the gate', async () => {
  await using receiver = await otlpReceiver();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  const { buildService } = await import(
    new URL('../../examples/opentelemetry-service/service.mjs', import.meta.url).href
  );
  const service: { gate: GateServer; close(): Promise<void> } = await buildService({
    listen: ['tcp://127.0.0.1:0'],
  });
  const desk = await lineClient(service.gate.endpoints[0]?.port ?? 0);
  await desk.ask(registerRequest());
  const login = { messageName: 'RequestAgentLogin', referenceId: 2, agentId: '1001' };
  expect(await desk.ask(login)).toMatchObject({ messageName: 'EventAck', agentId: '1001' });
  desk.socket.end();
  await service.close();
  const spans = receiver.spans();
  const session = spans.find(({ name }) => name === 'ixgate.session');
  const login2 = spans.find(({ name }) => name === 'log in');
  expect(login2?.parentSpanId).toBe(session?.spanId);
  expect(login2?.traceId).toBe(session?.traceId);
  expect(receiver.metrics().map(({ name }) => name)).toContain('ixgate_connections');
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
});
