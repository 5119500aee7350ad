import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openTelemetry } from '../../adapters/service/telemetry.js';
import { serving } from '../cli/ixgate.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { otlpReceiver, valuesOf } from './otlp-receiver.js';

/** Exports at once, so that a test need not wait. */
const env = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '100' };

/** Registers and leaves. */
async function visit(port: number): Promise<void> {
  await using desk = await lineClient(port);
  expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
}

describe('ixgate serve --otlp', () => {
  it('sends a span of each session and the metrics of the gate, with the name of the service', async () => {
    await using receiver = await otlpReceiver();
    await using gate = await serving(['--otlp', receiver.url, '--admin', 'http://127.0.0.1:0'], {
      env: { ...env, OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=ipsum' },
    });
    await visit(gate.port);
    await expect.poll(() => receiver.spans().length).toBe(1);
    const [span] = receiver.spans();
    expect(span).toMatchObject({ name: 'ixgate.session', kind: 2 });
    expect(span?.events.map(({ name }) => name)).toEqual([
      'RequestRegisterClient',
      'registered',
      'EventAck',
    ]);
    expect(valuesOf(span?.attributes ?? [])).toMatchObject({
      'ixgate.client.name': 'desk-1',
      'server.port': gate.port,
    });
    const value = (name: string) =>
      receiver.metrics().findLast((metric) => metric.name === name)?.sum?.dataPoints[0]?.asDouble;
    await expect.poll(() => value('ixgate_connections_accepted_total')).toBe(1);
    const names = () => receiver.metrics().map(({ name }) => name);
    for (const name of ['ixgate_feed_viewers', 'ixgate_validation_duration_seconds']) {
      await expect.poll(names).toContain(name);
    }
    expect(receiver.resources()[0]).toMatchObject({ 'service.name': 'ixgate' });
    expect(new Set(receiver.requests.map(({ path }) => path))).toEqual(
      new Set(['/v1/traces', '/v1/metrics']),
    );
    expect(receiver.requests[0]?.headers['x-tenant']).toBe('ipsum');
  });

  it('sends what is left when the gate stops', async () => {
    await using receiver = await otlpReceiver();
    await using gate = await serving(['--otlp', receiver.url, '--drain', '0ms'], {
      env: { OTEL_SERVICE_NAME: 'desks' },
    });
    await using desk = await lineClient(gate.port);
    await desk.ask(registerRequest());
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(receiver.spans()).toHaveLength(1);
    expect(receiver.metrics().length).toBeGreaterThan(10);
    expect(receiver.resources()[0]).toMatchObject({ 'service.name': 'desks' });
    expect(gate.stdout).not.toContain('otlp-failed');
  });

  it('has with --workers the spans and metrics of each worker, each process with an instance id', async () => {
    await using receiver = await otlpReceiver();
    await using gate = await serving(['--otlp', receiver.url, '--workers', '2'], { env });
    for (let count = 0; count < 6; count += 1) await visit(gate.port);
    await expect.poll(() => receiver.spans().length).toBe(6);
    const instances = () =>
      new Set(receiver.resources().map((resource) => resource['service.instance.id']));
    await expect.poll(() => instances().size).toBe(3);
    const workers = () => receiver.metrics().findLast(({ name }) => name === 'ixgate_workers');
    await expect.poll(() => workers()?.gauge?.dataPoints[0]?.asDouble).toBe(2);
  });

  it('serves its clients while the receiver is down, logs that once, and stops in time', async () => {
    const receiver = await otlpReceiver();
    await receiver[Symbol.asyncDispose]();
    await using gate = await serving(['--otlp', receiver.url], { env });
    const failures = () =>
      gate.stdout.split('\n').filter((line) => line.includes('"event":"otlp-failed"'));
    for (let count = 0; count < 5; count += 1) await visit(gate.port);
    await expect.poll(() => failures().length).toBe(1);
    for (let count = 0; count < 5; count += 1) await visit(gate.port);
    const start = performance.now();
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(failures()).toHaveLength(1);
    expect(failures()[0]).toMatch(
      /OpenTelemetry \(http:\/\/127.0.0.1:\d+\/\): .*(ECONNREFUSED|timed out)/,
    );
  });

  it('ends within seconds while the receiver takes requests and answers none', async () => {
    const held = new Set<Socket>();
    const receiver = createServer((socket) => void held.add(socket.on('error', () => {}).resume()));
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    await using gate = await serving(['--otlp', `http://127.0.0.1:${port}`, '--drain', '0ms']);
    await visit(gate.port);
    const start = performance.now();
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(held.size).toBeGreaterThan(0);
    // The exporters themselves would wait for ten seconds.
    expect(performance.now() - start).toBeLessThan(8_000);
    for (const socket of held) socket.destroy();
    receiver.close();
  });

  it.each([
    ['ftp://127.0.0.1:4318'],
    ['http://user:secret-ipsum@127.0.0.1:4318'],
    ['127.0.0.1:4318'],
  ])('refuses %s', async (url) => {
    const { ixgate } = await import('../cli/in-process.js');
    const { code, stderr } = await ixgate(['serve', '--otlp', url]);
    expect(code).toBe(2);
    expect(stderr).toContain('allowed: an http or https URL without user and query');
    expect(stderr).not.toContain('secret');
  });

  it('names the missing package and the command that installs it', async () => {
    const missing = Object.assign(
      new Error("Cannot find package '@opentelemetry/sdk-metrics' imported from /app/otlp.js"),
      { code: 'ERR_MODULE_NOT_FOUND' },
    );
    const opening = openTelemetry('http://127.0.0.1:4318', { once: () => {} }, () =>
      Promise.reject(missing),
    );
    await expect(opening).rejects.toMatchObject({
      code: 'OTLP_MISSING',
      message: expect.stringMatching(
        /^--otlp: @opentelemetry\/sdk-metrics is not installed. Install it: npm install @opentelemetry\/api@/,
      ),
    });
  });
});
