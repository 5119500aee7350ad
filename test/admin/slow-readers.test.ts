import { once } from 'node:events';
import { readdir, rename, stat, truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { openPageServer } from '../../adapters/web/index.js';
import { builtPage, PageFiles } from '../../adapters/web/page-files.js';
import { openWebServer, type WebServerOptions } from '../../adapters/web/web-server.js';
import { temporaryFolder } from '../support/folder.js';
import { ServeChild } from '../support/load.js';

const megabyte = 1_024 * 1_024;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that sends a text and reads nothing. */
async function unread(url: string, text: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  socket.pause().write(text);
  return socket;
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

async function largestAsset(): Promise<string> {
  const names = await readdir(join(builtPage, 'assets'));
  const sized = await Promise.all(
    names.map(async (name) => ({ name, ...(await stat(join(builtPage, 'assets', name))) })),
  );
  sized.sort((one, other) => other.size - one.size);
  return `/assets/${sized[0]?.name}`;
}

/** A web server with pages of one length. */
function serving(bytes: number, limits: WebServerOptions['limits']) {
  return openWebServer({
    listen: 'http://127.0.0.1:0',
    allowedHosts: [],
    token: undefined,
    upgrades: {},
    limits,
    answer: () => ({ status: 200, headers: {}, body: Buffer.alloc(bytes) }),
  });
}

/** Whether the server has closed a connection. To find out, the client sends an empty line, which is not a request. */
function isClosed(socket: Socket): boolean {
  if (!socket.destroyed) socket.write('\r\n');
  return socket.destroyed;
}

async function memoryOf(gate: ServeChild): Promise<number> {
  const { heap, external } = await gate.memory();
  return heap + external;
}

describe('A client of the admin port that does not read', () => {
  test('T77: pipelined requests whose answers are not read cost less than 16 MiB, and other requests are answered', async () => {
    await using gate = await ServeChild.open([
      ...['--listen', 'tcp://127.0.0.1:0'],
      ...['--admin', 'http://127.0.0.1:0'],
    ]);
    const asset = await largestAsset();
    const known = await fetch(`${gate.admin}${asset}`).then((answer) => answer.arrayBuffer());
    expect(known.byteLength).toBeGreaterThan(megabyte);
    const before = await memoryOf(gate);
    const few = get(asset).repeat(16);
    const some = await Promise.all(Array.from({ length: 50 }, () => unread(gate.admin, few)));
    const many = get(asset).repeat(Math.ceil(91_000 / get(asset).length));
    const floods = [await unread(gate.admin, many), await unread(gate.admin, many)];
    await expect.poll(() => floods.every(isClosed)).toBe(true);
    // A connection that fetch keeps may just be closed by the gate, which is idle on it.
    const health = () => fetch(`${gate.admin}/healthz`).then(({ status }) => status, String);
    await expect.poll(health).toBe(200);
    expect(await memoryOf(gate)).toBeLessThan(before + 16 * megabyte);
    expect(some.some((socket) => socket.destroyed)).toBe(false);
  });

  test('T77: is disconnected when it takes nothing for the write timeout, unlike one that reads slowly', async () => {
    await using server = await serving(24 * megabyte, { writeTimeout: 1_000 });
    const silent = await unread(server.url, get('/'));
    const slow = await unread(server.url, get('/'));
    let [read, rested] = [0, 0];
    const start = performance.now();
    for await (const chunk of slow) {
      read += chunk.length;
      if (read >= 24 * megabyte) break;
      if (read < rested + megabyte / 4) continue;
      rested = read;
      await pause(15);
    }
    expect(performance.now() - start).toBeGreaterThan(1_000);
    expect(read).toBeGreaterThan(24 * megabyte);
    await expect.poll(() => isClosed(silent)).toBe(true);
  });

  test('T77: loses its connection when more waits for all than is allowed, the oldest answer first', async () => {
    await using server = await serving(16 * megabyte, { maxUnsent: 40 * megabyte });
    const three: Socket[] = [];
    for (let one = 0; one < 3; one += 1) {
      const socket = await unread(server.url, get('/'));
      three.push(socket);
      // The answer has begun.
      await once(socket, 'readable');
    }
    await expect.poll(() => three.map(isClosed)).toEqual([true, false, false]);
  });
});

describe('Files', () => {
  test('of the page are in memory once, raw and as gzip, and read again when they change', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'index.html');
    await writeFile(path, 'one');
    const files = new PageFiles(folder.path);
    const asked = (encoding: string) =>
      files.find('/index.html', { headers: { 'accept-encoding': encoding } } as IncomingMessage);
    const [raw, packed] = [await asked(''), await asked('gzip')];
    expect(raw?.body).toEqual(Buffer.from('one'));
    expect((await asked(''))?.body).toBe(raw?.body);
    expect((await asked('gzip'))?.body).toBe(packed?.body);
    await writeFile(`${path}.new`, 'three');
    await rename(`${path}.new`, path);
    expect((await asked(''))?.body).toEqual(Buffer.from('three'));
    expect((await asked('gzip'))?.body).not.toEqual(packed?.body);
  });

  test('of recordings are read while they are written; the connection ends when one was truncated', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'steps.ixgate');
    await writeFile(path, Buffer.alloc(24 * megabyte, 'x'));
    const recording = { path, steps: [], torn: false, gaps: [] };
    await using server = await openPageServer({ recordings: [recording] });
    const whole = await fetch(`${server.url}/recordings/1`);
    expect((await whole.arrayBuffer()).byteLength).toBe(24 * megabyte);
    const socket = await unread(server.url, get('/recordings/1'));
    await once(socket, 'readable');
    await truncate(path, 100);
    let read = 0;
    socket.on('data', (chunk) => {
      read += chunk.length;
    });
    await once(socket, 'close');
    expect(read).toBeLessThan(24 * megabyte);
  });
});
