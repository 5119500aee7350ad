import type { Endpoint } from '../../adapters/net/transports/index.js';
import { openRaw, type RawClient } from './links.js';

export type Message = Record<string, unknown>;

/** A bare client on any transport: sends strings and bytes unchanged, and reads messages. */
export class WireClient {
  readonly raw: RawClient;
  /** Resolves when the server has ended the connection, with the milliseconds since it was opened. */
  readonly ended: Promise<number>;
  /** The WebSocket close code, once it has ended. */
  closeCode: number | null = null;
  readonly #messages: Message[] = [];
  readonly #waiting: ((message: Message | null) => void)[] = [];
  #isOver = false;
  #rest = '';

  constructor(raw: RawClient) {
    this.raw = raw;
    const opened = performance.now();
    const { stream, webSocket } = raw;
    this.ended = new Promise((resolve) => {
      const over = () => {
        if (!this.#isOver) resolve(performance.now() - opened);
        this.#isOver = true;
        for (const waiter of this.#waiting.splice(0)) waiter(null);
        if (!webSocket) stream.end();
      };
      if (webSocket) {
        webSocket.on('message', (data) => this.#push(JSON.parse(String(data))));
        webSocket.on('close', (code) => {
          this.closeCode = code;
          over();
        });
      } else {
        stream.on('data', (chunk) => this.#read(String(chunk)));
        stream.on('end', over);
        stream.on('close', over);
      }
    });
  }

  static async open(endpoint: Endpoint, ca?: string): Promise<WireClient> {
    return new WireClient(await openRaw(endpoint, ca));
  }

  get isFramed(): boolean {
    return this.raw.webSocket !== null;
  }

  /** Sends messages or strings: one line each, or one frame each. */
  say(...messages: (Message | string | Buffer)[]): void {
    for (const message of messages) {
      const text =
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
      if (this.isFramed) this.raw.send(text);
      else this.raw.send(Buffer.concat([Buffer.from(text), Buffer.from('\n')]));
    }
  }

  /** Like `say`, but in one segment: nothing is sent before the last is written. */
  sayAtOnce(...messages: (Message | string)[]): void {
    this.raw.stream.cork();
    this.say(...messages);
    this.raw.stream.uncork();
  }

  /** The next message; null when the connection has ended. */
  next(): Promise<Message | null> {
    const message = this.#messages.shift();
    if (message) return Promise.resolve(message);
    if (this.#isOver) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  ask(message: Message | string | Buffer): Promise<Message | null> {
    this.say(message);
    return this.next();
  }

  /** All messages from now until the end. */
  async rest(): Promise<Message[]> {
    const messages: Message[] = [];
    for (let one = await this.next(); one; one = await this.next()) messages.push(one);
    return messages;
  }

  /** Resets the TCP connection. */
  reset(): void {
    this.raw.socket.resetAndDestroy();
  }

  destroy(): void {
    this.raw.socket.destroy();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#push(JSON.parse(line));
  }

  #push(message: Message): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(message);
    else this.#messages.push(message);
  }
}
