import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { fin, frameOf, opcodes, RawWebSocket, textFrame } from '../support/raw-web-socket.js';
import { closeWatchedGatesAfterEach, TestViewer, watchedGate } from './watched-gate.js';

closeWatchedGatesAfterEach();

const unknown = JSON.stringify({ type: 'watch', session: 'absent', after: 0 });

async function floodedGate() {
  const gate = await watchedGate();
  const url = `${gate.admin.url.replace('http', 'ws')}/feed`;
  const from = (localAddress: string) => TestViewer.open(url, { localAddress });
  return { ...gate, url, from };
}

/** The status and the headers that an upgrade is refused with. */
async function refused(url: string, localAddress: string) {
  const socket = new WebSocket(url, { localAddress });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  response.resume();
  return { status: response.statusCode, retryAfter: Number(response.headers['retry-after']) };
}

describe('T84: a viewer that sends too much', () => {
  test('T84: is closed with a reason; other viewers stay connected', async () => {
    const { from, feed } = await floodedGate();
    const [bad, good] = [await from('127.0.0.2'), await from('127.0.0.2')];
    for (let times = 0; times < 2_000; times += 1) bad.say(unknown);
    expect(await bad.first('problem')).toEqual({
      type: 'problem',
      code: 'too-many-messages',
      message: 'too many messages: expected at most 200 per second with a burst of 500',
    });
    expect(await bad.closed).toBe(1008);
    expect(bad.all('unknown').length).toBeLessThan(2_000);
    good.say({ type: 'list' });
    await good.first('sessions');
    expect(feed.viewers).toBe(1);
  });

  test('T84: may not come back for a while, from its address', async () => {
    const { url, from } = await floodedGate();
    const bad = await from('127.0.0.2');
    for (let times = 0; times < 2_000; times += 1) bad.say(unknown);
    await bad.closed;
    const { status, retryAfter } = await refused(url, '127.0.0.2');
    expect(status).toBe(429);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(10);
    const other = await from('127.0.0.3');
    other.say({ type: 'list' });
    await other.first('sessions');
  });

  test('T84: has its pings counted', async () => {
    const { from, feed } = await floodedGate();
    const bad = await from('127.0.0.2');
    for (let times = 0; times < 1_000; times += 1) bad.socket.ping();
    expect(await bad.first('problem')).toMatchObject({ code: 'too-many-messages' });
    expect(await bad.closed).toBe(1008);
    expect(feed.viewers).toBe(0);
  });

  test('T84: is not who connects again and watches 64 sessions, as the page does', async () => {
    const { from } = await floodedGate();
    const page = await from('127.0.0.2');
    page.say({ type: 'list' });
    for (let number = 1; number <= 64; number += 1) page.say(unknown);
    for (let number = 1; number <= 128; number += 1)
      page.say({ type: 'unwatch', session: 'absent' });
    page.say(unknown);
    await page.until(() => page.all('unknown').length === 65);
    expect(page.all('problem')).toEqual([]);
  });

  test('T84: is read one frame in a turn of the event loop, though many came at once', async () => {
    const { admin } = await watchedGate();
    await using raw = await RawWebSocket.open(Number(new URL(admin.url).port), {}, '/feed');
    let turns = 0;
    const count = () => {
      turns += 1;
      if (raw.messages.length <= 300) setImmediate(count);
    };
    raw.send(...Array<Buffer>(300).fill(textFrame(unknown)));
    count();
    // The hello, and an answer to each.
    await raw.until(() => raw.messages.length === 301);
    expect(turns).toBeGreaterThanOrEqual(300);
  });

  test('T84: is not read any more after a fault of the protocol', async () => {
    const { admin } = await watchedGate();
    await using raw = await RawWebSocket.open(Number(new URL(admin.url).port), {}, '/feed');
    // A binary frame without a mask.
    raw.send(frameOf(fin | opcodes.binary, '', false));
    await raw.until(() => raw.close !== null);
    expect(raw.close?.code).toBe(1002);
    // Far more than the buffers of the system hold, while the gate waits for the close.
    const piece = Buffer.alloc(1_048_576);
    let taken = 0;
    for (let pieces = 0; pieces < 64; pieces += 1) {
      raw.socket.write(piece, (error) => {
        if (!error) taken += 1;
      });
    }
    await raw.closed;
    expect(taken).toBeLessThan(32);
  });
});

test('T84: an address that connects viewers without end is refused, and those that are connected stay', async () => {
  const { url, from } = await floodedGate();
  const first = await from('127.0.0.2');
  const outcomes = await Promise.all(
    Array.from({ length: 80 }, async () => {
      const socket = new WebSocket(url, { localAddress: '127.0.0.2' });
      socket.on('error', () => {});
      const outcome = await Promise.race([
        once(socket, 'open').then(() => 101),
        once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
      ]);
      socket.terminate();
      return outcome;
    }),
  );
  const admitted = outcomes.filter((outcome) => outcome === 101).length;
  expect(admitted).toBeGreaterThanOrEqual(63);
  expect(admitted).toBeLessThan(80);
  expect(outcomes.filter((outcome) => outcome === 429)).toHaveLength(80 - admitted);
  first.say({ type: 'list' });
  await first.first('sessions');
});

test('T84: an upgrade that waits to be refused does not keep the admin from closing', async () => {
  const { url, from, admin } = await floodedGate();
  const bad = await from('127.0.0.2');
  for (let times = 0; times < 2_000; times += 1) bad.say(unknown);
  await bad.closed;
  const port = Number(new URL(admin.url).port);
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  socket.write(
    `GET /feed HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  await once(socket, 'connect');
  const answer = once(socket, 'data');
  const ended = once(socket, 'close');
  // What was asked before is read before.
  for (let times = 0; times < 2; times += 1) await fetch(`${admin.url}/healthz`);
  const begin = performance.now();
  await admin.close();
  expect(performance.now() - begin).toBeLessThan(3_000);
  const [head] = await answer;
  expect(String(head)).toMatch(/^HTTP\/1\.1 429 /);
  await ended;
});
