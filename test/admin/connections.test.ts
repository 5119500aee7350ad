import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openAdminPort } from '../../adapters/admin/admin-port.js';
import { SessionFeed } from '../../adapters/feed/index.js';
import { createServer } from '../../adapters/server/index.js';
import { descriptorLimit, reservedDescriptors } from '../../adapters/server/limits/index.js';
import { openWebServer, type WebServerOptions } from '../../adapters/web/web-server.js';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function opened(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

function openMany(url: string, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => opened(url)));
}

const health = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function running() {
  const gate = await createServer();
  const feed = new SessionFeed(gate, {
    gate: 'a gate',
    delays: { registrationTimeout: 1, rejectionTimeout: 1 },
  });
  const admin = await openAdminPort(gate, {
    listen: 'http://127.0.0.1:0',
    upgrades: { '/feed': feed },
  });
  return {
    url: admin.url,
    async [Symbol.asyncDispose]() {
      await admin.close();
      await gate.close();
    },
  };
}

/** Makes a health check on a separate connection. */
async function isHealthy(url: string): Promise<boolean> {
  const socket = await opened(url);
  socket.write(health);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    text += chunk;
    if (text.endsWith('{"status":"ok"}\n')) return true;
  }
  return false;
}

const healthy = { status: 200, headers: {}, body: '{"status":"ok"}\n' };

function serving(answer: WebServerOptions['answer'], limits: WebServerOptions['limits'] = {}) {
  return openWebServer({
    listen: 'http://127.0.0.1:0',
    allowedHosts: [],
    token: undefined,
    upgrades: {},
    limits,
    answer,
  });
}

describe('With all connections of the admin port taken', () => {
  test('T78: by silent clients, health checks are answered, and viewers stay', async () => {
    await using it = await running();
    const viewer = new WebSocket(`${it.url.replace('http', 'ws')}/feed`);
    await once(viewer, 'open');
    const silent = await openMany(it.url, 127);
    const closed: number[] = [];
    silent.forEach((socket, at) => {
      socket.resume().on('close', () => closed.push(at));
    });
    for (let check = 0; check < 3; check += 1) expect(await isHealthy(it.url)).toBe(true);
    // The oldest made room.
    await expect.poll(() => closed[0]).toBe(0);
    expect(viewer.readyState).toBe(WebSocket.OPEN);
    viewer.terminate();
  });

  test('T78: by clients that keep their connection after a request, health checks are answered', async () => {
    await using it = await running();
    const kept = await openMany(it.url, 128);
    for (const socket of kept) socket.write(health);
    await Promise.all(kept.map((socket) => once(socket, 'data')));
    // The connection that was used last is closed last.
    kept[0]?.write(health);
    await once(kept[0] as Socket, 'data');
    const closed: number[] = [];
    kept.forEach((socket, at) => {
      socket.resume().on('close', () => closed.push(at));
    });
    expect(await isHealthy(it.url)).toBe(true);
    await expect.poll(() => closed.length).toBeGreaterThan(0);
    expect(closed[0]).not.toBe(0);
  });

  test('T78: by clients that do not read their answers, health checks are answered', async () => {
    const large = { status: 200, headers: {}, body: Buffer.alloc(16 * 1_024 * 1_024) };
    await using server = await serving(({ url }) => (url === '/large' ? large : healthy), {
      maxConnections: 4,
    });
    const slow = await openMany(server.url, 4);
    const closed: number[] = [];
    slow.forEach((socket, at) => {
      socket.pause().write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.on('close', () => closed.push(at));
    });
    await Promise.all(slow.map((socket) => once(socket, 'readable')));
    expect(await isHealthy(server.url)).toBe(true);
    // Reading shows which one is closed.
    for (const socket of slow) socket.resume();
    await expect.poll(() => closed.length).toBeGreaterThan(0);
    expect(closed[0]).toBe(0);
  });

  test('T78: by clients whose answers are being made, health checks are answered', async () => {
    let asked = 0;
    await using server = await serving(
      ({ url }) => {
        if (url === '/healthz') return healthy;
        asked += 1;
        return new Promise(() => {});
      },
      { maxConnections: 4 },
    );
    const waiting = await openMany(server.url, 4);
    for (const socket of waiting) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => asked).toBe(4);
    expect(await isHealthy(server.url)).toBe(true);
  });
});

test('T91: few answers are begun in one turn of the event loop, so that clients are served meanwhile', async () => {
  let [turn, isOver] = [0, false];
  const count = () => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  count();
  const begun: number[] = [];
  await using server = await serving(() => {
    begun[turn] = (begun[turn] ?? 0) + 1;
    return healthy;
  });
  const many = await openMany(server.url, 100);
  for (const socket of many) socket.write(health);
  await Promise.all(many.map((socket) => once(socket, 'data')));
  isOver = true;
  // A turn of the test's count may see the end of one and the beginning of the next.
  expect(Math.max(...Object.values(begun))).toBeLessThanOrEqual(16);
});

test('T78: the connections of the admin port fit twice in the descriptors that are not for clients', () => {
  expect(descriptorLimit() ?? 512).toBeGreaterThanOrEqual(512);
  expect(reservedDescriptors()).toBeGreaterThanOrEqual(2 * 128);
});
