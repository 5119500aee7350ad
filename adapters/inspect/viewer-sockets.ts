import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

export interface ViewerSocketsOptions {
  /** Viewers at the same time. */
  readonly maxViewers: number;
  /** A viewer is there. @returns what to do when it has gone. */
  accept(socket: WebSocket, request: IncomingMessage): () => void;
}

const webSocketOptions = {
  noServer: true,
  perMessageDeflate: false,
  // Bytes of a viewer's longest message.
  maxPayload: 65_536,
  // Milliseconds a viewer has to answer the close.
  closeTimeout: 1_000,
};

/** Viewers by WebSocket on one path. Who may come has been checked before. */
export class ViewerSockets {
  readonly #options: ViewerSocketsOptions;
  readonly #server = new WebSocketServer(webSocketOptions);
  /** Each viewer with what to do when it goes. */
  readonly #viewers = new Map<WebSocket, () => void>();

  constructor(options: ViewerSocketsOptions) {
    this.#options = options;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      this.#accept(accepted, request);
    });
  }

  /** Closes every viewer. Nothing is heard of one afterwards. */
  close(): void {
    for (const socket of [...this.#viewers.keys()]) {
      socket.close(1001, 'the gate stops');
      this.#leave(socket);
    }
    this.#server.close();
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    // ws answers faults of the protocol itself; without a listener they would end the process.
    socket.on('error', () => {});
    const { maxViewers, accept } = this.#options;
    if (this.#viewers.size >= maxViewers) {
      socket.close(1013, `there are ${maxViewers} viewers already`);
      return;
    }
    this.#viewers.set(socket, accept(socket, request));
    socket.once('close', () => this.#leave(socket));
  }

  #leave(socket: WebSocket): void {
    const leave = this.#viewers.get(socket);
    this.#viewers.delete(socket);
    leave?.();
  }
}

/** Bytes that may wait for a viewer; there is no way to catch up later, so a slower one is closed. */
const mostUnsent = 16 * 1_024 * 1_024;

/** Sends a text to a viewer, or lets it go when it is too slow. */
export function sendTo(socket: WebSocket, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > mostUnsent) socket.close(1013, 'too slow');
  else socket.send(text);
}
