/** The WebSocket protocol by hand, for invalid use: an upgrade on a plain socket, frames as bytes. */
import { connect, type Socket } from 'node:net';
import { closedOf } from './closed.js';

/** One frame of the server. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** The first byte as received: FIN, reserved bits, opcode. */
  readonly first: number;
}

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;
export const fin = 0x80;

/** A frame as a client sends it: its first byte as given, masked with zeros unless `mask` is false. */
export function frameOf(first: number, payload: string | Uint8Array = '', mask = true): Buffer {
  const bytes = Buffer.from(payload);
  const bit = mask ? 0x80 : 0;
  const header =
    bytes.length < 126
      ? Buffer.of(first, bit | bytes.length)
      : bytes.length < 65_536
        ? Buffer.of(first, bit | 126, bytes.length >> 8, bytes.length & 0xff)
        : Buffer.concat([Buffer.of(first, bit | 127, 0, 0, 0, 0), lengthOf(bytes)]);
  return Buffer.concat([header, Buffer.alloc(mask ? 4 : 0), bytes]);
}

function lengthOf({ length }: Uint8Array): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(length);
  return four;
}

export const textFrame = (text: string | Uint8Array) => frameOf(fin | opcodes.text, text);

/** A close frame with a code and a reason. */
export function closeFrame(code: number, reason: string | Uint8Array = ''): Buffer {
  const payload = Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
  return frameOf(fin | opcodes.close, payload);
}

/** A client that works on bytes: the answer to its upgrade, and each frame since. */
export class RawWebSocket implements AsyncDisposable {
  readonly socket: Socket;
  readonly frames: RawFrame[] = [];
  /** The server's answer to the upgrade, `HTTP/1.1 101 ...` and its headers; empty until it arrives. */
  head = '';
  /** Resolves when the connection is closed. */
  readonly closed: Promise<unknown>;
  #rest: Buffer = Buffer.alloc(0);
  readonly #waiting = new Set<() => void>();

  /** Connects and requests the upgrade. `headers` replace the default ones of the same name. */
  constructor(port: number, headers: Readonly<Record<string, string>> = {}, path = '/') {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.closed = closedOf(this.socket).then(() => this.#wake());
    const asked = {
      Host: `127.0.0.1:${port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    };
    const lines = Object.entries(asked).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  /** Opens a client whose upgrade must be accepted. */
  static async open(port: number, headers: Readonly<Record<string, string>> = {}, path = '/') {
    const made = new RawWebSocket(port, headers, path);
    await made.until(() => made.head !== '');
    if (made.status !== 101) throw new Error(`refused: ${made.head}`);
    return made;
  }

  /** The HTTP status; 0 until it arrives. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.head)?.[1] ?? 0);
  }

  /** The code and the reason of the server's close frame; null until it arrives. */
  get close(): { readonly code: number | null; readonly reason: string } | null {
    const frame = this.frames.find(({ opcode }) => opcode === opcodes.close);
    if (!frame) return null;
    const { payload } = frame;
    const code = payload.length < 2 ? null : payload.readUInt16BE(0);
    return { code, reason: String(payload.subarray(2)) };
  }

  /** The texts of the server, parsed as JSON. */
  get messages(): Record<string, unknown>[] {
    return this.frames
      .filter(({ opcode }) => opcode === opcodes.text)
      .map(({ payload }) => JSON.parse(String(payload)));
  }

  count(opcode: number): number {
    return this.frames.filter((frame) => frame.opcode === opcode).length;
  }

  send(...frames: Uint8Array[]): boolean {
    return this.socket.write(Buffer.concat(frames));
  }

  /** Resolves when a condition holds, or when the connection is closed. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.socket.closed) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.head === '') this.#readHead();
    if (this.status === 101) while (this.#readFrame());
    this.#wake();
  }

  #readHead(): void {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return;
    this.head = String(this.#rest.subarray(0, end));
    this.#rest = this.#rest.subarray(end + 4);
  }

  /** @returns whether a complete frame was there */
  #readFrame(): boolean {
    const rest = this.#rest;
    const [first = 0, second = 0] = rest;
    const start = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (rest.length < start) return false;
    const length =
      second < 126 ? second : second === 126 ? rest.readUInt16BE(2) : rest.readUInt32BE(6);
    if (rest.length < start + length) return false;
    const payload = rest.subarray(start, start + length);
    this.frames.push({ first, opcode: first & 0x0f, payload });
    this.#rest = rest.subarray(start + length);
    return true;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
