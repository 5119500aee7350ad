import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** `up` is from the gate to the store. */
export type Lane = 'up' | 'down';

/** How bytes pass. A lane that is `cut` keeps them until it is open again, as TCP does while packets are lost. */
interface LaneState {
  isCut: boolean;
  /** Milliseconds that each chunk waits. */
  delay: number;
}

/** A TCP proxy on a port of 127.0.0.1, whose lanes are cut and slowed. It accepts connections while they are cut. */
export class CuttingProxy implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  readonly #lanes: Record<Lane, LaneState> = {
    up: { isCut: false, delay: 0 },
    down: { isCut: false, delay: 0 },
  };
  readonly #queues = new Set<ChunkQueue>();

  /** @param target port of this machine */
  static async open(target: number): Promise<CuttingProxy> {
    const listener = createServer({ pauseOnConnect: true, noDelay: true });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new CuttingProxy(listener, target);
  }

  private constructor(listener: Server, target: number) {
    this.#listener = listener;
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', (client) => {
      const server = connect({ host: '127.0.0.1', port: target, noDelay: true });
      this.#keep(client);
      this.#keep(server);
      this.#pass('up', client, server);
      this.#pass('down', server, client);
      client.resume();
    });
  }

  cut(lanes: readonly Lane[]): void {
    for (const lane of lanes) this.#lanes[lane].isCut = true;
  }

  slow(delay: number): void {
    for (const lane of Object.values(this.#lanes)) lane.delay = delay;
  }

  /** Lets all pass again. @param isLate whether what was kept arrives now; otherwise the connections are reset */
  heal(isLate: boolean): void {
    for (const lane of Object.values(this.#lanes)) Object.assign(lane, { isCut: false, delay: 0 });
    if (!isLate) for (const socket of this.#sockets) socket.resetAndDestroy();
    for (const queue of this.#queues) queue.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#listener.listening) await once(this.#listener, 'close');
  }

  #pass(lane: Lane, from: Socket, to: Socket): void {
    const queue = new ChunkQueue(this.#lanes[lane], to);
    this.#queues.add(queue);
    from.on('data', (chunk) => queue.add(chunk));
    from.on('close', () => {
      // The other side does not learn of the end while packets are lost.
      queue.add(null);
    });
    to.on('close', () => this.#queues.delete(queue));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** The chunks of one direction of one connection, in order. Null is the end. */
class ChunkQueue {
  readonly #state: Readonly<LaneState>;
  readonly #target: Socket;
  #chunks: { readonly bytes: Buffer | null; readonly due: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(state: Readonly<LaneState>, target: Socket) {
    this.#state = state;
    this.#target = target;
  }

  add(bytes: Buffer | null): void {
    this.#chunks.push({ bytes, due: performance.now() + this.#state.delay });
    this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    while (!this.#state.isCut) {
      const [first] = this.#chunks;
      if (!first) return;
      const wait = first.due - now;
      if (wait > 0) {
        this.#timer = setTimeout(() => this.flush(), wait);
        return;
      }
      this.#chunks.shift();
      if (first.bytes === null) this.#target.destroy();
      else if (!this.#target.destroyed) this.#target.write(first.bytes);
    }
  }
}
