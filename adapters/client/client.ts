/** The client: the supervisor chart, with one connection at a time under it. */
import { EventEmitter } from 'node:events';
import { safeParse } from 'valibot';
import { createActor } from 'xstate';
import {
  type ErrorName,
  isTransientError,
  never,
  referenceIdOf,
  type SupervisorState,
  seated,
  supervisorMachine,
  systemClock,
  type WireMessage,
} from '../../machines/index.js';
import { type Endpoint, formatEndpoint } from '../net/transports/endpoint.js';
import { OptionError, toError } from '../runtime/errors.js';
import { publishStep } from '../runtime/step-channel.js';
import { onAbort } from './abort-listeners.js';
import { ClientConnection, clientSeat } from './client-connection.js';
import type {
  ClientConnectionHost,
  DisconnectInfo,
  Registration,
} from './client-connection-host.js';
import type { ClientEvents, RequestOptions } from './client-events.js';
import {
  ClientClosedError,
  DisconnectedError,
  type Notice,
  noticeFrom,
  RegistrationLostError,
  type RegistrationRefusedError,
  retryAfterOf,
} from './errors.js';
import { responseTimeout } from './option-schema.js';
import { type ClientOptions, type ClientSettings, resolveOptions } from './options.js';
import { PendingRequests } from './pending.js';

/** Errors that a registered client gets without asking, and after which it must not come back by itself. */
const endings: ReadonlySet<ErrorName> = new Set(['session-replaced', 'registration-revoked']);
/** Milliseconds over which the clients of a server that shuts down leave it. */
const leaveSpread = 1_000;

/**
 * Connects at once and registers by itself.
 *
 * Nothing has to be listened to: `registered` never becomes an unhandled rejection, and there is no `error` event. A
 * listener that throws does not disturb the client; what it threw surfaces as an uncaught exception.
 * @throws {OptionError} naming the option, its value and what is allowed; {EndpointError} for an endpoint.
 */
export function createClient(options: ClientOptions): GateClient {
  return new GateClient(options);
}

export class GateClient extends EventEmitter<ClientEvents> implements AsyncDisposable {
  /**
   * The first registration.
   *
   * While the client may still try again it waits. It rejects with what the client stopped for: RegistrationRefusedError,
   * ReplyTimeoutError, ConnectFailedError, DisconnectedError or ProtocolError of the last attempt; ClientClosedError; or the
   * signal's reason.
   */
  readonly registered: Promise<Registration>;
  readonly #settings: ClientSettings;
  readonly #pending = new PendingRequests();
  readonly #supervisor;
  readonly #done: Promise<void>;
  #resolveDone = () => {};
  #grant: (registration: Registration) => void = () => {};
  #deny: (reason: unknown) => void = () => {};
  #link: ClientConnection | null = null;
  #connections = 0;
  #announced: SupervisorState = 'offline';
  #departed: DisconnectInfo | null = null;
  /** Why the caller stopped the client. */
  #asked: { readonly reason: unknown } | null = null;
  /** What the server said that ends the registration for good. */
  #notice: Notice | null = null;
  #lastEndpoint = '';
  #stopLeaving = () => {};
  #failure: Error | null = null;
  #finished = false;
  #stopListening = () => {};

