import { once } from 'node:events';
import { WebSocket } from 'ws';
import { closedOf } from './closed.js';
import type { Line } from './line-client.js';

/** A client on a plain WebSocket, without code of this project: frames of JSON out, frames of JSON in. */
export class FrameClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly #lines: Line[] = [];
  readonly #waiting: ((line: Line | null) => void)[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const line = JSON.parse(String(data));
      const waiter = this.#waiting.shift();
      if (waiter) waiter(line);
      else this.#lines.push(line);
    });
    this.closed = closedOf(socket).then(([code]) => {
      for (const waiter of this.#waiting.splice(0)) waiter(null);
      return code as number;
    });
  }

  static async open(url: string): Promise<FrameClient> {
    const client = new FrameClient(new WebSocket(url));
    await once(client.socket, 'open');
    return client;
  }

  /** The next message of the server; null after the close. */
  async next(): Promise<Line | null> {
    const line = this.#lines.shift();
    if (line) return line;
    if (this.socket.readyState === WebSocket.CLOSED) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async ask(message: Line): Promise<Line | null> {
    this.socket.send(JSON.stringify(message));
    return this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    if (this.socket.readyState !== WebSocket.CLOSED) await this.closed;
  }
}
