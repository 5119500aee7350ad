/** The WebSockets of viewers: pages and programs that read what the inspector holds, and then what arrives. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { linesOf } from '../../machines/engine/inspection/lines.js';
import type { InspectorStore } from '../../machines/engine/inspection/store.js';
import { Fifo } from '../runtime/collections/fifo.js';
import { refuseUpgrade } from '../web/refuse-upgrade.js';
import { ViewerGuard, viewerSocketOptions } from '../web/viewer-guard.js';
import type { UpgradeHandler } from '../web/web-handler.js';

/** Milliseconds for which lines are gathered. */
const gathering = 25;
/** Maximum length of a frame, except for a longer line. */
const largestFrame = 262_144;
/** Bytes that a socket holds before lines wait. */
const mostUnsent = 1_048_576;
const mostViewers = 32;
/** A viewer sends nothing but pongs. */
const longestMessage = 1_024;
const viewerFrames = { perSecond: 10, burst: 50 };
/** Try again later. */
const tooSlow = 1013;
const violation = 1008;

export interface FeedSocketsOptions {
  readonly store: InspectorStore;
  /** Length of live lines that wait for one viewer; a viewer beyond it is closed. */
  readonly maxWaiting: number;
}

/**
 * The feed of an inspector. A viewer gets what is held of each app, and then every line. A viewer that does not keep up is closed, with code
 * 1013: it may connect again, and gets what is held then. Apps never wait for viewers.
 */
export class FeedSockets implements UpgradeHandler {
  readonly #options: FeedSocketsOptions;
  readonly #server = new WebSocketServer(viewerSocketOptions(longestMessage));
  readonly #guard = new ViewerGuard(viewerFrames);
  readonly #viewers = new Set<FeedViewer>();

  constructor(options: FeedSocketsOptions) {
    this.#options = options;
  }

  /** Whether anyone reads the feed. */
  get hasViewers(): boolean {
    return this.#viewers.size > 0;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#guard.admits(request, socket)) return;
    if (this.#viewers.size >= mostViewers) {
      refuseUpgrade(socket, '503 Service Unavailable', `${mostViewers} viewers are connected`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      // ws closes the connection after a protocol error; without a listener it would end the process.
      accepted.on('error', () => {});
      this.#guard.watch(accepted, request, (why) => accepted.close(violation, why));
      const viewer = new FeedViewer(accepted, this.#options.maxWaiting);
      this.#viewers.add(viewer);
      accepted.once('close', () => {
        this.#viewers.delete(viewer);
        viewer.end();
      });
      for (const app of this.#options.store.apps()) viewer.replay(linesOf(app));
    });
  }

  /** Sends a line to every viewer. */
  add(line: string): void {
    for (const viewer of this.#viewers) viewer.add(line);
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.close(1001, 'the inspector stops');
    this.#viewers.clear();
    this.#server.close();
  }
}

class FeedViewer {
  readonly #socket: WebSocket;
  readonly #maxWaiting: number;
  readonly #lines = new Fifo<string>();
  /** Lines at the start that are held anyway, and do not count. */
  #replayed = 0;
  #waiting = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isOver = false;

  constructor(socket: WebSocket, maxWaiting: number) {
    this.#socket = socket;
    this.#maxWaiting = maxWaiting;
  }

  /** Adds what is held: at once, so that a line that arrives later is not told twice. */
  replay(lines: Iterable<string>): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#replayed += 1;
    }
    this.#schedule();
  }

  add(line: string): void {
    if (this.#isOver) return;
    this.#lines.push(line);
    this.#waiting += line.length;
    if (this.#waiting <= this.#maxWaiting) this.#schedule();
    else this.close(tooSlow, 'too slow; connect again');
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.end();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer ?? undefined);
    this.#lines.filter(() => false);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#send();
    }, gathering);
  }

  readonly #send = (): void => {
    while (this.#lines.size > 0 && this.#socket.bufferedAmount < mostUnsent) {
      const frame: string[] = [];
      let length = 0;
      do {
        const line = this.#lines.shift() ?? '';
        if (this.#replayed > 0) this.#replayed -= 1;
        else this.#waiting -= line.length;
        frame.push(line);
        length += line.length;
      } while (length < largestFrame && this.#lines.size > 0);
      this.#socket.send(frame.join('\n'));
    }
    if (this.#lines.size > 0 && !this.#isOver) this.#schedule();
  };
}
