/** The client in Node. */
import { EventEmitter } from 'node:events';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { SupervisorState } from '../../machines/registration/chart/supervisor-rules.js';
import { isStepRead, publishStep } from '../runtime/step-channel.js';
import type { Registration } from './client-connection-host.js';
import { ClientCore } from './client-core.js';
import type { ClientEvents, RequestOptions } from './client-events.js';
import { resolveOptions } from './node-options.js';
import type { ClientOptions } from './options.js';

/**
 * Creates a client that connects and registers at once.
 *
 * No listener is required: `registered` never becomes an unhandled rejection, and there is no `error` event. An error that a listener throws
 * surfaces as an uncaught exception and does not disturb the client.
 * @throws {OptionError} naming the option, its value and what is allowed
 * @throws {EndpointError} for an invalid endpoint
 */
export function createClient(options: ClientOptions): GateClient {
  return new GateClient(options);
}

export class GateClient extends EventEmitter<ClientEvents> implements AsyncDisposable {
  readonly #core: ClientCore;

  /** See {@link createClient}. */
  constructor(options: ClientOptions) {
    super();
    this.#core = new EmittingCore(options, this);
  }

  /**
   * The first registration.
   *
   * It stays pending while the client may still try again. It rejects with the error that stopped the client: RegistrationRefusedError,
   * ReplyTimeoutError, ConnectFailedError, DisconnectedError or ProtocolError of the last attempt; ClientClosedError; or the signal's
   * reason.
   */
  get registered(): Promise<Registration> {
    return this.#core.registered;
  }

  get state(): SupervisorState {
    return this.#core.state;
  }

  /**
   * Sends a message and waits for its answer, which is the next message of the server with the same reference id. A message without a
   * reference id gets one. A late answer is an `event`.
   *
   * When the server has announced that it shuts down, requests wait until the client is registered again. No request is sent twice.
   *
   * @throws {RequestRefusedError} when the answer is EventError; {ReplyTimeoutError}; the signal's reason; {DisconnectedError} when the
   *   connection ended before the answer, or with the reason `not-online` when the request was not sent; {ClientClosedError}; {OptionError}
   *   for an invalid message, or a reference id that is pending already
   */
  request(message: WireMessage, options: RequestOptions = {}): Promise<WireMessage> {
    return this.#core.request(message, options);
  }

  /**
   * Sends a message without waiting for an answer; an answer is an `event`.
   * @returns false when the client is not online; then nothing was sent
   * @throws {OptionError} for an invalid message, or one with the reference id of a pending request
   */
  send(message: WireMessage): boolean {
    return this.#core.send(message);
  }

  /** Stops the client for good. Resolves, and never rejects, when the connection is gone. May be called again. */
  close(): Promise<void> {
    return this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The client whose events an emitter of Node emits. */
class EmittingCore extends ClientCore {
  readonly #emitter: EventEmitter<ClientEvents>;

  constructor(options: ClientOptions, emitter: EventEmitter<ClientEvents>) {
    super(resolveOptions(options));
    this.#emitter = emitter;
  }

  protected override isStepRead(): boolean {
    return isStepRead() || this.#emitter.listenerCount('step') > 0;
  }

  protected override notify<Name extends keyof ClientEvents>(
    name: Name,
    values: ClientEvents[Name],
  ): void {
    if (name === 'step') publishStep(...(values as ClientEvents['step']));
    (this.#emitter.emit as (name: Name, ...values: ClientEvents[Name]) => boolean).call(
      this.#emitter,
      name,
      ...values,
    );
  }
}
