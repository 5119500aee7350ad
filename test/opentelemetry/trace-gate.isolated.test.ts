import { once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { traceGate } from '../../adapters/opentelemetry/index.js';
import { OptionError, UnknownOptionError } from '../../adapters/runtime/errors.js';
import type { ServerOptions } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { eventsOf, tracedProcess } from './traced.js';

closeGatesAfterEach();
const traced = tracedProcess();
afterEach(() => traced.reset());
afterAll(() => traced.close());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;

/** A traced gate on tcp and ws. */
async function tracedGate(
  options: ServerOptions = {},
  tracing: Parameters<typeof traceGate>[1] = {},
) {
  const gate = await openGate({ listen: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0'], ...options });
  const tracer = traceGate(gate.server, tracing);
  return { ...gate, tracer, ws: gate.server.endpoints[1]?.port ?? 0 };
}

/** Registers over a WebSocket that was opened with these headers, and leaves. */
async function visit(port: number, headers: Record<string, string>) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers });
  await once(socket, 'open');
  socket.send(JSON.stringify(registerRequest()));
  await once(socket, 'message');
  socket.close();
}

describe('traceGate', () => {
  it('makes one server span of a session, with the attributes of the semantic conventions and its messages by name', async () => {
    const { port, client } = await tracedGate({ onMessage: ({ reply }) => reply.ack() });
    const desk = await client();
    const { localPort } = desk.socket;
    await desk.ask(registerRequest({ mediaType: 'chat', extension: { pin: 'secret-ipsum' } }));
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 2, password: 'secret-ipsum' });
    desk.socket.destroy();
    const span = await traced.session();
    expect(span.kind).toBe(SpanKind.SERVER);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.attributes).toEqual({
      'network.transport': 'tcp',
      'network.protocol.name': 'ixgate',
      'client.address': '127.0.0.1',
      'client.port': localPort,
      'server.address': '127.0.0.1',
      'server.port': port,
      'ixgate.session.id': expect.stringMatching(/^\w+-1$/),
      'ixgate.scheme': 'tcp',
      'ixgate.listener': `tcp://127.0.0.1:${port}`,
      'ixgate.client.name': 'desk-1',
      'ixgate.client.type': 'AgentApplication',
      'ixgate.client.media_type': 'chat',
      'ixgate.disconnect.reason': 'peer-closed',
    });
    const message = (direction: string, id: number) => ({
      'ixgate.message.direction': direction,
      'ixgate.message.reference_id': id,
    });
    expect(eventsOf(span)).toEqual([
      ['RequestRegisterClient', message('in', 1)],
      ['registered', {}],
      ['EventAck', message('out', 1)],
      ['RequestAgentLogin', message('in', 2)],
      ['EventAck', message('out', 2)],
    ]);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(JSON.stringify([span.attributes, span.events, span.status])).not.toContain('secret');
  });

  it('leaves the status unset for a client that is refused, and names the error', async () => {
    const { client } = await tracedGate({ validator: () => ({ valid: false, reason: 'secret' }) });
    const desk = await client();
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
    await desk.ask(registerRequest());
    desk.socket.destroy();
    const span = await traced.session();
    const refusals = eventsOf(span).filter(([name]) => name === 'refused');
    expect(refusals.map(([, attributes]) => attributes)).toEqual([
      { 'ixgate.error.name': 'not-registered', 'ixgate.error.code': 1 },
      { 'ixgate.error.name': 'invalid-client', 'ixgate.error.code': 2 },
    ]);
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.attributes['ixgate.error.name']).toBe('invalid-client');
    expect(span.attributes).not.toHaveProperty('error.type');
    expect(JSON.stringify(span.events)).not.toContain('secret');
  });

  it('has the status ERROR where the validator failed, with its error by name and without its text', async () => {
    const { client, server } = await tracedGate({
      validator: async () => {
        throw new RangeError('secret-ipsum');
      },
    });
    server.on('problem', () => {});
    const desk = await client();
    await desk.ask(registerRequest());
    desk.socket.destroy();
    const span = await traced.session();
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes['error.type']).toBe('validation-failed');
    expect(eventsOf(span)).toContainEqual(['exception', { 'exception.type': 'RangeError' }]);
    expect(JSON.stringify([span.events, span.status])).not.toContain('secret');
  });

  it('has the status ERROR where the connection broke', async () => {
    const { client } = await tracedGate();
    const desk = await client();
    await desk.ask(registerRequest());
    desk.socket.resetAndDestroy();
    const span = await traced.session();
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes['error.type']).toBe('ECONNRESET');
  });

  it('ends the spans of a gate that is closed, and of a tracing that is closed', async () => {
    const { client, server } = await tracedGate();
    const [desk, late] = [await client(), await client()];
    await desk.ask(registerRequest());
    await expect.poll(() => server.counts().open).toBe(2);
    await server.close();
    const spans = await traced.sessions(2);
    expect(spans.map(({ attributes }) => attributes['ixgate.disconnect.reason'])).toEqual([
      'drained',
      'drained',
    ]);
    traced.reset();
    const other = await tracedGate();
    const held = await other.client();
    await held.ask(registerRequest());
    other.tracer.close();
    other.tracer.close();
    await traced.sessions(1);
    const untraced = await other.client();
    await untraced.ask(registerRequest());
    untraced.socket.destroy();
    await expect.poll(() => other.server.counts().open).toBe(1);
    await traced.sessions(1);
    expect(traceGate(other.server)).toBeDefined();
    for (const one of [desk, late, held]) one.socket.destroy();
  });

  it('limits the events of a span, and counts the others', async () => {
    const { client } = await tracedGate(
      { onMessage: ({ reply }) => reply.ack() },
      { maxEvents: 5 },
    );
    const desk = await client();
    await desk.ask(registerRequest());
    for (let id = 2; id < 8; id += 1) {
      await desk.ask({ messageName: 'x'.repeat(100), referenceId: id });
    }
    desk.socket.destroy();
    const span = await traced.session();
    expect(span.events).toHaveLength(5);
    expect(span.events[3]?.name).toBe('x'.repeat(64));
    expect(span.droppedEventsCount).toBe(0);
    expect(span.attributes['ixgate.events.dropped']).toBe(10);
  });

  it('carries the clients of a proxy as children of its span', async () => {
    const { client } = await tracedGate({ proxyClients: 5 });
    const proxy = await client();
    await proxy.ask(registerRequest({ clientType: 'Proxy', proxyClientId: 1 }));
    await proxy.ask(registerRequest({ clientName: 'desk-7', proxyClientId: 7 }));
    proxy.socket.destroy();
    const [carried, carrier] = await traced.sessions(2);
    expect(carried?.attributes['ixgate.client.proxy_id']).toBe(7);
    expect(carried?.attributes['ixgate.session.carrier']).toBe(
      carrier?.attributes['ixgate.session.id'],
    );
    expect(carried?.parentSpanContext?.spanId).toBe(carrier?.spanContext().spanId);
  });
});

