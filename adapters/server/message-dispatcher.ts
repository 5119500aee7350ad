import { toError } from '../runtime/errors.js';
import { isPromiseLike } from '../runtime/is-promise-like.js';
import type { CheckedMessage, DeclaredMessageSchemas } from './declared-messages.js';
import type { Instrumentation } from './instrumentation.js';
import type { ServerSettings } from './options.js';
import type { ClientRequest, TrackedReply } from './reply.js';

/** What a dispatcher needs of its gate. */
export interface DispatcherHost {
  /** The settings in force now. */
  readonly settings: Pick<ServerSettings, 'declared' | 'on' | 'onMessage' | 'redact'>;
  /** Traces the handlers; null without tracing. */
  readonly instrumentation: Instrumentation | null;
  problem(error: Error): void;
}

/**
 * Checks the messages of registered clients and passes them to the handlers of the service. An error of a handler is reported as a
 * problem and ends neither the connection nor the process; the client gets internal-error unless the handler has replied.
 */
export class MessageDispatcher {
  readonly #host: DispatcherHost;

  constructor(host: DispatcherHost) {
    this.#host = host;
  }

  /** @returns a promise that resolves when the handler is done; undefined if it is done already. It never rejects. */
  dispatch(request: ClientRequest<unknown>, reply: TrackedReply): Promise<void> | undefined {
    try {
      const { declared } = this.#host.settings;
      const declaration = declared?.get(request.message.messageName);
      const done = declaration
        ? this.#check(declaration, request, reply)
        : this.#call(request, request.message.messageName);
      if (!isPromiseLike(done)) return undefined;
      return Promise.resolve(done).then(
        () => {},
        (error: unknown) => this.#failed(error, reply),
      );
    } catch (error) {
      this.#failed(error, reply);
      return undefined;
    }
  }

  #check(
    declaration: DeclaredMessageSchemas,
    request: ClientRequest<unknown>,
    reply: TrackedReply,
  ): unknown {
    const { redact } = this.#host.settings;
    if (declaration.checksAck) {
      reply.checkAck = (attributes) => declaration.checkAck(attributes, redact);
    }
    const conclude = (checked: CheckedMessage): unknown => {
      if ('problem' in checked) return void reply.error('invalid-attribute', checked.problem);
      return this.#call({ ...request, message: checked.message }, request.message.messageName);
    };
    const checked = declaration.check(request.message, redact);
    return isPromiseLike(checked) ? checked.then(conclude) : conclude(checked);
  }

  #call(request: ClientRequest<unknown>, messageName: string): unknown {
    const { on, onMessage } = this.#host.settings;
    const handler = on?.get(messageName) ?? onMessage;
    const { instrumentation } = this.#host;
    if (instrumentation === null) return handler(request);
    return instrumentation.handle(request.session.id, () => handler(request));
  }

  #failed(error: unknown, reply: TrackedReply): void {
    this.#host.problem(toError(error));
    if (reply.isUsed) return;
    try {
      reply.error('internal-error', 'the service failed; try again later');
    } catch (codecError) {
      this.#host.problem(toError(codecError));
    }
  }
}
