/** The WebSockets of inspected apps. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { InspectedApp } from '../../machines/engine/inspection/app.js';
import { connectionLine, gapLine, messageLine } from '../../machines/engine/inspection/lines.js';
import type { InspectorStore } from '../../machines/engine/inspection/store.js';
import { hostOf, isLoopback } from '../net/hosts.js';
import { TokenBucket } from '../server/limits/index.js';
import { TokenGuard } from '../web/guard.js';
import { refuseUpgrade } from '../web/refuse-upgrade.js';
import { viewerSocketOptions } from '../web/viewer-guard.js';
import type { UpgradeHandler } from '../web/web-handler.js';
import type { WebRequest } from '../web/web-request.js';
import type { InspectorLimits } from './limits.js';

/** Cost of a short message in bytes: its parsing is not free. */
const cheapest = 1_024;
/** A frame above this multiple of the limit closes the connection; one in between is ignored. */
const hardFactor = 4;
/** Maximum length of a name in an address. */
const longestName = 200;
const actorMark = Buffer.from('"@xstate.actor"');
const newline = 0x0a;

export interface AppSocketsOptions {
  readonly store: InspectorStore;
  readonly limits: InspectorLimits;
  /** The token that pages of other origins need in the address. */
  readonly token: string;
  /** Called for each line of the recording and the feed; `line` writes it. */
  readonly tell: (at: number, line: () => string) => void;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Apps on one path. An app that sends invalid frames keeps its connection, since Stately's client never connects again after
 * a loss: such frames are ignored and counted.
 */
export class AppSockets implements UpgradeHandler {
  readonly #options: AppSocketsOptions;
  readonly #guard: TokenGuard;
  readonly #server: WebSocketServer;
  readonly #sockets = new Map<WebSocket, FrameReader>();

  constructor(options: AppSocketsOptions) {
    this.#options = options;
    this.#guard = new TokenGuard(options.token);
    this.#server = new WebSocketServer(viewerSocketOptions(options.limits.frame * hardFactor));
  }

  /** Pages of this machine with the token in the address. */
  admitsOrigin(origin: string, request: WebRequest): boolean {
    if (!URL.canParse(origin)) return false;
    const { protocol, host } = new URL(origin);
    const isWeb = protocol === 'http:' || protocol === 'https:';
    return isWeb && isLoopback(hostOf(host) ?? '') && this.#guard.carriesToken(request);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { store, limits, now } = this.#options;
    if (!store.hasRoom) {
      // Stately's client tries again every five seconds until it was connected once.
      refuseUpgrade(socket, '503 Service Unavailable', `${limits.apps} apps are connected`);
      return;
    }
    const { searchParams } = new URL(request.url ?? '', 'ws://localhost');
    const given = (name: string) => searchParams.get(name)?.slice(0, longestName) || null;
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      const app = store.connect({ name: given('name'), key: given('app') }, now());
      this.#accept(accepted, app);
    });
  }

  /** Closes the connections; their messages are ignored afterwards. */
  close(): void {
    for (const socket of [...this.#sockets.keys()]) {
      socket.close(1001, 'the inspector stops');
      this.#leave(socket);
    }
    this.#server.close();
  }

  #accept(socket: WebSocket, app: InspectedApp): void {
    const { tell, now } = this.#options;
    const reader = new FrameReader(app, this.#options);
    this.#sockets.set(socket, reader);
    const at = now();
    tell(at, () => connectionLine(app.id, at, true, app.name));
    // ws handles protocol errors; without a listener they would end the process.
    socket.on('error', () => app.broken());
    socket.on('message', (data, isBinary) => {
      if (this.#sockets.has(socket)) reader.read(data, isBinary);
    });
    socket.once('close', () => this.#leave(socket));
  }

  #leave(socket: WebSocket): void {
    const { tell, now } = this.#options;
    const reader = this.#sockets.get(socket);
    if (!reader) return;
    this.#sockets.delete(socket);
    reader.end();
    const { app } = reader;
    // An app with a key may have connected again before its old connection ended.
    if ([...this.#sockets.values()].some((other) => other.app === app)) return;
    const at = now();
    app.endedAt = at;
    tell(at, () => connectionLine(app.id, at, false, app.name));
  }
}

/** The frames of one connection. */
class FrameReader {
  readonly app: InspectedApp;
  readonly #options: AppSocketsOptions;
  readonly #bucket: TokenBucket;
  /** For messages that define actors: they come first when an app starts to flood. */
  readonly #reserve: TokenBucket;
  #missing = 0;

  constructor(app: InspectedApp, options: AppSocketsOptions) {
    this.app = app;
    this.#options = options;
    const perSecond = options.limits.bytesPerSecond;
    const rate = { perSecond, burst: perSecond * 2 };
    const clock = () => performance.now();
    this.#bucket = new TokenBucket(rate, clock);
    this.#reserve = new TokenBucket(rate, clock);
  }

  /** One JSON message, or one a line. */
  read(data: RawData, isBinary: boolean): void {
    const bytes = data as Buffer;
    if (isBinary || bytes.length > this.#options.limits.frame) {
      this.app.broken();
      return;
    }
    // Each line becomes a separate text: a part of a text would keep the whole in memory.
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(newline, start);
      const stop = end === -1 ? bytes.length : end;
      if (stop > start) this.#take(bytes.subarray(start, stop));
      start = stop + 1;
    }
  }

  #take(bytes: Buffer): void {
    const { tell, now } = this.#options;
    const cost = Math.max(cheapest, bytes.length);
    const isTaken =
      this.#bucket.take(cost) || (bytes.includes(actorMark) && this.#reserve.take(cost));
    if (!isTaken) {
      this.#missing += 1;
      return;
    }
    const at = now();
    this.#reportMissing(at);
    const text = bytes.toString('utf8');
    if (this.app.take(text, at)) tell(at, () => messageLine(this.app.id, at, text));
  }

  /** The connection has ended: no later message reports what is missing. */
  end(): void {
    this.#reportMissing(this.#options.now());
  }

  #reportMissing(at: number): void {
    if (this.#missing === 0) return;
    const missing = this.#missing;
    this.app.missing(missing, at);
    this.#options.tell(at, () => gapLine(this.app.id, at, missing));
    this.#missing = 0;
  }
}
