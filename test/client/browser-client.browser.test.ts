import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientOptions } from '../../adapters/client/index.js';
import { builtPage } from '../../scripts/subpath-sizes.mjs';
import { type Site, serveFolder } from '../support/example-site.js';
import { openBrowser } from '../support/shared-browser.js';

type Line = { messageName: string; referenceId?: number };

describe('the client in a browser', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  let page: Page;
  let server: WebSocketServer;
  /** What the scripted server does with a message; `grant` unless a test changes it. */
  let script: (socket: WebSocket, line: Line) => void;

  const grant = (socket: WebSocket, { referenceId }: Line) =>
    socket.send(JSON.stringify({ messageName: 'EventAck', referenceId }));

  /** Runs a client in the page until it stops, or until `until` of its journal. Returns the journal. */
  const journal = (until: string, options: Partial<ClientOptions> = {}) =>
    page.evaluate(
      async ([url, last, more]) => {
        const { createClient } = (globalThis as never as { ixgate: typeof import('ixgate/client') })
          .ixgate;
        const client = createClient({
          endpoints: url,
          clientName: 'page-1',
          clientType: 'AgentApplication',
          reconnect: false,
          ...more,
        });
        const seen: string[] = [];
        const codeOf = (error: unknown) => (error as { code?: string } | null)?.code ?? null;
        await new Promise<void>((resolve) => {
          const note = (text: string) => {
            seen.push(text);
            if (text.startsWith(last)) resolve();
          };
          client.on('registered', ({ referenceId }) => note(`registered ${referenceId}`));
          client.on('event', ({ messageName }) => note(`event ${messageName}`));
          client.on('step', ({ seq, name, payload }) =>
            note(`step ${seq} ${name} ${(payload as { pin?: string } | null)?.pin ?? ''}`.trim()),
          );
          client.on('disconnected', (reason, error) =>
            note(`disconnected ${reason} ${codeOf(error)}`),
          );
          client.on('stopped', (error) => note(`stopped ${codeOf(error)}`));
        });
        await client.close();
        return seen.filter((text) => !text.startsWith('step') || last.startsWith('step'));
      },
      [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, until, options] as const,
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ixgate-browser-client-'));
    const { code } = await builtPage(`
      import * as client from 'ixgate/client';
      globalThis.ixgate = client;`);
    await writeFile(join(folder, 'page.js'), code);
    await writeFile(
      join(folder, 'index.html'),
      '<!doctype html><title>page</title><link rel="icon" href="data:," /><script type="module" src="./page.js"></script>',
    );
    [browser, site] = await Promise.all([openBrowser(), serveFolder(folder)]);
  }, 60_000);
  beforeEach(async () => {
    script = grant;
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      socket.on('message', (data) => script(socket, JSON.parse(String(data)) as Line));
    });
    await once(server, 'listening');
    page = await browser.newPage();
    await page.goto(site.url);
  });
  afterEach(async () => {
    await page.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('closes its WebSocket with code 1000', async () => {
    const closed = once(server, 'connection').then(async ([socket]) => once(socket, 'close'));
    expect(await journal('registered')).toEqual([
      'registered 1',
      'disconnected client-closed null',
      'stopped null',
    ]);
    const [code] = await closed;
    expect(code).toBe(1000);
  });

  it.each<[string, (socket: WebSocket) => void]>([
    ['binary', (socket) => socket.send(Buffer.from('{}'), { binary: true })],
    ['not JSON', (socket) => socket.send('hello')],
    ['without a messageName', (socket) => socket.send('{}')],
    ['too long', (socket) => socket.send(JSON.stringify({ messageName: 'X'.repeat(2_000) }))],
    [
      'too deep',
      (socket) => socket.send(`{"messageName":"X","a":${'['.repeat(40)}${']'.repeat(40)}}`),
    ],
  ])('ends the connection for a frame that is %s', async (_, send) => {
    script = (socket, line) => {
      grant(socket, line);
      send(socket);
    };
    expect(await journal('stopped', { maxFrame: 1_000 })).toEqual([
      'registered 1',
      'disconnected protocol-error PROTOCOL_ERROR',
      'stopped PROTOCOL_ERROR',
    ]);
  });

  it.each<[string, (socket: WebSocket) => void, string]>([
    ['closes', (socket) => socket.close(1001), 'peer-closed'],
    ['breaks', (socket) => socket.terminate(), 'transport-error'],
  ])('notices that the server %s the connection', async (_, end, reason) => {
    script = (socket, line) => {
      grant(socket, line);
      end(socket);
    };
    expect((await journal('stopped')).slice(-2)).toEqual([
      `disconnected ${reason} DISCONNECTED`,
      'stopped DISCONNECTED',
    ]);
  });

  it('gives up a registration without an answer, and a server without a WebSocket', async () => {
    script = () => {};
    expect(await journal('stopped', { replyTimeout: 100 })).toEqual([
      'disconnected reply-timeout REPLY_TIMEOUT',
      'stopped REPLY_TIMEOUT',
    ]);
    server.removeAllListeners('connection');
    server.shouldHandle = () => false;
    expect(await journal('stopped')).toEqual([
      'disconnected connect-failed CONNECT_FAILED',
      'stopped CONNECT_FAILED',
    ]);
  });

  it('asks a silent server with ping.message', async () => {
    const asked: string[] = [];
    script = (socket, line) => {
      asked.push(line.messageName);
      if (asked.length < 4) grant(socket, line);
    };
    const ping = { interval: 50, timeout: 500, message: { messageName: 'RequestPing' } };
    expect((await journal('stopped', { ping })).at(-1)).toBe('stopped DISCONNECTED');
    expect(asked).toEqual(['RequestRegisterClient', 'RequestPing', 'RequestPing', 'RequestPing']);
  });

  it('gets every message of a flood, in order', async () => {
    script = (socket, line) => {
      grant(socket, line);
      for (let number = 1; number <= 5_000; number += 1)
        socket.send(JSON.stringify({ messageName: `Event${number}` }));
    };
    const seen = await journal('event Event5000');
    expect(seen.slice(1, 5_001)).toEqual(
      Array.from({ length: 5_000 }, (_, index) => `event Event${index + 1}`),
    );
  });

  it('makes step records with secrets masked', async () => {
    script = (socket, { referenceId }) => {
      const ack = { messageName: 'EventAck', referenceId, pin: '1234' };
      socket.send(JSON.stringify(ack));
    };
    expect((await journal('step 3')).filter((text) => text.startsWith('step')).slice(0, 3)).toEqual(
      ['step 1 Connected', 'step 2 RequestRegisterClient', 'step 3 EventAck ***'],
    );
  });
});
