import { AsyncLocalStorage } from 'node:async_hooks';
import type { INestApplicationContext, WebSocketAdapter, WsMessageHandler } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import { OptionError } from '../runtime/errors.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';
import type {
  Attachment,
  ClientRequest,
  GateServer,
  HttpServer,
  Reply,
  SendOutcome,
  ServerSession,
} from '../server/index.js';
import { attributesOf, lastOf, replyError, replyNoHandler } from './reply-error.js';

/** The options of `@WebSocketGateway` that the adapter knows. */
export interface GatewayOptions {
  /** Path of the clients on the server of the application. @default none: clients connect to `listen` of the gate */
  readonly path?: string;
}

type Transform = (result: unknown) => Observable<unknown>;

interface Handler {
  readonly handle: WsMessageHandler['callback'];
  readonly transform: Transform;
  /** Whether the handler has the reply (`@Ack()`) and answers itself. */
  readonly answersItself: boolean;
}

/** The reply to the message that a handler works on. Nest does not pass it to exception filters. */
const replies = new AsyncLocalStorage<Pick<Reply, 'error'>>();

/** A registered client as gateways see it (`@ConnectedSocket()`). */
export class GatewayClient {
  readonly session: ServerSession;
  /** @internal */
  readonly handlers = new Map<string, Handler>();
  /** @internal */
  readonly disconnected: ((reason: string) => void)[] = [];

  /** @internal */
  constructor(session: ServerSession) {
    this.session = session;
  }

  get id(): string {
    return this.session.id;
  }

  /** Sends a message. @returns what happened to it, as `session.send` */
  send(message: WireMessage): SendOutcome {
    return this.session.send(message);
  }

  /** Exception filters of Nest call it: `exception` answers the message with EventError. */
  emit(event: string, payload: unknown): void {
    const reply = replies.getStore();
    if (event === 'exception' && reply) replyError(reply, payload);
  }
}

/**
 * Registered clients of a gate in NestJS gateways: `app.useWebSocketAdapter(new GateAdapter(app, gate))`. `handleConnection` is called for
 * each client that registers. `@SubscribeMessage('RequestAgentLogin')` handles its messages with this name: an object that it
 * returns is sent with EventAck, a WsException is answered with EventError. A handler with `@Ack() reply` answers itself. A message without a handler is answered with EventError 404.
 * All gateways share the gate. The adapter replaces `onMessage` of the gate and closes it with the application.
 */
export class GateAdapter implements WebSocketAdapter<GateServer, GatewayClient, GatewayOptions> {
  readonly #app: INestApplicationContext;
  readonly #gate: GateServer;
  readonly #drainMs: number;
  readonly #clients = new Map<string, GatewayClient>();
  readonly #attachments = new Map<string, Attachment>();

  /**
   * @param drainMs milliseconds that registered clients have to leave when the application closes
   * @throws {OptionError} for an invalid `drainMs`
   */
  constructor(app: INestApplicationContext, gate: GateServer, { drainMs = 5_000 } = {}) {
    this.#app = app;
    this.#gate = gate;
    this.#drainMs = wholeNumber('drainMs', drainMs, { ...delays, min: 0 });
    gate.reconfigure({ onMessage: (request) => this.#handle(request) });
    gate.on('disconnected', ({ id }, reason) => {
      const client = this.#clients.get(id);
      this.#clients.delete(id);
      for (const disconnected of client?.disconnected ?? []) disconnected(reason);
    });
  }

  /** @throws {OptionError} for a port: the gate listens, or the server of the application */
  create(port: number, { path }: GatewayOptions = {}): GateServer {
    if (port !== 0) throw new OptionError('port', port, 'none: use listen of createServer');
    if (path !== undefined && !this.#attachments.has(path)) {
      const { getHttpServer } = this.#app as { getHttpServer?(): HttpServer };
      if (!getHttpServer) throw new OptionError('path', path, 'an application with a web server');
      const server = Reflect.apply(getHttpServer, this.#app, []) as HttpServer;
      this.#attachments.set(path, this.#gate.attach(server, { path }));
    }
    return this.#gate;
  }

  bindClientConnect(gate: GateServer, connected: (client: GatewayClient) => void): void {
    gate.on('registered', ({ id }) => {
      const client = this.#clientOf(id);
      if (client) connected(client);
    });
  }

  bindClientDisconnect(client: GatewayClient, disconnected: (reason: string) => void): void {
    client.disconnected.push(disconnected);
  }

  closeClient({ session }: GatewayClient): void {
    session.disconnect();
  }

  bindMessageHandlers(
    client: GatewayClient,
    handlers: readonly WsMessageHandler[],
    transform: Transform,
  ): void {
    for (const { message, callback, isAckHandledManually: answersItself } of handlers) {
      client.handlers.set(message, { handle: callback, transform, answersItself });
    }
  }

  async close(gate: GateServer): Promise<void> {
    await gate.close({ drainMs: this.#drainMs });
    for (const attachment of this.#attachments.values()) attachment.close();
  }

  /** Nest calls it when all gateways are closed. */
  async dispose(): Promise<void> {}

  #clientOf(id: string): GatewayClient | null {
    const known = this.#clients.get(id);
    if (known) return known;
    const session = this.#gate.session(id);
    if (!session) return null;
    const client = new GatewayClient(session);
    this.#clients.set(id, client);
    return client;
  }

  async #handle({ message, session, reply }: ClientRequest): Promise<void> {
    const handler = this.#clients.get(session.id)?.handlers.get(message.messageName);
    if (!handler) {
      replyNoHandler(reply, message.messageName);
      return;
    }
    const { handle, transform, answersItself } = handler;
    let isAnswered = answersItself;
    // An exception is answered by a filter, and the observable completes without a value.
    const failing: Pick<Reply, 'error'> = {
      error(code, description) {
        isAnswered = true;
        return reply.error(code, description);
      },
    };
    await replies.run(failing, async () => {
      const value = await lastOf(transform(handle(message, reply)));
      if (!isAnswered) reply.ack(attributesOf(value));
    });
  }
}
