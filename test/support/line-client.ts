/** A client on a plain socket, without code of this project: lines of JSON out, lines of JSON in. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { closedOf } from './closed.js';

export type Line = Record<string, unknown>;

export class LineClient implements AsyncDisposable {
  readonly socket: Socket;
  readonly #lines: Line[] = [];
  readonly #waiting: ((line: Line | null) => void)[] = [];
  #rest = '';
  #ended = false;
  /** Resolves when the server has closed its side, with the milliseconds since the connection was established. */
  readonly ended: Promise<number>;

  constructor(socket: Socket) {
    this.socket = socket;
    const start = performance.now();
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#push(JSON.parse(line));
    });
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#ended = true;
        for (const waiter of this.#waiting.splice(0)) waiter(null);
        resolve(performance.now() - start);
      };
      socket.on('end', end);
      socket.on('close', end);
    });
  }

  #push(line: Line): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(line);
    else this.#lines.push(line);
  }

  /** Sends a message as a line, or a string unchanged. */
  say(message: Line | string): void {
    this.socket.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\n`);
  }

  /** The next message of the server; null after the close. */
  async next(): Promise<Line | null> {
    const line = this.#lines.shift();
    if (line) return line;
    if (this.#ended) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async ask(message: Line | string): Promise<Line | null> {
    this.say(message);
    return this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.destroyed) return;
    this.socket.destroy();
    await closedOf(this.socket);
  }
}

export async function lineClient(port: number, host = '127.0.0.1'): Promise<LineClient> {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, 'connect');
  return new LineClient(socket);
}

/** A valid RequestRegisterClient with the changes that a test needs. */
export function registerRequest(changes: Line = {}): Line {
  return {
    messageName: 'RequestRegisterClient',
    referenceId: 1,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    ...changes,
  };
}
