/** Servers that send unsolicited messages: the client's memory does not grow, and other work of the process continues. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { messagesPerTurn } from '../../adapters/client/client-message-pump.js';
import type { GateClient } from '../../adapters/client/index.js';
import {
  ack,
  client,
  codeOf,
  granting,
  type Line,
  rejection,
  scripted,
  tidyAfterEach,
} from '../client/scripted-server.js';
import { floodingServer } from '../support/flooding-server.js';

tidyAfterEach();

const news = '{"messageName":"EventNews"}\n';
const mebibyte = 1_048_576;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use after a garbage collection. */
function inUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Counts the messages that a client handles in each turn of the event loop. */
function turns(desk: GateClient) {
  const counted = { most: 0, all: 0, turns: 0 };
  let inTurn = 0;
  desk.on('step', ({ name }) => {
    if (name !== 'EventNews') return;
    inTurn += 1;
    counted.all += 1;
  });
  const turned = () => {
    counted.most = Math.max(counted.most, inTurn);
    counted.turns += 1;
    inTurn = 0;
    if (desk.state !== 'stopped') setImmediate(turned);
  };
  setImmediate(turned);
  return counted;
}

describe('An endless flood of events', () => {
  it('before the answer ends the attempt with the reply timeout, like silence', async () => {
    await using server = await floodingServer({ thenForEver: news });
    const { client: desk, journal } = client(server.endpoint, { replyTimeout: 1_000 });
    const counted = turns(desk);
    expect(codeOf(await rejection(desk.registered))).toBe('REPLY_TIMEOUT');
    await desk.close();
    expect(journal.slice(1)).toEqual([
      'disconnected reply-timeout REPLY_TIMEOUT',
      'stopped REPLY_TIMEOUT',
    ]);
    expect(counted.all).toBeGreaterThan(1_000);
    expect(counted.most).toBeLessThanOrEqual(messagesPerTurn);
  });

  it('after the answer is delivered event by event, in a share of each turn, and memory stays flat', async () => {
    await using server = await floodingServer({ first: '$ack', thenForEver: news });
    const { client: desk } = client(server.endpoint);
    const counted = turns(desk);
    // The journal would grow, not the client.
    desk.removeAllListeners('event');
    await desk.registered;
    while (counted.all < 20_000) await nextTurn();
    const before = inUse();
    while (counted.all < 120_000) await nextTurn();
    // Six times as many events, and pauses of the server in between: the client buffers a chunk or two.
    expect(inUse() - before).toBeLessThan(4 * mebibyte);
    expect(counted.most).toBeLessThanOrEqual(messagesPerTurn);
    expect(desk.state).toBe('online');
    // The rest of the process had its turns too.
    expect(counted.turns).toBeGreaterThanOrEqual(counted.all / messagesPerTurn - 1);
  });

  it('does not prevent a request timeout or a close of the client', async () => {
    await using server = await floodingServer({ first: '$ack', thenForEver: news });
    const { client: desk } = client(server.endpoint);
    await desk.registered;
    const pending = rejection(desk.request({ messageName: 'RequestX' }, { timeout: 50 }));
    expect(codeOf(await pending)).toBe('REPLY_TIMEOUT');
    expect(desk.state).toBe('online');
    await desk.close();
    expect(desk.state).toBe('stopped');
  });

  it('does not disconnect other clients of the same process', async () => {
    await using server = await floodingServer({ first: '$ack', thenForEver: news });
    const quiet = await scripted(granting((line, peer) => peer.say(ack(line))));
    const { client: flooded } = client(server.endpoint);
    const { client: desk } = client(quiet.endpoint);
    await Promise.all([flooded.registered, desk.registered]);
    for (let times = 0; times < 20; times += 1) await desk.request({ messageName: 'RequestX' });
    expect([flooded.state, desk.state]).toEqual(['online', 'online']);
  });
});