describe('the trace context of a client', () => {
  it('of the upgrade request is the parent', async () => {
    const { ws } = await tracedGate();
    await visit(ws, { traceparent, tracestate: 'desk=1' });
    const span = await traced.session();
    expect(span.spanContext().traceId).toBe(traceId);
    expect(span.parentSpanContext).toMatchObject({ spanId, isRemote: true });
    expect(span.spanContext().traceState?.serialize()).toBe('desk=1');
    expect(span.attributes).toMatchObject({
      'network.protocol.name': 'websocket',
      'network.transport': 'tcp',
    });
  });

  it('of the upgrade request is a link at a public endpoint', async () => {
    const { ws } = await tracedGate({}, { publicEndpoint: true });
    await visit(ws, { traceparent });
    const span = await traced.session();
    expect(span.spanContext().traceId).not.toBe(traceId);
    expect(span.links.map(({ context }) => context.spanId)).toEqual([spanId]);
  });

  it('of the registration is a link, because the span began with the connection', async () => {
    const { client } = await tracedGate();
    const desk = await client();
    await desk.ask(registerRequest({ extension: { traceparent } }));
    await desk.ask(registerRequest({ extension: { traceparent } }));
    desk.socket.destroy();
    const span = await traced.session();
    expect(span.spanContext().traceId).not.toBe(traceId);
    expect(span.links.map(({ context }) => context)).toMatchObject([{ traceId, spanId }]);
  });

  it.each([
    ['another version with more fields', `01-${traceId}-${spanId}-01-x`, true],
    ['version ff', `ff-${traceId}-${spanId}-01`, false],
    ['version 00 with more fields', `00-${traceId}-${spanId}-01-x`, false],
    ['a trace id of zeroes', `00-${'0'.repeat(32)}-${spanId}-01`, false],
    ['capital letters', traceparent.toUpperCase(), false],
    ['a long text', `01-${traceId}-${spanId}-01-${'x'.repeat(600)}`, false],
    ['a number', 7, false],
    ['an object', { toString: 'x' }, false],
  ])('is read by the rules of W3C: %s', async (_name, given, isValid) => {
    const { client } = await tracedGate();
    const desk = await client();
    await desk.ask(registerRequest({ extension: { traceparent: given } }));
    desk.socket.destroy();
    expect((await traced.session()).links).toHaveLength(isValid ? 1 : 0);
  });
});

