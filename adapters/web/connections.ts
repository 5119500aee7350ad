import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { reservedDescriptors } from '../server/limits/index.js';
import { type Answer, isFile } from './answer.js';
import { writeAnswer } from './answer-writer.js';

/** What the connections of a web server may take. */
export interface ConnectionLimits {
  /**
   * Open connections, WebSockets included. A new one takes the place of the oldest that has no request under way, or of one that
   * takes long to read its answer. Never more than half of the descriptors that are not for clients. @default 128
   */
  readonly maxConnections: number;
  /** Milliseconds an answer must be under way before its connection may be closed for a new one. @default 1000 */
  readonly minAnswerTime: number;
  /** Requests of one connection that wait for an answer; more, and it is closed. @default 16 */
  readonly maxPipelined: number;
  /** Milliseconds a connection may take none of its answer; then it is closed. @default 10000 */
  readonly writeTimeout: number;
  /** Bytes of all answers under way; beyond it the connection that reads for longest is closed. @default 67108864 */
  readonly maxUnsent: number;
}

const defaultLimits: ConnectionLimits = {
  maxConnections: 128,
  minAnswerTime: 1_000,
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

interface Unsent {
  readonly body: Answer['body'];
  /** By a clock that never jumps. */
  readonly since: number;
}

/**
 * The connections of a web server. Each has one answer under way at a time: the next one is not made before the connection has
 * taken the one before.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #max: number;
  readonly #open = new Map<Socket, Connection>();
  /** Those without a request, idle for longest first. */
  readonly #idle = new Set<Socket>();
  /** Answers under way, the oldest first. */
  readonly #unsent = new Map<Socket, Unsent>();

  constructor(server: Server, limits: Partial<ConnectionLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#max = Math.min(this.#limits.maxConnections, Math.floor(reservedDescriptors() / 2));
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
    this.#idle.delete(socket);
    connection.answered = connection.answered.then(async () => {
      if (!socket.destroyed) await this.#write(request, response, await make());
      connection.requests -= 1;
      if (connection.requests === 0 && this.#open.has(socket)) this.#idle.add(socket);
    });
  }

  /** Leaves a connection to its upgrade. @returns whether it had no other request. */
  upgrade(socket: Socket): boolean {
    this.#idle.delete(socket);
    return this.#open.get(socket)?.requests === 0;
  }

  #add(socket: Socket): void {
    if (this.#open.size >= this.#max && !this.#evict()) {
      socket.destroy();
      return;
    }
    this.#open.set(socket, { requests: 0, answered: Promise.resolve() });
    this.#idle.add(socket);
    socket.once('close', () => this.#forget(socket));
  }

  /** Closes one connection for a new one. @returns false when none may be closed. */
  #evict(): boolean {
    const [idle] = this.#idle;
    const [slow] = this.#unsent;
    const isSlow = slow && performance.now() - slow[1].since >= this.#limits.minAnswerTime;
    const closed = idle ?? (isSlow ? slow[0] : null);
    if (!closed) return false;
    closed.destroy();
    this.#forget(closed);
    return true;
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket);
    this.#idle.delete(socket);
    this.#unsent.delete(socket);
  }

  async #write(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const { socket } = request;
    if (socket.destroyed) return;
    this.#unsent.set(socket, { body: answer.body, since: performance.now() });
    this.#makeRoom(socket);
    await writeAnswer(request, response, answer, this.#limits.writeTimeout);
    this.#unsent.delete(socket);
  }

  #makeRoom(newest: Socket): void {
    for (const socket of this.#unsent.keys()) {
      if (socket === newest || this.#unsentBytes() <= this.#limits.maxUnsent) return;
      socket.destroy();
      this.#forget(socket);
    }
  }

  /** Answers share the bytes of a file, which count once. */
  #unsentBytes(): number {
    let sum = 0;
    const bodies = new Set([...this.#unsent.values()].map(({ body }) => body));
    for (const body of bodies) sum += isFile(body) ? 0 : body.length;
    return sum;
  }
}
