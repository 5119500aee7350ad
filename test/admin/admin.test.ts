import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openAdminPort } from '../../adapters/admin/admin-port.js';
import { OptionError } from '../../adapters/runtime/errors.js';
import { createServer, ListenError } from '../../adapters/server/index.js';
import { lineClient, registerRequest } from '../support/line-client.js';

async function running(options: Parameters<typeof openAdminPort>[1] = {}) {
  const gate = await createServer({ listen: ['tcp://127.0.0.1:0'] });
  const admin = await openAdminPort(gate, { listen: 'http://127.0.0.1:0', ...options });
  return {
    gate,
    admin,
    port: gate.endpoints[0]?.port ?? 0,
    async [Symbol.asyncDispose]() {
      await admin.close();
      await gate.close();
    },
  };
}

/** A request with headers that fetch would not let through. */
async function ask(
  url: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
) {
  const request = httpRequest(url, { method, headers, agent: false }).end();
  const [response] = await once(request, 'response');
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) body += chunk;
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string>,
    body,
  };
}

describe('what it tells', () => {
  test('that the process is up, and that clients are taken', async () => {
    await using it = await running();
    expect(it.admin.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const health = await ask(`${it.admin.url}/healthz`);
    expect(health).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
    expect(health.headers['content-type']).toBe('application/json; charset=utf-8');
    const ready = await ask(`${it.admin.url}/readyz?verbose`);
    expect(ready).toMatchObject({ status: 200, body: '{"status":"ready"}\n' });
  });

  test('that no clients are taken while the gate drains, though the process is up', async () => {
    await using it = await running();
    await using client = await lineClient(it.port);
    await client.ask(registerRequest());
    const closed = it.gate.close({ drainMs: 5_000 });
    expect(await ask(`${it.admin.url}/readyz`)).toMatchObject({
      status: 503,
      body: '{"status":"not ready","reason":"the gate is shutting down"}\n',
    });
    expect((await ask(`${it.admin.url}/healthz`)).status).toBe(200);
    client.socket.end();
    await closed;
  });

  test('that clients are rejected while the event loop is overloaded, and accepted again later', async () => {
    await using it = await running();
    const ready = async () => {
      const { status, body } = await ask(`${it.admin.url}/readyz`);
      return { status, body };
    };
    const notReady = '{"status":"not ready","reason":"the event loop is overloaded"}\n';
    await expect
      .poll(async () => {
        // Longer than --max-lag; the gate tells what it found.
        const told = once(it.gate, 'problem');
        const until = performance.now() + 600;
        while (performance.now() < until);
        await told;
        return ready();
      })
      .toEqual({ status: 503, body: notReady });
    expect((await ask(`${it.admin.url}/healthz`)).status).toBe(200);
    await expect.poll(ready).toEqual({
      status: 200,
      body: '{"status":"ready"}\n',
    });
  });

  test('who is connected, and nothing that is secret', async () => {
    await using it = await running();
    expect(JSON.parse((await ask(`${it.admin.url}/sessions`)).body)).toEqual({
      count: 0,
      sessions: [],
    });
    await using client = await lineClient(it.port);
    await client.ask(registerRequest({ mediaType: 'chat', extension: { pin: 'secret-pin' } }));
    const { body } = await ask(`${it.admin.url}/sessions`);
    expect(body).not.toContain('secret');
    const { count, sessions } = JSON.parse(body);
    expect(count).toBe(1);
    const known = JSON.parse(JSON.stringify(it.gate.sessions()));
    expect(sessions).toEqual([{ ...known[0], age: expect.any(Number) }]);
    expect(sessions[0]).toMatchObject({
      state: 'registered',
      clientName: 'desk-1',
      mediaType: 'chat',
    });
  });

  test('T91: who is connected when there are many: the list is made in parts', async () => {
    await using it = await running();
    const clients = Array.from({ length: 250 }, () => connect(it.port, '127.0.0.1'));
    await expect.poll(() => it.gate.sessions().length).toBe(250);
    const { body, headers } = await ask(`${it.admin.url}/sessions`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const { count, sessions } = JSON.parse(body);
    expect(count).toBe(250);
    const idsOf = (all: { id: string }[]) => all.map(({ id }) => id);
    expect(idsOf(sessions)).toEqual(idsOf(it.gate.sessions()));
    for (const client of clients) client.destroy();
  });

  test('the available pages as plain text, to clients that are not browsers and to all at /help', async () => {
    await using it = await running();
    const { body, headers } = await ask(`${it.admin.url}/`);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    for (const path of ['/help', '/healthz', '/readyz', '/metrics', '/sessions', '/feed']) {
      expect(body).toContain(path);
    }
    const help = await ask(`${it.admin.url}/help`, { headers: { accept: 'text/html' } });
    expect(help.body).toBe(body);
  });

  test('only the headers when only they are asked for', async () => {
    await using it = await running();
    const head = await ask(`${it.admin.url}/healthz`, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('16');
  });
});

describe('what it refuses', () => {
  test('pages that are not there, and methods that change things, as JSON', async () => {
    await using it = await running();
    for (const path of ['/nothing', '/healthz/', '//healthz', '/__proto__', '/toString']) {
      expect(await ask(`${it.admin.url}${path}`), path).toMatchObject({
        status: 404,
        body: '{"error":{"status":404,"message":"page not found; expected one of /, /help, /healthz, /readyz, /metrics, /sessions, /sign-in, /sign-out, /feed, /recordings.json"}}\n',
      });
    }
    const post = await ask(`${it.admin.url}/sessions`, { method: 'POST' });
    expect(post).toMatchObject({
      status: 405,
      body: '{"error":{"status":405,"message":"the method is POST; allowed: GET, HEAD"}}\n',
    });
    expect(post.headers.allow).toBe('GET, HEAD');
    expect((await ask(`${it.admin.url}/sessions`, { method: 'OPTIONS' })).status).toBe(405);
  });

  test('requests addressed to another machine: a web page that had its own name point here', async () => {
    await using it = await running();
    const pages = ['/sessions', '/metrics', '/readyz', '/', '/feed', '/nothing'];
    for (const host of ['evil.example', 'evil.example:7080', '10.0.0.1', '127.0.0.1.evil', '%']) {
      for (const page of pages) {
        const answer = await ask(`${it.admin.url}${page}`, { headers: { host } });
        expect(answer, host).toMatchObject({
          status: 403,
          body: expect.stringContaining('"message":"the Host header names another machine; '),
        });
      }
    }
    for (const host of ['localhost:1', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '[::1]:80']) {
      const answer = await ask(`${it.admin.url}/sessions`, { headers: { host } });
      expect(answer.status, host).toBe(200);
    }
  });

  test('but not those to a name that is allowed', async () => {
    await using it = await running({ allowedHosts: ['Gate.Example'] });
    const answer = (host: string) => ask(`${it.admin.url}/`, { headers: { host } });
    expect((await answer('gate.example:7080')).status).toBe(200);
    expect((await answer('other.example')).status).toBe(403);
  });

  test('T91: to tell one address of sessions and metrics more than 40 times at once, other pages not', async () => {
    await using it = await running();
    const statuses: number[] = [];
    const times = Array.from({ length: 120 }, (_, time) => time);
    await Promise.all(
      times.map(async (time) => {
        const { status, headers } = await ask(
          `${it.admin.url}${time % 2 ? '/metrics' : '/sessions'}`,
        );
        statuses.push(status);
        if (status === 429) expect(headers['retry-after']).toBe('1');
      }),
    );
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(40);
    expect(statuses).toContain(429);
    expect((await ask(`${it.admin.url}/healthz`)).status).toBe(200);
    await expect.poll(async () => (await ask(`${it.admin.url}/metrics`)).status).toBe(200);
  });

  test('T93: to be framed or loaded by a page of another origin, in every answer', async () => {
    await using it = await running({ token: 'a-token-of-some-length' });
    const guard = {
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    };
    const { body: help } = await ask(`${it.admin.url}/help`);
    const paths = [...help.matchAll(/^\/\S*/gm)].map(String);
    expect(paths).toContain('/sessions');
    const authorization = { authorization: 'Bearer a-token-of-some-length' };
    const upgrade = {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    const statuses = new Set<number>();
    const check = async (path: string, options: Parameters<typeof ask>[1] = {}) => {
      const { status, headers } = await ask(`${it.admin.url}${path}`, options);
      statuses.add(status);
      expect(headers, `${path} ${status}`).toMatchObject(guard);
    };
    for (const path of [...paths, '/index.html', '/nothing']) {
      await check(path);
      await check(path, { headers: authorization });
      await check(path, { headers: { accept: 'text/html' } });
      await check(path, { method: 'POST' });
      await check(path, { headers: { host: 'evil.example' } });
      await check(path, { headers: upgrade });
      await check(path, { headers: { ...upgrade, origin: 'https://evil.example' } });
    }
    expect([...statuses].sort()).toEqual([200, 401, 403, 404, 405]);
  });

  test('to be read from another origin', async () => {
    await using it = await running();
    for (const page of ['/sessions', '/metrics']) {
      const { headers } = await ask(`${it.admin.url}${page}`, {
        headers: { origin: 'https://evil.example' },
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['cache-control']).toBe('no-store');
    }
  });
});

describe('listening', () => {
  test('on a port that is taken fails in one line', async () => {
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const gate = await createServer();
    const error: Error = await openAdminPort(gate, { listen: `http://127.0.0.1:${port}` }).then(
      () => new Error('it listens'),
      (thrown) => thrown,
    );
    taken.close();
    await gate.close();
    expect(error).toBeInstanceOf(ListenError);
    expect(error.message).toBe(
      `cannot listen on http://127.0.0.1:${port}: the port is taken. Stop what listens there, or choose another port`,
    );
  });

  test.each(['7080', 'https://127.0.0.1:1', 'http://127.0.0.1:1/x', 'http://127.0.0.1:99999'])(
    'on %s is refused with what is allowed',
    async (listen) => {
      const gate = await createServer();
      const attempt = openAdminPort(gate, { listen });
      await expect(attempt).rejects.toThrow(OptionError);
      await expect(attempt).rejects.toThrow(
        `option admin: expected http://host:port, e.g. http://127.0.0.1:7080, not "${listen}"`,
      );
      await gate.close();
    },
  );

  test('on every address needs no name, but a token', async () => {
    await using it = await running({ listen: 'http://0.0.0.0:0', token: 'a-token-of-some-length' });
    const url = it.admin.url.replace('0.0.0.0', '127.0.0.1');
    expect((await ask(`${url}/healthz`, { headers: { host: 'gate.example' } })).status).toBe(200);
  });

  test('T55: takes at most 128 connections, and takes requests again when silent ones were closed', async () => {
    await using it = await running({ token: 'a-token-of-some-length' });
    const port = Number(new URL(it.admin.url).port);
    const silent = Array.from({ length: 200 }, () =>
      connect(port, '127.0.0.1').on('error', () => {}),
    );
    const closedAt = await Promise.all(
      silent.map(async (socket) => {
        await once(socket.resume(), 'close');
        return performance.now();
      }),
    );
    // The excess is closed at once, the others when no request has come within 5 seconds.
    const first = Math.min(...closedAt);
    expect(closedAt.filter((at) => at > first + 3_000)).toHaveLength(128);
    expect((await ask(`${it.admin.url}/healthz`)).status).toBe(200);
    await using client = await lineClient(it.port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  }, 20_000);

  test('ends with close(), an open connection or not, and leaves the gate alone', async () => {
    await using it = await running();
    await fetch(`${it.admin.url}/healthz`).then((response) => response.text());
    await it.admin.close();
    await it.admin.close();
    await expect(fetch(`${it.admin.url}/healthz`)).rejects.toThrow();
    await using client = await lineClient(it.port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });
});
