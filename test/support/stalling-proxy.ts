import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A TCP proxy on a port of 127.0.0.1 that stays the same while the server behind it changes. `stall` simulates a path that loses every packet:
 * nothing is forwarded in either direction, and neither side sees an end or a reset.
 */
export class StallingProxy implements AsyncDisposable {
  /** Port of the server on this machine; 0 resets every connection, like a machine without a server. */
  target = 0;
  readonly port: number;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  #stalled: (() => void)[] | null = null;

  static async open(): Promise<StallingProxy> {
    const listener = createServer({ pauseOnConnect: true, noDelay: true });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new StallingProxy(listener);
  }

  private constructor(listener: Server) {
    this.#listener = listener;
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', (client) => {
      this.#keep(client);
      this.#whenOpen(() => this.#forward(client));
    });
  }

  stall(): void {
    this.#stalled ??= [];
  }

  /** Forwards the delayed data. */
  release(): void {
    const waiting = this.#stalled ?? [];
    this.#stalled = null;
    for (const pass of waiting) pass();
  }

  /** Ends every connection, as the exit of the server does. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#listener.listening) await once(this.#listener, 'close');
  }

  #forward(client: Socket): void {
    if (client.destroyed) return;
    const server = connect({ host: '127.0.0.1', port: this.target, noDelay: true });
    this.#keep(server);
    this.#pass(client, server);
    this.#pass(server, client);
    client.resume();
  }

  #pass(from: Socket, to: Socket): void {
    from.on('data', (chunk) => this.#whenOpen(() => void to.write(chunk)));
    from.on('close', (hadError) =>
      this.#whenOpen(() => void (hadError ? to.resetAndDestroy() : to.end())),
    );
  }

  /** Now, or when the path is open again, after the data that waits already. */
  #whenOpen(pass: () => void): void {
    if (this.#stalled) this.#stalled.push(pass);
    else pass();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
