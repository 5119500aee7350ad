/**
 * A TCP proxy on loopback for one connection, which applies one fault at one byte offset of one direction. It does not interpret
 * the bytes: TLS and WebSocket pass unchanged.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { closedOf } from './closed.js';

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down';

/**
 * The effect after `at` bytes of the direction have passed; with 0, as soon as the connection is established.
 *
 * - `cut`: the receiver gets a FIN, and later bytes are dropped. The other direction continues.
 * - `reset`: both sides get a reset, after the receiver has read its bytes. Nothing passes in between.
 * - `stall`: nothing passes in this direction, not even the end, until `release`.
 * - `split`: later bytes arrive in a separate segment, after the receiver has read the earlier ones.
 */
export interface Fault {
  readonly direction: Direction;
  readonly kind: 'cut' | 'reset' | 'stall' | 'split';
  readonly at: number;
}

export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  readonly up: Lane;
  readonly down: Lane;
  readonly #listener: Server;
  readonly #sockets: Socket[] = [];
  /** The port that the server sees once the proxy has connected to it. */
  readonly carried: Promise<number>;

  /** Accepts one connection and forwards it to a port of this machine. */
  static async open(target: number, fault: Fault | null = null): Promise<FaultProxy> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new FaultProxy(listener, target, fault);
  }

  private constructor(listener: Server, target: number, fault: Fault | null) {
    this.#listener = listener;
    this.port = (listener.address() as AddressInfo).port;
    const lane = (direction: Direction) =>
      new Lane(fault?.direction === direction ? fault : null, () => this.#reset());
    this.up = lane('up');
    this.down = lane('down');
    this.carried = new Promise((resolve) =>
      listener.once('connection', (client) => this.#carry(client, target, resolve)),
    );
  }

  /** Whether the fault has happened. */
  get struck(): boolean {
    return this.up.struck || this.down.struck;
  }

  /** Ends a stall and passes the held bytes. A fault that has not happened yet is cancelled. */
  release(): void {
    this.up.release();
    this.down.release();
  }

  /** Destroys the remaining sockets. */
  async close(): Promise<void> {
    if (this.#listener.listening) {
      this.#listener.close();
      await once(this.#listener, 'close', { signal: AbortSignal.timeout(1) }).catch(() => {});
    }
    const open = this.#sockets.filter(({ closed }) => !closed);
    const gone = open.map(closedOf);
    for (const socket of open) socket.destroy();
    await Promise.all(gone);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #carry(client: Socket, target: number, carried: (port: number) => void): void {
    this.#listener.close();
    const server = connect({
      host: '127.0.0.1',
      port: target,
      allowHalfOpen: true,
      noDelay: true,
    });
    this.#sockets.push(client, server);
    client.on('error', () => {});
    server.on('error', () => {});
    const start = () => {
      carried(server.localPort ?? 0);
      this.up.start(client, server);
      this.down.start(server, client);
    };
    acceptedBy(target, server).then(start, () => client.resetAndDestroy());
  }

  async #reset(): Promise<void> {
    const held = [this.up.hold(), this.down.hold()];
    await Promise.all(held);
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

/**
 * Resolves when a listener of this process has accepted a socket. The system reports "connected" earlier: the event loop accepts one
 * connection per turn, and a reset before the accept would hide the client's address.
 */
async function acceptedBy(target: number, socket: Socket): Promise<void> {
  const ports = new Set<number>();
  const wake = { up: () => {} };
  const arrived = (message: unknown) => {
    const { localPort, remotePort = 0 } = (message as { socket: Socket }).socket;
    if (localPort !== target) return;
    ports.add(remotePort);
    wake.up();
  };
  subscribe('net.server.socket', arrived);
  try {
    await once(socket, 'connect');
    while (!ports.has(socket.localPort ?? 0)) {
      await new Promise<void>((resolve) => {
        wake.up = resolve;
      });
    }
  } finally {
    unsubscribe('net.server.socket', arrived);
  }
}

/** One direction. An exchange is small, so a fast sender is not slowed down. */
class Lane {
  /** Bytes that arrived, and how many of them were passed on. */
  readonly received: Buffer[] = [];
  readonly passed: Buffer[] = [];
  struck = false;
  #fault: Fault | null;
  readonly #reset: () => void;
  #target: Socket | null = null;
  #state: 'passing' | 'holding' | 'dropping' = 'passing';
  #held: Buffer[] = [];
  #ending: 'end' | 'reset' | null = null;
  #count = 0;

  constructor(fault: Fault | null, reset: () => void) {
    this.#fault = fault;
    this.#reset = reset;
  }

  /** Bytes passed on. */
  get count(): number {
    return this.#count;
  }

  start(source: Socket, target: Socket): void {
    this.#target = target;
    source.on('data', (chunk: Buffer) => {
      this.received.push(chunk);
      this.#take(chunk);
    });
    source.once('end', () => this.#finish('end'));
    source.once('error', () => this.#finish('reset'));
    // The client ended before the proxy had connected to the server.
    if (source.destroyed) this.#finish('reset');
    if (this.#fault?.at === 0) this.#strike(this.#fault);
    source.resume();
  }

  /** Stops forwarding. @returns when the receiver has read what was passed */
  async hold(): Promise<void> {
    this.#state = 'holding';
    await this.#had();
  }

  release(): void {
    this.#fault = null;
    if (this.#state !== 'holding') return;
    this.#state = 'passing';
    for (const chunk of this.#held.splice(0)) this.#pass(chunk);
    if (this.#ending) this.#finish(this.#ending);
  }

  #take(chunk: Buffer): void {
    if (this.#state === 'dropping') return;
    if (this.#state === 'holding') {
      this.#held.push(chunk);
      return;
    }
    const fault = this.#fault;
    const left = fault ? fault.at - this.#count : Number.POSITIVE_INFINITY;
    this.#pass(chunk.subarray(0, left));
    if (!fault || chunk.length < left) return;
    this.#strike(fault);
    if (chunk.length > left) this.#take(chunk.subarray(left));
  }

  #pass(chunk: Buffer): void {
    if (chunk.length === 0 || !this.#target?.writable) return;
    this.#count += chunk.length;
    this.passed.push(chunk);
    this.#target.write(chunk);
  }

  #finish(ending: 'end' | 'reset'): void {
    if (this.#state === 'dropping') return;
    this.#ending = ending;
    if (this.#state === 'holding') return;
    if (ending === 'end') this.#target?.end();
    else this.#target?.resetAndDestroy();
  }

  #strike({ kind }: Fault): void {
    this.struck = true;
    this.#fault = null;
    if (kind === 'cut') {
      this.#state = 'dropping';
      this.#target?.end();
    } else if (kind === 'reset') {
      this.#reset();
    } else {
      this.#state = 'holding';
      if (kind === 'split') void this.#had().then(() => this.release());
    }
  }

  /**
   * Both ends live in this process: the next turn of the event loop reads the bytes that the system has, and one more turn
   * runs the resulting events.
   */
  async #had(): Promise<void> {
    const target = this.#target;
    if (target?.writableLength) await new Promise((done) => target.write('', done));
    await turn();
    await turn();
    await turn();
  }
}
