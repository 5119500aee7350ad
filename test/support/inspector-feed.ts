/** A minimal stand-in for the server of the inspector: its page, its feed, and the WebSocket for apps. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { InspectedApp } from '../../machines/engine/inspection/app.js';
import { heldLimits } from '../../machines/engine/inspection/limits.js';
import { connectionLine, linesOf, messageLine } from '../../machines/engine/inspection/lines.js';
import { InspectorStore } from '../../machines/engine/inspection/store.js';

const folder = 'dist/viz';
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface InspectorFeed extends AsyncDisposable {
  /** Of the page. */
  readonly url: string;
  /** For apps. */
  readonly appUrl: string;
  /** Ends the connections of viewers. */
  dropViewers(): void;
}

/** @param port 0 lets the system choose */
export async function openInspectorFeed(port = 0): Promise<InspectorFeed> {
  const store = new InspectorStore(heldLimits);
  const viewers = new Set<WebSocket>();
  const say = (line: string) => {
    for (const viewer of viewers) viewer.send(line);
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = ['/', '/inspector'].includes(pathname) ? '/inspector.html' : pathname;
    const content = await readFile(join(folder, normalize(path))).catch(() => null);
    response.writeHead(content ? 200 : 404, { 'content-type': types[extname(path)] ?? '' });
    response.end(content ?? '');
  });
  const sockets = new WebSocketServer({ server, maxPayload: 2 ** 26 });
  sockets.on('connection', (socket, { url = '' }) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    if (pathname === '/inspector/feed') {
      for (const app of store.apps()) socket.send([...linesOf(app)].join('\n'));
      viewers.add(socket);
      socket.on('close', () => viewers.delete(socket));
      return;
    }
    const greeting = { name: searchParams.get('name'), key: searchParams.get('app') };
    serveApp(socket, store.connect(greeting, Date.now()), say);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${address}`,
    appUrl: `ws://${address}/stately`,
    dropViewers() {
      for (const viewer of viewers) viewer.terminate();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function serveApp(socket: WebSocket, app: InspectedApp, say: (line: string) => void): void {
  say(connectionLine(app.id, Date.now(), true, app.name));
  socket.on('message', (data) => {
    for (const text of String(data).split('\n')) {
      const at = Date.now();
      if (app.take(text, at)) say(messageLine(app.id, at, text.replaceAll('\n', '')));
    }
  });
  socket.on('close', () => {
    app.endedAt = Date.now();
    say(connectionLine(app.id, Date.now(), false, app.name));
  });
}
