import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Penalties, reservedDescriptors } from '../server/limits/index.js';
import { type Answer, type FileAnswer, isFile } from './answer.js';
import { writeAnswer } from './answer-writer.js';

/** Limits of the connections of a web server. */
export interface ConnectionLimits {
  /**
   * Open connections, including WebSockets. A new one replaces the oldest idle one; if none is idle, the one with the oldest answer.
   * At most half of the file descriptors that are not reserved for clients. @default 128
   */
  readonly maxConnections: number;
  /** Pipelined requests of one connection; more close it. @default 16 */
  readonly maxPipelined: number;
  /** Milliseconds that new connections of that address are paused before they are closed. @default 1000 */
  readonly penalty: number;
  /** Milliseconds to send 64 KiB of an answer; then the connection is closed. @default 10000 */
  readonly writeTimeout: number;
  /** Backlog of all answers in bytes; beyond it the connection with the oldest answer is closed. @default 67108864 */
  readonly maxUnsent: number;
}

const defaultLimits: ConnectionLimits = {
  maxConnections: 128,
  maxPipelined: 16,
  penalty: 1_000,
  writeTimeout: 10_000,
  maxUnsent: 64 * 1_024 * 1_024,
};

/** Answers started per turn of the event loop, so that clients of the gate get their share. */
const perTurn = 8;

interface Connection {
  /** Requests without a complete answer. */
  requests: number;
  /** Resolves when the last of them is answered. */
  answered: Promise<void>;
  isUpgraded: boolean;
}

/**
 * The connections of a web server. Each has one answer in progress: the next one is made after the previous one is flushed.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #max: number;
  readonly #open = new Map<Socket, Connection>();
  /** Idle connections, idle for longest first. */
  readonly #idle = new Set<Socket>();
  /** Answers in progress, the oldest first. */
  readonly #unsent = new Map<Socket, (Answer | FileAnswer)['body']>();
  /** Answers started in this turn of the event loop. */
  #begun = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #penalties: Penalties;

  constructor(server: Server, limits: Partial<ConnectionLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    const { penalty } = this.#limits;
    const now = () => performance.now();
    this.#penalties = new Penalties({ min: penalty, max: penalty, sources: 4_096, now });
    this.#max = Math.min(this.#limits.maxConnections, Math.floor(reservedDescriptors() / 2));
    server.on('connection', (socket: Socket) => this.#add(socket));
  }

  /** Answers a request after the previous requests of its connection. @param make must not reject. */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    make: () => Promise<Answer | FileAnswer>,
  ): void {
    const { socket } = request;
    const connection = this.#open.get(socket);
    // The parser continues after the connection is closed.
    if (!connection || socket.destroyed) return;
    connection.requests += 1;
    this.#idle.delete(socket);
    connection.answered = connection.answered.then(async () => {
      await this.#turn();
      if (!socket.destroyed) await this.#write(request, response, await make());
      connection.requests -= 1;
      if (connection.requests === 0 && this.#open.has(socket)) this.#idle.add(socket);
    });
  }

  /** Whether a connection has the maximum number of pipelined requests. */
  isFull(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    return connection !== undefined && connection.requests >= this.#limits.maxPipelined;
  }

  /** Closes a connection with too many requests, and penalizes its address. */
  refuse(socket: Socket): void {
    this.#penalties.add(socket.remoteAddress ?? '', this.#limits.penalty);
    socket.destroy();
  }

  /** Hands a connection over to its upgrade. @returns whether it had no other request. */
  upgrade(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    if (connection?.requests !== 0) return false;
    connection.isUpgraded = true;
    this.#idle.delete(socket);
    return true;
  }

  #add(socket: Socket): void {
    if (this.#open.size >= this.#max && !this.#evict()) {
      socket.destroy();
      return;
    }
    this.#open.set(socket, { requests: 0, answered: Promise.resolve(), isUpgraded: false });
    this.#idle.add(socket);
    const penalty = this.#penalties.remaining(socket.remoteAddress ?? '');
    const timer = penalty > 0 ? setTimeout(() => socket.destroy(), penalty) : undefined;
    // Stop reading. Node would resume it in this turn.
    if (timer) setImmediate(() => socket.pause());
    socket.once('close', () => {
      clearTimeout(timer);
      this.#forget(socket);
    });
  }

  /** Closes one connection for a new one. @returns false when all are WebSockets. */
  #evict(): boolean {
    const [idle] = this.#idle;
    const [reading] = this.#unsent.keys();
    const closed = idle ?? reading ?? this.#oldestRequest();
    if (!closed) return false;
    closed.destroy();
    this.#forget(closed);
    return true;
  }

  #oldestRequest(): Socket | undefined {
    return [...this.#open].find(([, { isUpgraded }]) => !isUpgraded)?.[0];
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket);
    this.#idle.delete(socket);
    this.#unsent.delete(socket);
  }

  /** Resolves in a turn of the event loop that may start another answer. */
  #turn(): Promise<void> {
    if (this.#begun === 0 && this.#waiting.length === 0) setImmediate(this.#nextTurn);
    if (this.#begun >= perTurn) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#begun += 1;
    return Promise.resolve();
  }

  readonly #nextTurn = (): void => {
    const next = this.#waiting.splice(0, perTurn);
    this.#begun = next.length;
    if (next.length > 0) setImmediate(this.#nextTurn);
    for (const begin of next) begin();
  };

  async #write(
    request: IncomingMessage,
    response: ServerResponse,
    answer: Answer | FileAnswer,
  ): Promise<void> {
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
      socket.destroy();
      this.#forget(socket);
    }
  }

  /** Answers may share a body, which counts once. */
  #unsentBytes(): number {
    let sum = 0;
    for (const body of new Set(this.#unsent.values())) sum += isFile(body) ? 0 : body.length;
    return sum;
  }
}
