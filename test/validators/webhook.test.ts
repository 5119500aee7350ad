import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { OptionError } from '../../adapters/runtime/errors.js';
import type { Validator } from '../../adapters/server/index.js';
import { WebhookError, webhook } from '../../adapters/validators/index.js';
import { context, request } from './question.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** A real service that answers with what `answer` does and keeps what it was asked. */
async function service(answer: (response: ServerResponse, asked: Asked) => void) {
  const asked: Asked[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method, url, headers } = incoming;
    asked.push({ method, url, headers, body: JSON.parse(body) });
    answer(response, asked.at(-1) as Asked);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    port,
    url: `http://127.0.0.1:${port}/validate`,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const answering = (body: unknown, status = 200) =>
  service((response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });

const failureOf = async (verdict: unknown): Promise<Error> =>
  Promise.resolve(verdict).then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );

describe('what is asked', () => {
  test('a POST with what the gate knows about the registration, as JSON', async () => {
    await using it = await answering({ valid: true });
    const certificate = { subject: { CN: 'desk-1.example' } };
    await webhook(it.url, { headers: { 'X-Site': 'north' } })(
      request({ mediaType: 'chat', proxyClientId: 7, extension: { a: [1] } }),
      context({ scheme: 'tls', certificate: certificate as never }),
    );
    expect(it.asked[0]).toMatchObject({
      method: 'POST',
      url: '/validate',
      headers: { 'content-type': 'application/json', 'x-site': 'north' },
      body: {
        clientName: 'desk-1',
        clientType: 'AgentApplication',
        mediaType: 'chat',
        proxyClientId: 7,
        extension: { a: [1] },
        remoteAddress: '127.0.0.1',
        scheme: 'tls',
        certificateSubject: 'desk-1.example',
      },
    });
  });

  test('null for what the request does not carry', async () => {
    await using it = await answering({ valid: true });
    await webhook(it.url)(request(), context());
    expect(it.asked[0]?.body).toEqual({
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      mediaType: null,
      proxyClientId: null,
      extension: null,
      remoteAddress: '127.0.0.1',
      scheme: 'tcp',
      certificateSubject: null,
    });
  });

  test('a user and a password in the URL go into the Authorization header', async () => {
    await using it = await answering({ valid: true });
    await webhook(`http://gate:p%40ss@127.0.0.1:${it.port}/v?k=1`)(request(), context());
    expect(it.asked[0]?.headers.authorization).toBe(`Basic ${btoa('gate:p@ss')}`);
    expect(it.asked[0]?.url).toBe('/v?k=1');
  });
});

