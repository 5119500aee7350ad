import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';
import {
  type ClientRequest,
  createServer,
  GateServer,
  type ServerEvents,
  type ServerOptions,
  type ServerSession,
} from '../server/index.js';
import { attributesOf, lastOf, replyError, replyNoHandler } from './reply-error.js';

/** The context of a handler (`@Ctx()`): the session and the whole message. */
export class GateContext extends BaseRpcContext<[session: ServerSession, message: WireMessage]> {
  get session(): ServerSession {
    return this.args[0];
  }

  get message(): WireMessage {
    return this.args[1];
  }
}

type Listeners = {
  [Name in keyof ServerEvents]: (...what: ServerEvents[Name]) => void;
};

/**
 * A transport for NestJS microservices. `@MessagePattern('RequestAgentLogin')` handles the messages of registered clients with this name: an
 * object that it returns is sent with EventAck, an RpcException is answered with EventError. `@EventPattern` handles without an answer.
 * A message without a handler is answered with EventError 404.
 */
export class GateTransport extends Server<Listeners> implements CustomTransportStrategy {
  readonly #given: GateServer | ServerOptions;
  readonly #drainMs: number;
  readonly #listeners: ((gate: GateServer) => void)[] = [];
  #gate: GateServer | null = null;

  /**
   * @param gate the gate, or the options of the gate that `listen` creates; its `onMessage` is replaced. `close` closes it.
   * @param drainMs milliseconds that registered clients have to leave when the application closes
   * @throws {OptionError} for an invalid `drainMs`
   */
  constructor(gate: GateServer | ServerOptions = {}, { drainMs = 5_000 } = {}) {
    super();
    this.#given = gate;
    this.#drainMs = wholeNumber('drainMs', drainMs, { ...delays, min: 0 });
  }

  async listen(callback: (error?: unknown) => unknown): Promise<void> {
    const onMessage = (request: ClientRequest) => this.#handle(request);
    try {
      if (this.#given instanceof GateServer) {
        this.#gate = this.#given;
        this.#gate.reconfigure({ onMessage });
      } else this.#gate = await createServer({ ...this.#given, onMessage });
    } catch (error) {
      callback(error);
      return;
    }
    for (const listen of this.#listeners) listen(this.#gate);
    callback();
  }

  async close(): Promise<void> {
    await this.#gate?.close({ drainMs: this.#drainMs });
  }

  /** Adds a listener of the gate, now or once it exists. */
  on<Name extends keyof Listeners>(name: Name, listener: Listeners[Name]): void {
    const add = (gate: GateServer) => void gate.on(name, listener as never);
    if (this.#gate) add(this.#gate);
    else this.#listeners.push(add);
  }

  /** The gate; it exists once the microservice listens. */
  unwrap<Gate = GateServer>(): Gate {
    return this.#gate as Gate;
  }

  async #handle({ message, session, reply }: ClientRequest): Promise<void> {
    const { messageName } = message;
    const handler = this.getHandlerByPattern(messageName);
    if (!handler) {
      replyNoHandler(reply, messageName);
      return;
    }
    const context = new GateContext([session, message]);
    if (handler.isEventHandler) {
      await this.handleEvent(messageName, { pattern: messageName, data: message }, context);
      return;
    }
    const values = this.transformToObservable(await handler(message, context));
    // An error of the answer, e.g. of a value that is not JSON, becomes a problem of the gate.
    await lastOf(values).then(
      (last) => reply.ack(attributesOf(last)),
      (error) => replyError(reply, error),
    );
  }
}
