import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { Metrics } from '../../adapters/admin/metrics.js';
import { meterGate } from '../../adapters/opentelemetry/index.js';
import { OptionError, UnknownOptionError } from '../../adapters/runtime/errors.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();
const providers: MeterProvider[] = [];
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.shutdown();
});

/** A meter whose metrics are collected on request. */
function collected() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const provider = new MeterProvider({ readers: [reader] });
  providers.push(provider);
  return {
    meter: provider.getMeter('test'),
    async metrics() {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    },
  };
}

/** The value of each series, by the name of the metric and its attributes. */
function seriesOf(metrics: Awaited<ReturnType<ReturnType<typeof collected>['metrics']>>) {
  const entries = metrics.flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map(({ attributes, value }) => {
      const labels = Object.entries(attributes).map(([name, one]) => `${name}="${one}"`);
      return [`${descriptor.name}{${labels.sort().join()}}`, value] as const;
    }),
  );
  return new Map<string, unknown>(entries);
}

/** The same of the text for Prometheus. */
function seriesOfText(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (.*)$/.exec(line) ?? [];
      return [`${name}{${labels.split(',').sort().join()}}`, Number(value)];
    }),
  );
}

const recorder = { counts: () => ({ steps: 7, dropped: 2 }) };

describe('meterGate', () => {
  it('has every series of /metrics with the same value, and units', async () => {
    const { server, client } = await openGate({
      validator: ({ clientName }) => clientName === 'desk-1',
      onMessage: ({ reply }) => reply.ack(),
    });
    const { meter, metrics } = collected();
    meterGate(server, meter, { recorder, certificateExpiry: () => 1_900_000_000 });
    const registry = new Registry();
    const prometheus = new Metrics(
      { gate: server, recorder, certificateExpiry: () => 1_900_000_000 },
      registry,
    );
    const desk = await client();
    await desk.ask(registerRequest({ clientName: 'other' }));
    await desk.ask(registerRequest());
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 2 });
    const given = await metrics();
    const series = seriesOf(given);
    const expected = seriesOfText(await prometheus.text());
    for (const [name, value] of expected) {
      if (!/_(bucket|sum|count)\{/.test(name))
        expect([name, series.get(name)]).toEqual([name, value]);
    }
    expect(series.get('ixgate_messages_total{direction="in",name="RequestAgentLogin"}')).toBe(1);
    const units = new Map(given.map(({ descriptor }) => [descriptor.name, descriptor.unit]));
    expect(units.get('ixgate_message_bytes_total')).toBe('By');
    expect(units.get('ixgate_validation_duration_seconds')).toBe('s');
    expect(units.get('ixgate_connection_outcomes_total')).toBe('');
    prometheus.close();
    desk.socket.destroy();
  });

  it('has histograms of registrations and validations with the same buckets', async () => {
    const { server, client } = await openGate({
      validator: () => new Promise((grant) => setTimeout(grant, 30, true)),
    });
    const { meter, metrics } = collected();
    meterGate(server, meter);
    const desk = await client();
    await desk.ask(registerRequest());
    const all = await metrics();
    const { registrationDurations, validationDurations } = server.counts();
    for (const [name, counts] of [
      ['ixgate_registration_duration_seconds', registrationDurations],
      ['ixgate_validation_duration_seconds', validationDurations],
    ] as const) {
      const [point] = all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
      const { sum, ...buckets } = counts;
      expect(point?.value).toMatchObject({
        count: 1,
        sum,
        buckets: {
          boundaries: Object.keys(buckets)
            .map(Number)
            .filter(Number.isFinite)
            .sort((a, b) => a - b),
        },
      });
      expect(sum).toBeGreaterThan(0.029);
    }
    desk.socket.destroy();
  });

  it('stops when it is closed', async () => {
    const { server, client } = await openGate();
    const { meter, metrics } = collected();
    const metering = meterGate(server, meter);
    metering.close();
    metering.close();
    const desk = await client();
    await desk.ask(registerRequest());
    expect(seriesOf(await metrics()).size).toBe(0);
    expect(server.durations.registrationDurations.listeners.size).toBe(0);
    desk.socket.destroy();
  });

  it('refuses wrong arguments', async () => {
    const { server } = await openGate();
    const { meter } = collected();
    expect(() => meterGate({} as never, meter)).toThrow(OptionError);
    expect(() => meterGate(server, {} as never)).toThrow(OptionError);
    expect(() => meterGate(server, meter, { certificate: 1 } as never)).toThrow(UnknownOptionError);
  });
});
