import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openAdminPort } from '../../adapters/admin/admin-port.js';
import { OptionError } from '../../adapters/runtime/errors.js';
import { createServer } from '../../adapters/server/index.js';
import { registerRequest } from '../support/line-client.js';
import { closeWatchedGatesAfterEach, TestViewer, watchedGate } from './watched-gate.js';

closeWatchedGatesAfterEach();

const token = 'correct-horse-battery';
const feedUrl = (url: string) => `${url.replace('http', 'ws')}/feed`;

/** What an upgrade is refused with; 101 when it is not. */
async function refusal(
  url: string,
  options: WebSocket.ClientOptions = {},
): Promise<[number, string]> {
  const socket = new WebSocket(url, options);
  socket.on('error', () => {});
  const opened = once(socket, 'open').then((): [number, string] => {
    socket.terminate();
    return [101, ''];
  });
  const refused = once(socket, 'unexpected-response').then(
    async ([, response]): Promise<[number, string]> => {
      let body = '';
      for await (const chunk of response) body += chunk;
      return [response.statusCode as number, body];
    },
  );
  return Promise.race([opened, refused]);
}

async function status(url: string, headers: Record<string, string> = {}): Promise<number> {
  const [response] = await once(httpRequest(url, { headers, agent: false }).end(), 'response');
  response.resume();
  return response.statusCode;
}

describe('an invalid message closes its viewer with a reason, and no other viewer', () => {
  test.each([
    ['hello', 'the message is not JSON'],
    ['[]', 'type is missing'],
    ['7', 'the message is not a JSON object'],
    ['{}', 'type is missing'],
    ['{"type":"kill"}', 'type must be list, watch, unwatch or ping'],
    ['{"type":"watch","after":0}', 'session is missing'],
    ['{"type":"watch","session":"","after":0}', 'session must not be empty'],
    ['{"type":"watch","session":"s"}', 'after is missing'],
    ['{"type":"watch","session":"s","after":-1}', 'after must be a whole number, 0 or more'],
    ['{"type":"watch","session":"s","after":0.5}', 'after must be a whole number, 0 or more'],
    [
      `{"type":"unwatch","session":"${'x'.repeat(201)}"}`,
      'session must have 200 characters at most',
    ],
  ])('%s', async (text, message) => {
    const { viewer, client } = await watchedGate();
    const [bad, good] = await Promise.all([viewer(), viewer()]);
    good.say({ type: 'list' });
    bad.say(text);
    expect(await bad.first('problem')).toEqual({ type: 'problem', code: 'bad-message', message });
    expect(await bad.closed).toBe(1008);
    const desk = await client();
    expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await good.until(() => [...good.list.values()].some(({ state }) => state === 'registered'));
  });

  test('a binary message, and one that is too long', async () => {
    const { viewer, feed } = await watchedGate();
    const [binary, long] = await Promise.all([viewer(), viewer()]);
    binary.socket.send(Buffer.from('{"type":"list"}'));
    expect(await binary.first('problem')).toMatchObject({
      message: 'the message is binary; it must be text',
    });
    long.say(`{"type":"list","padding":"${'x'.repeat(5_000)}"}`);
    expect(await long.closed).toBe(1009);
    await expect.poll(() => feed.viewers).toBe(0);
  });

  test('attributes that are not known do no harm', async () => {
    const { viewer } = await watchedGate();
    const one = await viewer();
    one.say({ type: 'list', colour: 'red' });
    expect(await one.first('sessions')).toMatchObject({ complete: true });
  });
});

describe('limits', () => {
  test('of viewers: excess viewers are closed with a reason', async () => {
    const { viewer, feed } = await watchedGate({ maxViewers: 2 });
    const first = await viewer();
    await viewer();
    const third = await viewer();
    expect(await third.first('problem')).toEqual({
      type: 'problem',
      code: 'too-many-viewers',
      message: '2 viewers are already connected',
    });
    expect(await third.closed).toBe(1013);
    first.socket.close();
    await first.closed;
    await expect.poll(() => feed.viewers).toBe(1);
    const fourth = await viewer();
    fourth.say({ type: 'list' });
    await fourth.first('sessions');
  });

  test('of watched sessions', async () => {
    const { viewer, client, server } = await watchedGate({ maxWatched: 2 });
    await Promise.all([client(), client(), client()]);
    await expect.poll(() => server.sessions().length).toBe(3);
    const [a, b, c] = server.sessions().map(({ id }) => id);
    const one = await viewer();
    for (const session of [a, b, a]) one.say({ type: 'watch', session, after: 0 });
    one.say({ type: 'unwatch', session: a });
    one.say({ type: 'watch', session: c, after: 0 });
    await one.until(() => one.steps(c ?? '').length > 0);
    one.say({ type: 'watch', session: a, after: 0 });
    expect(await one.first('problem')).toEqual({
      type: 'problem',
      code: 'too-many-watched',
      message: 'at most 2 sessions can be watched at once',
    });
    expect(await one.closed).toBe(1008);
  });
});

