import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Answer, isFile } from './answer.js';
import { writeAnswer } from './answer-writer.js';

/** What the connections of a web server may take. */
export interface ConnectionLimits {
  /** Requests of one connection that wait for an answer; more, and it is closed. @default 16 */
  readonly maxPipelined: number;
  /** Milliseconds a connection may take none of its answer; then it is closed. @default 10000 */
  readonly writeTimeout: number;
  /** Bytes of all answers under way; beyond it the connection that reads for longest is closed. @default 67108864 */
  readonly maxUnsent: number;
}

const defaultLimits: ConnectionLimits = {
  maxPipelined: 16,
  writeTimeout: 10_000,
  maxUnsent: 64 * 1_024 * 1_024,
};

interface Connection {
  /** Requests without a complete answer. */
  requests: number;
  /** Resolves when the last of them is answered. */
  answered: Promise<void>;
}

/**
 * The connections of a web server. Each has one answer under way at a time: the next one is not made before the connection has
 * taken the one before.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<Socket, Connection>();
  /** Answers under way, the oldest first. */
  readonly #unsent = new Map<Socket, Answer['body']>();

  constructor(server: Server, limits: Partial<ConnectionLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    server.on('connection', (socket: Socket) => this.#add(socket));
  }

  /** Answers a request after those before it. @param make must not reject. */
  answer(request: IncomingMessage, response: ServerResponse, make: () => Promise<Answer>): void {
    const { socket } = request;
    const connection = this.#open.get(socket);
    // The parser goes on to the end of a chunk although the connection is closed.
    if (!connection || socket.destroyed) return;
    if (connection.requests >= this.#limits.maxPipelined) {
      socket.destroy();
      return;
    }
    connection.requests += 1;
    connection.answered = connection.answered.then(async () => {
      if (!socket.destroyed) await this.#write(request, response, await make());
      connection.requests -= 1;
    });
  }

  /** Leaves a connection to its upgrade. @returns whether it had no other request. */
  upgrade(socket: Socket): boolean {
    return this.#open.get(socket)?.requests === 0;
  }

  #add(socket: Socket): void {
    this.#open.set(socket, { requests: 0, answered: Promise.resolve() });
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#unsent.delete(socket);
    });
  }

  async #write(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const { socket } = request;
    if (socket.destroyed) return;
    this.#unsent.set(socket, answer.body);
    this.#makeRoom(socket);
    await writeAnswer(request, response, answer, this.#limits.writeTimeout);
    this.#unsent.delete(socket);
  }

  #makeRoom(newest: Socket): void {
    for (const socket of this.#unsent.keys()) {
      if (socket === newest || this.#unsentBytes() <= this.#limits.maxUnsent) return;
      this.#unsent.delete(socket);
      socket.destroy();
    }
  }

  /** Answers share the bytes of a file, which count once. */
  #unsentBytes(): number {
    let sum = 0;
    for (const body of new Set(this.#unsent.values())) sum += isFile(body) ? 0 : body.length;
    return sum;
  }
}
