/** The packages of `--otlp`, with versions that fit each other and all Nodes that ixgate runs on. */
export const otlpPackages: Readonly<Record<string, string>> = {
  '@opentelemetry/api': '1.9',
  '@opentelemetry/resources': '2',
  '@opentelemetry/sdk-metrics': '2',
  '@opentelemetry/sdk-trace-base': '2',
  '@opentelemetry/exporter-metrics-otlp-http': '0.223',
  '@opentelemetry/exporter-trace-otlp-http': '0.223',
};
