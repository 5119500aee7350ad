import { type Tracer, trace } from '@opentelemetry/api';
import { OptionError } from '../runtime/errors.js';
import { kindOf } from '../runtime/kind-of.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { version } from '../runtime/version.js';
import { wholeNumber } from '../runtime/whole-number.js';
import { GateServer, type GateView } from '../server/index.js';
import { GateTracing } from './gate-tracing.js';

export interface TraceGateOptions {
  /** @default `trace.getTracer('ixgate', version)` */
  readonly tracer?: Tracer | undefined;
  /** Maximum number of events of a span; 1 to 10000. Further ones are counted in the attribute `ixgate.events.dropped`. @default 128 */
  readonly maxEvents?: number | undefined;
  /**
   * Whether clients are untrusted even as callers: the trace context of an upgrade is then a link and not the parent, so that a client
   * decides neither the trace id nor the sampling. @default false
   */
  readonly publicEndpoint?: boolean | undefined;
}

/** The tracing of a gate. */
export interface GateTracer extends Disposable {
  /** Ends the spans of open sessions and begins no more. */
  close(): void;
}

const names = Object.keys({
  tracer: true,
  maxEvents: true,
  publicEndpoint: true,
} satisfies Record<keyof TraceGateOptions, true>);

const eventCounts = { min: 1, max: 10_000, unit: '' };

/**
 * Traces a gate: one span for each session, from its connection to its end, with an event for each message (by name), the registration
 * and each refusal. Validators and handlers run in the context of the span. Register a tracer provider with a context manager first.
 * @param gate the gate that `createServer` returns
 * @throws {OptionError} {UnknownOptionError} for invalid options, for another gate, and for a gate that is traced already
 */
export function traceGate(gate: GateView, options: TraceGateOptions = {}): GateTracer {
  if (!(gate instanceof GateServer)) {
    throw new OptionError('gate', kindOf(gate), 'the gate that createServer returns');
  }
  checkOptionNames(options, names);
  const { tracer = trace.getTracer('ixgate', version()), publicEndpoint = false } = options;
  if (typeof tracer?.startSpan !== 'function') {
    throw new OptionError('tracer', kindOf(tracer), 'a tracer of @opentelemetry/api');
  }
  if (typeof publicEndpoint !== 'boolean') {
    throw new OptionError('publicEndpoint', publicEndpoint, 'true or false');
  }
  const maxEvents = wholeNumber('maxEvents', options.maxEvents ?? 128, eventCounts);
  const tracing = new GateTracing({ tracer, maxEvents, publicEndpoint });
  if (!gate.instrument(tracing)) {
    throw new OptionError('gate', 'a gate that is traced', 'a gate that is not traced yet');
  }
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    gate.instrument(null);
    tracing.close();
  };
  return { close, [Symbol.dispose]: close };
}
