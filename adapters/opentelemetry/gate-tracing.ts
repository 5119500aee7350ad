import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { visible } from '../../machines/text/format.js';
import { isPromiseLike } from '../runtime/is-promise-like.js';
import type { ConnectionInfo, Refusal, SessionView } from '../server/index.js';
import type { Instrumentation } from '../server/instrumentation.js';
import { attributesOf, registrationAttributes } from './session-attributes.js';
import { traceContextFrom } from './trace-context.js';

export interface TracingSettings {
  readonly tracer: Tracer;
  readonly maxEvents: number;
  readonly publicEndpoint: boolean;
}

/** The span of a live session. */
interface Traced {
  readonly span: Span;
  /** The context in which the service's work for the session runs. */
  readonly context: Context;
  /** Events that may still be added. */
  left: number;
  dropped: number;
  /** Whether the trace context of the client is known. */
  hasRemote: boolean;
  isRegistered: boolean;
  /** The last error before the registration. */
  error: string | null;
}

/** Characters of a message's name in an event: a client that is not registered chooses it. */
const maxName = 64;

/** Errors of the gate or the service, as HTTP has 5xx. All others are errors of the client, which leave the status of a server's span unset. */
const ownErrors: ReadonlySet<string | null> = new Set([
  'validation-failed',
  'internal-error',
  'server-busy',
]);

/** A span for each session of a gate. */
export class GateTracing implements Instrumentation {
  readonly #settings: TracingSettings;
  readonly #sessions = new Map<string, Traced>();

  constructor(settings: TracingSettings) {
    this.#settings = settings;
  }

  begin(session: SessionView, connection: ConnectionInfo): void {
    const { tracer, maxEvents, publicEndpoint } = this.#settings;
    const info = session.info();
    const carrier = info.carrier === null ? undefined : this.#sessions.get(info.carrier);
    const remote = carrier ? null : traceContextFrom(connection.request?.headers);
    const asParent = remote !== null && !publicEndpoint;
    const parent = asParent ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
    const options = {
      kind: SpanKind.SERVER,
      attributes: attributesOf(info, connection),
      links: remote === null || asParent ? [] : [{ context: remote }],
    };
    const span = tracer.startSpan('ixgate.session', options, carrier?.context ?? parent);
    this.#sessions.set(info.id, {
      span,
      context: trace.setSpan(ROOT_CONTEXT, span),
      left: span.isRecording() ? maxEvents : 0,
      dropped: 0,
      hasRemote: remote !== null,
      isRegistered: false,
      error: null,
    });
  }

  registered(session: SessionView): void {
    const traced = this.#sessions.get(session.id);
    if (!traced) return;
    traced.isRegistered = true;
    traced.span.setAttributes(registrationAttributes(session.info()));
    addEvent(traced, 'registered', {});
  }

  refused(session: SessionView, { errorName, errorCode }: Refusal): void {
    const traced = this.#sessions.get(session.id);
    if (!traced) return;
    traced.error = errorName ?? 'other';
    const error = { 'ixgate.error.name': traced.error, 'ixgate.error.code': errorCode };
    addEvent(traced, 'refused', error);
  }

  stepped({ session, kind, name, direction, referenceId }: StepRecord): void {
    const traced = kind === 'message' ? this.#sessions.get(session) : undefined;
    if (!traced || direction === null || !hasRoom(traced)) return;
    addEvent(traced, visible(name.slice(0, maxName)), {
      'ixgate.message.direction': direction,
      ...(referenceId !== null && { 'ixgate.message.reference_id': referenceId }),
    });
  }

  end(session: SessionView, reason: string, error: Error | null): void {
    const traced = this.#sessions.get(session.id);
    if (!traced) return;
    this.#sessions.delete(session.id);
    const { span, dropped, isRegistered } = traced;
    const refusal = isRegistered ? null : traced.error;
    span.setAttribute('ixgate.disconnect.reason', reason);
    if (refusal !== null) span.setAttribute('ixgate.error.name', refusal);
    if (dropped > 0) span.setAttribute('ixgate.events.dropped', dropped);
    const failure = error ? typeOf(error) : ownErrors.has(refusal) ? refusal : null;
    if (failure !== null) {
      span.setAttribute('error.type', failure);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }

  validate<Result>(
    session: string,
    { extension }: { readonly extension?: Readonly<Record<string, unknown>> | undefined },
    work: () => Result,
  ): Result {
    const traced = this.#sessions.get(session);
    if (!traced) return work();
    const remote = traced.hasRemote ? null : traceContextFrom(extension);
    if (remote !== null) {
      traced.hasRemote = true;
      // The span began with the connection: its parent cannot change any more.
      traced.span.addLink({ context: remote });
    }
    return run(traced, work);
  }

  handle<Result>(session: string, work: () => Result): Result {
    const traced = this.#sessions.get(session);
    return traced ? run(traced, work) : work();
  }

  /** Ends the spans of the sessions that are still open. */
  close(): void {
    for (const { span } of this.#sessions.values()) span.end();
    this.#sessions.clear();
  }
}

/** Runs work of the service in the context of its session. An error becomes an event without its text, which may have secrets. */
function run<Result>(traced: Traced, work: () => Result): Result {
  const failed = (error: unknown) => {
    addEvent(traced, 'exception', { 'exception.type': typeOf(error) });
  };
  return context.with(traced.context, () => {
    try {
      const result = work();
      if (isPromiseLike(result)) result.then(undefined, failed);
      return result;
    } catch (error) {
      failed(error);
      throw error;
    }
  });
}

function addEvent(traced: Traced, name: string, attributes: Attributes): void {
  if (!hasRoom(traced)) return;
  traced.left -= 1;
  traced.span.addEvent(name, attributes);
}

/** Whether a span takes one more event. One that it does not take is counted here. */
function hasRoom(traced: Traced): boolean {
  if (traced.left > 0) return true;
  traced.dropped += 1;
  return false;
}

/** A stable code, or the name of the class. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as Error & { readonly code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
