import {
  createTraceState,
  isSpanContextValid,
  type SpanContext,
  type TraceState,
} from '@opentelemetry/api';

/** Version, trace id, parent id, flags; later versions may append fields. */
const pattern = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
/** Longer values are invalid: clients choose them before they are registered. */
const maxLength = 512;

/** Names and values as in HTTP headers, or in the `extension` attribute of a registration. */
export type TraceCarrier = Readonly<Record<string, unknown>>;

/**
 * The trace context of a client (W3C Trace Context, `traceparent` and `tracestate`); null without one, or with an invalid one. It needs no
 * global propagator. Baggage is not read: a client that is not registered must not put values into the requests of the service.
 */
export function traceContextFrom(carrier: TraceCarrier | null | undefined): SpanContext | null {
  const traceparent = carrier?.traceparent;
  if (typeof traceparent !== 'string' || traceparent.length > maxLength) return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = pattern.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff') return null;
  if (version === '00' && more !== undefined) return null;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  if (!isSpanContextValid(context)) return null;
  const traceState = stateFrom(carrier?.tracestate);
  return traceState === null ? context : { ...context, traceState };
}

function stateFrom(given: unknown): TraceState | null {
  // Node gives several headers of one name as one text.
  return typeof given === 'string' && given.length <= maxLength ? createTraceState(given) : null;
}