  /** See {@link createClient}. */
  constructor(options: ClientOptions) {
    super();
    this.#settings = resolveOptions(options);
    this.registered = new Promise((resolve, reject) => {
      this.#grant = resolve;
      this.#deny = reject;
    });
    this.registered.catch(() => {});
    this.#done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    const { endpoints } = this.#settings;
    this.#supervisor = createActor(
      supervisorMachine.provide({
        actors: { registration: seated(clientSeat(() => this.#link)) },
        actions: {
          open: ({ context }, { registration }) => {
            const endpoint = endpoints[context.endpoint];
            if (endpoint) this.#link = this.#openLink(endpoint, registration);
          },
          close: ({ event }) =>
            this.#link?.end('client-closed', event.type === 'Refused' ? event.error : null),
        },
      }),
      { input: this.#settings.supervisor, clock: systemClock },
    );
    this.#supervisor.subscribe({
      next: () => this.#announce(),
      // `random` threw: there is no way on.
      error: (error) => {
        this.#failure = toError(error);
        this.#link?.end('client-closed', this.#failure);
        this.#stopped();
      },
    });
    this.#supervisor.start();
    const { signal } = this.#settings;
    if (signal) this.#stopListening = onAbort(signal, this.#aborted);
    // Not at once: the caller is to add its listeners first.
    queueMicrotask(() => {
      if (signal?.aborted) this.#aborted();
      else if (this.#isActive) this.#supervisor.send({ type: 'Start' });
    });
  }

  get state(): SupervisorState {
    return this.#isActive ? this.#supervisor.getSnapshot().value : 'stopped';
  }

  /**
   * Sends a message and waits for its answer, which is the next message of the server with the same reference id. The
   * message gets a reference id if it has none. An answer that comes too late is an `event`.
   *
   * It rejects, always exactly once, with RequestRefusedError (the answer is EventError), ReplyTimeoutError, the signal's
   * reason, DisconnectedError (the connection ended, or the client is not online: nothing is kept for later), ClientClosedError,
   * or OptionError (the message is invalid, or its reference id is pending already).
   */
  async request(message: WireMessage, options: RequestOptions = {}): Promise<WireMessage> {
    const { signal, timeout = this.#settings.requestTimeout } = options;
    signal?.throwIfAborted();
    const wait = safeParse(responseTimeout, timeout);
    if (!wait.success) throw new OptionError('timeout', timeout, wait.issues[0].message);
    const link = this.#online();
    this.#pending.check(message);
    const referenceId = referenceIdOf(message) ?? this.#pending.nextReferenceId();
    const numbered: WireMessage = { ...message, referenceId };
    const bytes = link.encode(numbered);
    const { messageName } = message;
    const sentAt = performance.now();
    const timedOut = () => link.timedOut(sentAt);
    const answer = this.#pending.add({ messageName, referenceId, timeout, signal, timedOut });
    link.send(numbered, bytes);
    return answer;
  }

  /**
   * Sends a message as it is and waits for nothing; what the server answers is an `event`.
   * @returns false when the client is not online: nothing was sent.
   * @throws {OptionError} when the message is invalid, or has the reference id of a pending request.
   */
  send(message: WireMessage): boolean {
    this.#pending.check(message);
    if (!this.#link?.isRegistered) return false;
    return this.#link.send(message, this.#link.encode(message));
  }

  /** Stops for good. Resolves, and never rejects, when the connection is gone and nothing is left. May be called again. */
  close(): Promise<void> {
    this.#stop(new ClientClosedError());
    return this.#done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #aborted = (): void => this.#stop(this.#settings.signal?.reason);

  get #isActive(): boolean {
    return this.#supervisor.getSnapshot().status === 'active';
  }

  #stop(reason: unknown): void {
    if (!this.#isActive || this.#asked) return;
    this.#asked = { reason };
    this.#pending.rejectAll(reason);
    this.#supervisor.send({ type: 'Stop' });
  }

  #openLink(
    endpoint: Endpoint,
    registration: ConstructorParameters<typeof ClientConnection>[0],
  ): ClientConnection {
    this.#connections += 1;
    this.#lastEndpoint = formatEndpoint(endpoint);
    const host: ClientConnectionHost = {
      stepped: (step) => {
        publishStep(step);
        this.#tell('step', step);
      },
      registered: (granted) => this.#registered(granted),
      refused: (error) => this.#refused(error),
      received: (message) => {
        if (this.#pending.settle(message) || !this.#isActive) return;
        const notice = noticeFrom(message, this.#settings.errorCodes);
        if (notice) this.#noticed(notice);
        this.#tell('event', message);
      },
      ask: (message) => this.request(message, { timeout: never }),
      ended: ({ error }) => {
        const reason = this.#asked ? this.#asked.reason : (error ?? new ClientClosedError());
        this.#pending.rejectAll(reason);
      },
      gone: (ending) => this.#gone(ending),
    };
    const session = `${this.#settings.clientName}/${this.#connections}`;
    const referenceId = this.#pending.nextReferenceId();
    return new ClientConnection(
      registration,
      { session, endpoint, referenceId, settings: this.#settings },
      host,
    );
  }

  #registered(registration: Registration): void {
    // A listener of the step may have closed the client.
    if (!this.#isActive) return;
    this.#supervisor.send({ type: 'Registered' });
    this.#grant(registration);
    this.#tell('registered', registration);
  }

  #refused(error: RegistrationRefusedError): void {
    // A listener of the step may have closed the client.
    if (!this.#isActive) return;
    this.#tell('refused', error);
    if (this.#isActive)
      this.#supervisor.send({
        type: 'Refused',
        error,
        transient: isTransientError(error.errorName),
      });
  }

  /** The server says without being asked what becomes of the registration. */
  #noticed(notice: Notice): void {
    const link = this.#link;
    if (!link) return;
    if (endings.has(notice.errorName)) this.#notice = notice;
    if (notice.errorName !== 'shutting-down' || this.#settings.endpoints.length === 1) return;
    // Not all clients at once, and not before what was asked is answered.
    const jitter = leaveSpread * Math.min(1, Math.max(0, this.#settings.supervisor.random()));
    const timer = systemClock.setTimeout(async () => {
      await this.#pending.idle();
      if (this.#link === link) link.leave();
    }, jitter);
    this.#stopLeaving = () => systemClock.clearTimeout(timer);
  }

  #gone(ending: DisconnectInfo): void {
    this.#stopLeaving();
    const wasOnline = this.state === 'online';
    this.#link = null;
    this.#departed = ending;
    if (!this.#isActive) this.#finish();
    else if (ending.error) this.#failed(wasOnline, ending.error, ending.leaves === true);
    this.#notice = null;
  }

  #failed(wasOnline: boolean, error: Error, leaves: boolean): void {
    const notice = this.#notice;
    if (wasOnline && notice) {
      const { errorCode, errorName, errorDescription } = notice;
      const lost = new RegistrationLostError(
        this.#lastEndpoint,
        errorCode,
        errorName,
        errorDescription,
      );
      this.#supervisor.send({ type: 'Lost', error: lost, final: true });
    } else if (wasOnline) this.#supervisor.send({ type: 'Lost', error, leaves });
    else this.#supervisor.send({ type: 'Failed', error, retryAfter: retryAfterOf(error) });
  }

  /** Says where the supervisor is now, after it has got there. */
  #announce(): void {
    const { value, context } = this.#supervisor.getSnapshot();
    if (value === this.#announced) return;
    this.#announced = value;
    if (value === 'stopped') {
      this.#failure = context.error;
      this.#stopped();
    } else if (value === 'connecting') {
      this.#tell('connecting', context.endpoints[context.endpoint] ?? '', context.attempt);
    } else if (value === 'waiting') {
      this.#tellDeparture();
      // A listener may have closed the client.
      if (!this.#asked) this.#tell('waiting', context.delay, context.attempt + 1);
    }
  }

  #stopped(): void {
    this.#deny(this.#asked ? this.#asked.reason : this.#failure);
    if (this.#link === null) this.#finish();
  }

  /** Stopped, and the connection is gone. */
  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#stopListening();
    this.#tellDeparture();
    this.#tell('stopped', this.#asked ? null : this.#failure);
    this.#resolveDone();
  }

  #tellDeparture(): void {
    const departed = this.#departed;
    this.#departed = null;
    if (departed) this.#tell('disconnected', departed.reason, departed.error);
  }

  #tell<Name extends keyof ClientEvents>(name: Name, ...told: ClientEvents[Name]): void {
    try {
      (this.emit as (name: Name, ...told: ClientEvents[Name]) => boolean)(name, ...told);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  /** The registered connection. */
  #online(): ClientConnection {
    if (this.#asked || !this.#isActive) throw new ClientClosedError();
    if (!this.#link?.isRegistered)
      throw new DisconnectedError(
        'not-online',
        `the client is ${this.state === 'online' ? 'being disconnected' : this.state}; a request needs a registered connection`,
      );
    return this.#link;
  }
}