describe('the work of the service', () => {
  it('runs in the context of the session: an HTTP request of a handler and a span of a validator are its children', async () => {
    const seen: (string | undefined)[] = [];
    const web = createHttpServer(({ headers }, response) => {
      seen.push(headers.traceparent as string | undefined);
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as { port: number };
    const tracer = trace.getTracer('service');
    const { client } = await tracedGate({
      validator: async () => {
        await new Promise(setImmediate);
        tracer.startSpan('look up').end();
        return true;
      },
      on: {
        RequestAgentLogin: ({ reply }) =>
          tracer.startActiveSpan('log in', { kind: SpanKind.CLIENT }, async (span) => {
            const headers: Record<string, string> = {};
            propagation.inject(trace.setSpan(ROOT_CONTEXT, span), headers);
            const [response] = await once(get({ port, headers }), 'response');
            await once(response.resume(), 'end');
            span.end();
            reply.ack();
          }),
      },
    });
    const desk = await client();
    await desk.ask(registerRequest());
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 2 });
    desk.socket.destroy();
    const session = await traced.session();
    const named = (name: string) => traced.spans().find((span) => span.name === name);
    for (const name of ['look up', 'log in']) {
      expect(named(name)?.parentSpanContext?.spanId, name).toBe(session.spanContext().spanId);
    }
    const call = named('log in')?.spanContext();
    expect(seen).toEqual([`00-${session.spanContext().traceId}-${call?.spanId}-01`]);
    web.close();
  });

  it('has the error of a handler in the span, whether it throws or rejects', async () => {
    const { client, server } = await tracedGate({
      on: {
        RequestSubmit: () => {
          throw new TypeError('secret-ipsum');
        },
        RequestAgentLogin: async () => {
          throw Object.assign(new Error('secret-ipsum'), { code: 'ENOENT' });
        },
      },
    });
    server.on('problem', () => {});
    const desk = await client();
    await desk.ask(registerRequest());
    await desk.ask({ messageName: 'RequestSubmit', referenceId: 2 });
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 3 });
    desk.socket.destroy();
    const span = await traced.session();
    const exceptions = eventsOf(span).filter(([name]) => name === 'exception');
    expect(exceptions.map(([, attributes]) => attributes['exception.type'])).toEqual([
      'TypeError',
      'ENOENT',
    ]);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(JSON.stringify(span.events)).not.toContain('secret');
  });
});

describe('a session that is not sampled', () => {
  it('costs no events: none is built for its span', async () => {
    const { server, client } = await openGate({ onMessage: ({ reply }) => reply.ack() });
    const calls: string[] = [];
    const span = new Proxy(trace.wrapSpanContext({ traceId, spanId, traceFlags: 0 }), {
      get(target, name) {
        calls.push(String(name));
        return Reflect.get(target, name);
      },
    });
    traceGate(server, { tracer: { startSpan: () => span } as never });
    const desk = await client();
    await desk.ask(registerRequest());
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 2 });
    desk.socket.destroy();
    await expect.poll(() => calls).toContain('end');
    expect(calls).not.toContain('addEvent');
  });
});

describe('a tracer that fails', () => {
  it('is a problem of the gate, and no client notices', async () => {
    const { server, client } = await openGate();
    const problems: Error[] = [];
    server.on('problem', (error) => problems.push(error));
    const tracer = {
      startSpan() {
        throw new Error('no span');
      },
    };
    traceGate(server, { tracer: tracer as never });
    const desk = await client();
    expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(problems.map(({ message }) => message)).toEqual(['no span']);
    desk.socket.destroy();
  });
});

describe('wrong arguments', () => {
  it('are refused: another gate, a second tracing, unknown and invalid options', async () => {
    const { server } = await tracedGate();
    expect(() => traceGate({} as never)).toThrow(OptionError);
    expect(() => traceGate(null as never)).toThrow(OptionError);
    expect(() => traceGate(server)).toThrow('a gate that is not traced yet');
    const other = (await openGate()).server;
    expect(() => traceGate(other, { tracing: true } as never)).toThrow(UnknownOptionError);
    expect(() => traceGate(other, { maxEvents: 0 })).toThrow(OptionError);
    expect(() => traceGate(other, { publicEndpoint: 'yes' as never })).toThrow(OptionError);
    expect(() => traceGate(other, { tracer: {} as never })).toThrow(OptionError);
  });
});