describe('what is answered', () => {
  test.each([
    [{ valid: true }, { valid: true }],
    [
      { valid: true, cap: 2, more: 'is ignored' },
      { valid: true, cap: 2 },
    ],
    [{ valid: false }, { valid: false, reason: 'refused' }],
    [
      { valid: false, reason: 'on leave' },
      { valid: false, reason: 'on leave' },
    ],
    [
      { valid: false, reason: 'later', error: 'server-busy' },
      { valid: false, reason: 'later', error: 'server-busy' },
    ],
  ])('%j is a verdict', async (answer, verdict) => {
    await using it = await answering(answer);
    expect(await webhook(it.url)(request(), context())).toEqual(verdict);
  });

  test.each([
    ['', 'answered with invalid JSON'],
    ['yes', 'answered with invalid JSON'],
    ['null', 'answered no verdict: the answer must be an object'],
    [{}, 'answered no verdict: valid is missing; it must be true or false'],
    [{ valid: 'true' }, 'answered no verdict: valid must be true or false'],
    [{ valid: true, cap: 0 }, 'answered no verdict: cap must be a whole number from 1 to 1000000'],
    [
      { valid: false, reason: '' },
      'answered no verdict: reason must be text of 1 to 1000 characters',
    ],
    [
      { valid: false, error: 'tired' },
      'answered no verdict: error must be one of not-registered, invalid-client, malformed-request, already-registered, malformed-frame, server-busy, shutting-down, validation-failed, name-in-use, internal-error, session-replaced, registration-revoked, invalid-attribute, kicked',
    ],
    [
      JSON.stringify({ valid: true, padding: 'x'.repeat(65_536) }),
      'answered more than 65536 bytes',
    ],
  ])('%j is not a verdict', async (answer, problem) => {
    await using it = await answering(answer);
    const error = await failureOf(webhook(it.url)(request(), context()));
    expect(error).toBeInstanceOf(WebhookError);
    expect(error.message).toBe(`webhook ${it.url}: ${problem}`);
  });

  test('data that fits the schema of the option is the data of the verdict; without the option it is ignored', async () => {
    await using it = await answering({ valid: true, cap: 2, data: { tenant: 'north' } });
    const data = v.object({ tenant: v.pipe(v.string(), v.toUpperCase()) });
    const verdict = await webhook(it.url, { data })(request(), context());
    expectTypeOf(webhook(it.url, { data })).toEqualTypeOf<Validator<{ tenant: string }>>();
    expect(verdict).toEqual({ valid: true, cap: 2, data: { tenant: 'NORTH' } });
    expect(await webhook(it.url)(request(), context())).toEqual({ valid: true, cap: 2 });
  });

  test.each([
    [{ valid: true }, 'data'],
    [{ valid: true, data: { tenant: 7 } }, 'data.tenant'],
  ])('%j is not a verdict where the data must have a tenant', async (answer, path) => {
    await using it = await answering(answer);
    const data = v.object({ tenant: v.string() });
    const error = await failureOf(webhook(it.url, { data })(request(), context()));
    expect(error.message).toBe(`webhook ${it.url}: answered no verdict: ${path} is invalid`);
  });

  test('a refusal needs no data', async () => {
    await using it = await answering({ valid: false, reason: 'on leave' });
    const data = v.object({ tenant: v.string() });
    const verdict = await webhook(it.url, { data })(request(), context());
    expect(verdict).toEqual({ valid: false, reason: 'on leave' });
  });

  test('a schema that is not one is refused', () => {
    const wrong = { data: { tenant: 'string' } as never };
    expect(() => webhook('http://127.0.0.1/', wrong)).toThrow(OptionError);
  });

  test('exactly 64 KiB are read', async () => {
    const start = '{"valid":true,"padding":"';
    const body = `${start}${'x'.repeat(65_536 - start.length - 2)}"}`;
    await using it = await answering(body);
    expect(await webhook(it.url)(request(), context())).toEqual({ valid: true });
  });

  test('an answer without end is not waited for', async () => {
    await using it = await service((response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
    const error = await failureOf(webhook(it.url)(request(), context()));
    expect(error.message).toBe(`webhook ${it.url}: answered more than 65536 bytes`);
  });

  test.each([201, 204, 400, 401, 500])('status %i is not a verdict', async (status) => {
    await using it = await answering(status === 204 ? '' : { valid: true }, status);
    const error = await failureOf(webhook(it.url)(request(), context()));
    expect(error.message).toBe(`webhook ${it.url}: answered status ${status}, expected 200`);
  });

  test('a redirect is not followed', async () => {
    await using elsewhere = await answering({ valid: true });
    await using it = await service((response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    const error = await failureOf(webhook(it.url)(request(), context()));
    expect(error.message).toBe(
      `webhook ${it.url}: answered status 307, expected 200; redirects are not followed`,
    );
    expect(elsewhere.asked).toEqual([]);
  });
});

describe('no answer', () => {
  test('in time: the timeout is named and the call ended', async () => {
    let gone: Promise<unknown> = Promise.resolve();
    await using it = await service((response) => {
      gone = once(response, 'close');
    });
    const error = await failureOf(webhook(it.url, { timeout: 100 })(request(), context()));
    expect(error.message).toBe(`webhook ${it.url}: no answer within 100 ms`);
    await gone;
  });

  test('in full in time: a body that dawdles is ended too', async () => {
    await using it = await service((response) => {
      response.writeHead(200);
      response.write('{"valid":');
    });
    const error = await failureOf(webhook(it.url, { timeout: 100 })(request(), context()));
    expect(error.message).toBe(`webhook ${it.url}: no answer within 100 ms`);
  });

  test('because the caller aborts: the call ends with the reason', async () => {
    const controller = new AbortController();
    let gone: Promise<unknown> = Promise.resolve();
    await using it = await service((response) => {
      gone = once(response, 'close');
      controller.abort(new Error('the client left'));
    });
    const error = await failureOf(
      webhook(it.url, { timeout: 60_000 })(request(), context({ signal: controller.signal })),
    );
    expect(error.message).toBe('the client left');
    await gone;
    // Aborted before: nothing is sent at all.
    await failureOf(webhook(it.url)(request(), context({ signal: controller.signal })));
    expect(it.asked).toHaveLength(1);
  });

  test('because no server listens', async () => {
    const it = await answering({ valid: true });
    await it[Symbol.asyncDispose]();
    const error = await failureOf(webhook(it.url)(request(), context()));
    expect(error).toBeInstanceOf(WebhookError);
    expect(error.message).toBe(`webhook ${it.url}: connection refused (ECONNREFUSED)`);
  });

  test('because the service hangs up', async () => {
    await using it = await service((response) => response.destroy());
    const error = await failureOf(webhook(it.url)(request(), context()));
    expect(error.message).toContain(`webhook ${it.url}: the call failed: `);
  });
});

describe('a kept connection (T57)', () => {
  /** Answers one request a connection, keeps the connection, and resets it without an answer when a second one comes. */
  async function forgetfulService() {
    const connections: number[] = [];
    const server = createNetServer((socket) => {
      const index = connections.push(0) - 1;
      socket.on('error', () => {});
      socket.on('data', () => {
        const requests = (connections[index] ?? 0) + 1;
        connections[index] = requests;
        if (requests > 1) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"valid":true}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/v`, connections, server };
  }

  test('T54: that the service closed without an answer: the call is repeated once on a new one', async () => {
    const { url, connections, server } = await forgetfulService();
    const validator = webhook(url);
    for (let call = 0; call < 5; call += 1) {
      expect(await validator(request(), context())).toEqual({ valid: true });
    }
    expect(connections.some((requests) => requests > 1)).toBe(true);
    server.close();
  });

  test('T54: that breaks off in an answer: the call fails and is not repeated', async () => {
    let requests = 0;
    await using it = await service((response) => {
      requests += 1;
      if (requests === 1) response.end('{"valid":true}');
      else response.socket?.end('HTTP/1.1 2');
    });
    const validator = webhook(it.url);
    await validator(request(), context());
    expect(await failureOf(validator(request(), context()))).toBeInstanceOf(WebhookError);
    expect(requests).toBe(2);
  });

  test('T54: a new connection that the service closes without an answer is not repeated', async () => {
    await using it = await service((response) => response.destroy());
    await failureOf(webhook(it.url)(request(), context()));
    expect(it.asked).toHaveLength(1);
  });
});

describe('secrets', () => {
  test('no error holds the password, the query, a header, the extension or the answer', async () => {
    await using it = await answering('secret-answer');
    const url = `http://gate:secret-password@127.0.0.1:${it.port}/validate?key=secret-query`;
    const validator = webhook(url, { headers: { 'X-Key': 'secret-header' } });
    const question = request({ extension: { pin: 'secret-extension' } });
    const wrong = await failureOf(validator(question, context()));
    await it[Symbol.asyncDispose]().catch(() => {});
    const refused = await failureOf(validator(question, context()));
    for (const error of [wrong, refused]) {
      expect(error).toBeInstanceOf(WebhookError);
      expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain('secret-');
    }
  });

  test('nor does the complaint about a URL or a header that cannot be used', () => {
    const badUrl = () => webhook('ftp://gate:secret@host/?secret');
    expect(badUrl).toThrow(OptionError);
    expect(badUrl).toThrow(
      'option webhook url: expected an http or https URL such as https://example.com/validate, not "ftp://***@host/?***"',
    );
    const badHeader = () => webhook('http://host/', { headers: { 'X-Key': 'secret\nline' } });
    expect(badHeader).toThrow(
      'option webhook headers: expected header names and values that HTTP allows, not "X-Key"',
    );
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31])('a timeout of %d is refused', (timeout) => {
    expect(() => webhook('http://host/', { timeout })).toThrow(OptionError);
  });
});
