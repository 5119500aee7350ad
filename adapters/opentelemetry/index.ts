/**
 * Traces and metrics of a gate for OpenTelemetry. It needs the package @opentelemetry/api, and for anything to arrive an SDK of the service.
 * @module ixgate/opentelemetry
 */
export { type GateMeter, type MeterGateOptions, meterGate } from './meter-gate.js';
export { type GateTracer, type TraceGateOptions, traceGate } from './trace-gate.js';