it('A flood of empty lines gets only its share of each turn, too', async () => {
  const made: Socket[] = [];
  const keep = (message: unknown) => void made.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', keep);
  await using server = await floodingServer({ first: '$ack', thenForEver: '\n' });
  const { client: desk } = client(server.endpoint);
  await desk.registered;
  unsubscribe('net.client.socket', keep);
  const read = () => made[0]?.bytesRead ?? 0;
  let most = 0;
  for (let before = read(); read() < 4 * mebibyte; before = read()) {
    await nextTurn();
    most = Math.max(most, read() - before);
  }
  // One read is processed, and the stream holds the next ones; Node would hold 32 of them.
  expect(most).toBeLessThanOrEqual(4 * 65_536);
  expect(desk.state).toBe('online');
});

describe('An endless line', () => {
  it.each([
    ['before', undefined],
    ['after', '$ack'],
  ])('%s the answer is a protocol error as soon as it is too long', async (_, first) => {
    await using server = await floodingServer({ ...(first && { first }), thenForEver: 'x' });
    const before = inUse();
    let most = 0;
    const { client: desk } = client(server.endpoint, { maxFrame: 4 * mebibyte });
    const watch = setInterval(() => {
      most = Math.max(most, inUse());
    }, 5);
    await once(desk, 'disconnected').then(([reason, problem]) => {
      expect(reason).toBe('protocol-error');
      expect(problem).toMatchObject({ code: 'PROTOCOL_ERROR' });
    });
    clearInterval(watch);
    // The line so far, twice while its buffer grows, and a few reads.
    expect(most - before).toBeLessThan(12 * mebibyte);
    await desk.close();
    expect(inUse() - before).toBeLessThan(4 * mebibyte);
  });
});

it('endless WebSocket fragments are a protocol error', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (webSocket) => {
    webSocket.on('error', () => {});
    webSocket.once('message', () => {
      const pour = () =>
        webSocket.send('x', { fin: false }, (error) => error ?? setImmediate(pour));
      pour();
    });
  });
  const { port } = server.address() as AddressInfo;
  const { client: desk, journal } = client(`ws://127.0.0.1:${port}`, { replyTimeout: 60_000 });
  expect(codeOf(await rejection(desk.registered))).toBe('PROTOCOL_ERROR');
  await desk.close();
  expect(journal[1]).toBe('disconnected protocol-error PROTOCOL_ERROR');
  for (const webSocket of server.clients) webSocket.terminate();
  server.close();
});

describe('Messages that arrived in one chunk with the end', () => {
  const many = 1_000;

  /** A server that sends everything in one write and closes. */
  async function parting(last: (write: (text: string) => void, end: () => void) => void) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes) => {
        const { referenceId } = JSON.parse(String(bytes)) as Line;
        const answer = `${JSON.stringify({ messageName: 'EventAck', referenceId })}\n`;
        last(
          (text) => socket.write(answer + text),
          () => socket.end(),
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it('are all delivered before it', async () => {
    const { server, endpoint } = await parting((write, end) => {
      write(news.repeat(many));
      end();
    });
    const { client: desk, journal } = client(endpoint);
    await once(desk, 'stopped');
    server.close();
    expect(journal.filter((line) => line === 'event EventNews')).toHaveLength(many);
    expect(journal.slice(-2)).toEqual([
      'disconnected peer-closed DISCONNECTED',
      'stopped DISCONNECTED',
    ]);
  });

  it('are all delivered before an invalid frame, and nothing after it', async () => {
    const { server, endpoint } = await parting((write, end) => {
      write(`${news.repeat(many)}nonsense\n${news.repeat(many)}`);
      end();
    });
    const { client: desk, journal } = client(endpoint);
    await once(desk, 'stopped');
    server.close();
    expect(journal.filter((line) => line === 'event EventNews')).toHaveLength(many);
    expect(journal.at(-2)).toBe('disconnected protocol-error PROTOCOL_ERROR');
  });

  it('are not delivered after a listener has closed the client', async () => {
    const { server, endpoint } = await parting((write) => write(news.repeat(many)));
    const { client: desk, journal } = client(endpoint);
    desk.on('event', () => void desk.close());
    await once(desk, 'stopped');
    server.close();
    expect(journal.filter((line) => line === 'event EventNews')).toHaveLength(1);
  });
});