describe('who may watch', () => {
  test('pages of this gate and programs, but no page from elsewhere', async () => {
    const { admin } = await watchedGate();
    const own = admin.url;
    const { port } = new URL(own);
    for (const origin of [undefined, own, own.toUpperCase()]) {
      expect((await refusal(feedUrl(own), origin ? { origin } : {}))[0], origin).toBe(101);
    }
    const elsewhere = [
      'https://evil.example',
      `http://127.0.0.1:${Number(port) - 1}`,
      'http://127.0.0.1',
      `http://localhost:${port}`,
      `ftp://127.0.0.1:${port}`,
      'null',
      '',
    ];
    for (const origin of elsewhere) {
      const answer = await refusal(feedUrl(own), { headers: { origin } });
      expect(answer, origin).toEqual([403, 'the origin is not this gate\n']);
    }
  });

  test('no client that addresses a foreign host name', async () => {
    const { admin } = await watchedGate();
    for (const host of ['evil.example', '127.0.0.1.evil.example:80']) {
      const answer = await refusal(feedUrl(admin.url), {
        headers: { host, origin: `http://${host}` },
      });
      expect(answer, host).toEqual([
        403,
        expect.stringMatching(/^the Host header names another machine; .*--admin-public-url/),
      ]);
    }
  });

  test('no client on another path', async () => {
    const { admin } = await watchedGate();
    for (const path of ['/', '/feed/', '/__proto__', '/sessions', '/metrics']) {
      const answer = await refusal(admin.url.replace('http', 'ws') + path);
      expect(answer, path).toEqual([404, 'WebSocket not found\n']);
    }
  });

  test('a request without an upgrade gets 426', async () => {
    const { admin } = await watchedGate();
    expect(await status(`${admin.url}/feed`)).toBe(426);
  });
});

describe('a token', () => {
  test('guards sessions, metrics and the feed, not the page and the health', async () => {
    const { admin } = await watchedGate({ admin: { token } });
    for (const path of ['/sessions', '/metrics', '/feed']) {
      expect(await status(admin.url + path), path).toBe(401);
      expect(await status(admin.url + path, { authorization: 'Bearer wrong' }), path).toBe(401);
      expect(await status(`${admin.url}${path}?token=${token.slice(0, -1)}`), path).toBe(401);
      expect(await status(`${admin.url}${path}?token=`), path).toBe(401);
    }
    expect(await refusal(feedUrl(admin.url))).toEqual([401, 'token required\n']);
    expect((await refusal(`${feedUrl(admin.url)}?token=${token}x`))[0]).toBe(401);
    for (const path of ['/', '/help', '/healthz', '/readyz', '/recordings.json']) {
      expect(await status(admin.url + path), path).toBe(200);
    }
  });

  test('is shown in a header or in the address', async () => {
    const { admin } = await watchedGate({ admin: { token } });
    const authorization = `Bearer ${token}`;
    expect(await status(`${admin.url}/sessions`, { authorization })).toBe(200);
    expect(await status(`${admin.url}/sessions?token=${token}`)).toBe(200);
    expect((await refusal(feedUrl(admin.url), { headers: { authorization } }))[0]).toBe(101);
    expect((await refusal(`${feedUrl(admin.url)}?token=${token}`))[0]).toBe(101);
  });

  test('is needed where other machines reach the admin, and no other name is looked at there', async () => {
    await using gate = await createServer();
    const listen = 'http://0.0.0.0:0';
    const attempt = openAdminPort(gate, { listen });
    await expect(attempt).rejects.toThrow(OptionError);
    await expect(attempt).rejects.toThrow(
      'option admin: expected a token (adminToken) or an address such as 127.0.0.1, not "http://0.0.0.0:0"',
    );
    const { admin } = await watchedGate({ admin: { listen, token } });
    const url = admin.url.replace('0.0.0.0', '127.0.0.1');
    const headers = { host: 'gate.example' };
    expect(await status(`${url}/sessions`, headers)).toBe(401);
    expect(await status(`${url}/sessions?token=${token}`, headers)).toBe(200);
    expect(await status(`${url}/healthz`, headers)).toBe(200);
  });
});

describe('a viewer that disconnects', () => {
  test('T40: leaves nothing behind', async () => {
    const { viewer, server, feed, client } = await watchedGate();
    const desk = await client();
    await desk.ask(registerRequest());
    const [info] = server.sessions();
    for (let round = 0; round < 5; round += 1) {
      const viewers = await Promise.all(Array.from({ length: 10 }, () => viewer()));
      for (const one of viewers) {
        one.say({ type: 'list' });
        one.say({ type: 'watch', session: info?.id, after: 0 });
      }
      await Promise.all(viewers.map((one) => one.first('steps')));
      viewers.forEach((one, index) => {
        if (index % 2 === 0) one.socket.close();
        else one.socket.terminate();
      });
      await expect.poll(() => feed.viewers).toBe(0);
    }
    expect(feed.load).toMatchObject({ sessions: 1, steps: 3 });
  });

  test('closing the feed closes all viewers; the gate keeps running', async () => {
    const { viewer, server, feed, client } = await watchedGate();
    const one = await viewer();
    one.say({ type: 'list' });
    await one.first('sessions');
    feed.close();
    feed.close();
    expect(await one.closed).toBe(1001);
    expect(server.listenerCount('step')).toBe(0);
    expect(server.listenerCount('disconnected')).toBe(0);
    const desk = await client();
    expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  test('T40: does not keep the admin from closing, even when it does not answer', async () => {
    const { viewer, admin } = await watchedGate();
    const one = await viewer();
    one.socket.pause();
    const begin = performance.now();
    await admin.close();
    expect(performance.now() - begin).toBeLessThan(3_000);
    one.socket.resume();
    await one.closed;
    await expect(TestViewer.open(feedUrl(admin.url))).rejects.toThrow();
  });
});
