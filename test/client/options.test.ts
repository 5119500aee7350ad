import { describe, expect, it } from 'vitest';
import { type ClientOptions, createClient } from '../../adapters/client/index.js';
import { resolveOptions } from '../../adapters/client/node-options.js';

const right: ClientOptions = {
  endpoints: 'tcp://127.0.0.1:7004',
  clientName: 'desk-1',
  clientType: 'AgentApplication',
};

const circle: Record<string, unknown> = {};
circle.self = circle;

/** The key that is named, a part of the message, and the invalid options. */
const wrong: [string, string, object][] = [
  ['endpoints', 'text like tcp://host:7004', { endpoints: undefined }],
  ['endpoints', 'one or more', { endpoints: [] }],
  ['endpoints', 'text like tcp://host:7004', { endpoints: 7004 }],
  ['endpoints', 'a port from 1 to 65535', { endpoints: 'tcp://127.0.0.1:0' }],
  [
    'endpoints.0.port',
    'from 1 to 65535',
    { endpoints: [{ scheme: 'tcp', host: 'a', port: 70_000 }] },
  ],
  ['clientName', '1 to 255 characters', { clientName: '' }],
  ['clientName', 'clientName', { clientName: undefined }],
  ['clientName', '1 to 255 characters', { clientName: 'x'.repeat(256) }],
  ['clientType', 'AgentApplication, MediaServer', { clientType: 'Desk' }],
  ['mediaType', 'text', { mediaType: 5 }],
  ['proxyClientId', 'whole number', { proxyClientId: 2 ** 31 }],
  ['extension', 'an object', { extension: [] }],
  ['extension', 'what the codec can encode', { extension: circle }],
  ['extension', 'what the codec can encode', { extension: { big: 1n } }],
  ['connectTimeout', 'milliseconds from 1 to 2147483647', { connectTimeout: 0 }],
  ['connectTimeout', 'from 1 to 2147483647', { connectTimeout: Number.POSITIVE_INFINITY }],
  ['replyTimeout', 'or Infinity', { replyTimeout: Number.NaN }],
  ['requestTimeout', 'milliseconds', { requestTimeout: '5s' }],
  ['reconnect', 'false, or an object', { reconnect: true }],
  ['reconnect.initialDelay', 'from 0', { reconnect: { initialDelay: -1 } }],
  ['reconnect.spread', 'milliseconds from 0', { reconnect: { spread: Number.NaN } }],
  ['reconnect.maxAttempts', 'whole number from 1', { reconnect: { maxAttempts: 0 } }],
  ['reconnect.maxAttempts', 'whole number from 1', { reconnect: { maxAttempts: 1.5 } }],
  ['reconnect.retryRefused', 'true or false', { reconnect: { retryRefused: 'yes' } }],
  ['reconnect.maxAttemps', 'no option of this name', { reconnect: { maxAttemps: 3 } }],
  ['reconect', 'no option of this name', { reconect: false }],
  ['keepAlive', 'from 1000 to 32767000, or Infinity', { keepAlive: 999 }],
  ['keepAlive', 'from 1000 to 32767000, or Infinity', { keepAlive: 32_767_001 }],
  ['ping', 'false, or an object', { ping: true }],
  ['ping.interval', 'milliseconds from 1', { ping: { interval: 0 } }],
  ['ping.timeout', 'from 1 to 2147483647', { ping: { timeout: Number.POSITIVE_INFINITY } }],
  ['ping.message', 'a message without a referenceId', { ping: { message: {} } }],
  [
    'ping.message',
    'a message without a referenceId',
    { ping: { message: { messageName: 'RequestPing', referenceId: 1 } } },
  ],
  [
    'ping.message',
    'what the codec can encode',
    { ping: { message: { messageName: 'RequestPing', circle } } },
  ],
  ['ping.messages', 'no option of this name', { ping: { messages: {} } }],
  ['lookup', 'a function like lookup', { lookup: '127.0.0.1' }],
  ['maxFrame', '64 or more', { maxFrame: 5 }],
  ['tls', 'an object', { tls: 'cert.pem' }],
  ['codec', 'a Codec', { codec: {} }],
  ['signal', 'an AbortSignal', { signal: {} }],
  ['random', 'a function', { random: 0.5 }],
  ['redact', 'a function', { redact: true }],
  ['errorCodes.not-known', 'no option of this name', { errorCodes: { 'not-known': 3 } }],
  ['errorCodes.server-busy', 'a number', { errorCodes: { 'server-busy': 'x' } }],
];

describe('an option that is wrong', () => {
  it.each(wrong)('%s is rejected by name, with what is allowed: %s', (option, allowed, change) => {
    let thrown: unknown;
    try {
      createClient({ ...right, ...change });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'OptionError', code: 'BAD_OPTION', option });
    expect((thrown as Error).message).toContain(allowed);
  });

  it('shows the value that was given', () => {
    expect(() => createClient({ ...right, requestTimeout: -5 })).toThrow(
      'option requestTimeout: expected milliseconds from 1 to 2147483647, or Infinity, not -5',
    );
  });

  it('shows nothing of what may be secret', () => {
    for (const change of [{ tls: 'PRIVATE' }, { extension: ['PRIVATE'] }])
      expect(() => createClient({ ...right, ...change } as never)).toThrow(/^(?!.*PRIVATE)/);
  });

  it('names the problem of an endpoint', () => {
    expect(() => createClient({ ...right, endpoints: ['http://127.0.0.1:80'] })).toThrow(
      'invalid endpoint "http://127.0.0.1:80": the scheme is http',
    );
  });
});

describe('options that are right', () => {
  it('have the documented defaults', () => {
    expect(resolveOptions(right)).toMatchObject({
      connectTimeout: 5_000,
      replyTimeout: 5_000,
      requestTimeout: 10_000,
      maxFrame: 1_048_576,
      keepAlive: 60_000,
      ping: { interval: 30_000, timeout: 10_000 },
      lookup: undefined,
      codec: { name: 'json' },
      supervisor: {
        endpoints: ['tcp://127.0.0.1:7004'],
        reconnect: true,
        initialDelay: 500,
        maxDelay: 30_000,
        spread: 12_000,
        maxAttempts: Number.POSITIVE_INFINITY,
        retryRefused: false,
        random: Math.random,
      },
    });
  });

  it('take endpoints as text, as objects, and as a list of both', () => {
    const endpoint = { scheme: 'wss', host: '::1', port: 7005, path: '/ix' } as const;
    expect(resolveOptions({ ...right, endpoints: endpoint }).supervisor.endpoints).toEqual([
      'wss://[::1]:7005/ix',
    ]);
    expect(
      resolveOptions({ ...right, endpoints: ['tls://gate:7006', endpoint] }).endpoints,
    ).toEqual([{ scheme: 'tls', host: 'gate', port: 7006, path: '/' }, endpoint]);
  });

  it('are not reached by later changes of the extension', async () => {
    const extension = { desk: { number: 1 } };
    const { provided } = resolveOptions({ ...right, extension });
    extension.desk.number = 2;
    const { registration } = await provided(1_000, new AbortController().signal);
    expect(registration.extension).toEqual({ desk: { number: 1 } });
  });

  it('switch the ping off with false', () => {
    expect(resolveOptions({ ...right, ping: false }).ping).toBe(null);
  });

  it('may leave values undefined', () => {
    resolveOptions({ ...right, mediaType: undefined, reconnect: undefined, tls: undefined });
  });
});
