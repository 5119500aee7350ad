/** The client: the supervisor chart, which has one connection at a time. It runs in Node and in a browser. */
import type { RegistrationActor } from '../../machines/registration/chart/actor.js';
import { type ErrorName, isTransientError } from '../../machines/registration/chart/error-codes.js';
import { referenceIdOf, type WireMessage } from '../../machines/registration/chart/messages.js';
import type { SupervisorState } from '../../machines/registration/chart/supervisor-rules.js';
import { RegistrationRunner } from '../../machines/registration/session/registration-runner.js';
import { SupervisorRunner } from '../../machines/registration/session/supervisor-runner.js';
import { never, systemClock } from '../../machines/text/clock.js';
import { type Endpoint, formatEndpoint } from '../net/transports/endpoint.js';
import { OptionError, toError } from '../runtime/errors.js';
import { onAbort } from './abort-listeners.js';
import { ClientConnection, clientSeat } from './client-connection.js';
import type {
  ClientConnectionHost,
  DisconnectInfo,
  Registration,
} from './client-connection-host.js';
import type { ClientEvents, RequestOptions } from './client-events.js';
import { Departure } from './departure.js';
import {
  ClientClosedError,
  DisconnectedError,
  type Notice,
  noticeFrom,
  RegistrationLostError,
  type RegistrationRefusedError,
  waitsOf,
} from './errors.js';
import { responseTimeout } from './option-rules.js';
import { PendingRequests } from './pending.js';
import type { ClientSettings } from './settings.js';

/** Unsolicited errors that end a registration. The client comes back only after `kicked`, when the server told it when. */
const endingErrors: ReadonlySet<ErrorName> = new Set([
  'session-replaced',
  'registration-revoked',
  'kicked',
]);

/** A client without the methods of an event emitter, which each platform adds. */
export abstract class ClientCore implements AsyncDisposable {
  /**
   * The first registration.
   *
   * It stays pending while the client may still try again. It rejects with the error that stopped the client: RegistrationRefusedError,
   * ReplyTimeoutError, ConnectFailedError, DisconnectedError or ProtocolError of the last attempt; ClientClosedError; or the signal's
   * reason.
   */
  readonly registered: Promise<Registration>;
  readonly #settings: ClientSettings;
  readonly #pending = new PendingRequests();
  readonly #departure: Departure;
  readonly #supervisor;
  readonly #done: Promise<void>;
  #resolveDone = () => {};
  #grant: (registration: Registration) => void = () => {};
  #deny: (reason: unknown) => void = () => {};
  #connection: ClientConnection | null = null;
  #connections = 0;
  #announced: SupervisorState = 'offline';
  #disconnectInfo: DisconnectInfo | null = null;
  /** Why the caller stopped the client. */
  #stopRequest: { readonly reason: unknown } | null = null;
  /** The unsolicited error that ended the registration. */
  #notice: Notice | null = null;
  #lastEndpoint = '';
  #failure: Error | null = null;
  #finished = false;
  #stopListening = () => {};

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.registered = new Promise((resolve, reject) => {
      this.#grant = resolve;
      this.#deny = reject;
    });
    this.registered.catch(() => {});
    this.#done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    const { endpoints } = settings;
    this.#departure = new Departure(this.#pending, settings.supervisor.random);
    this.#supervisor = new SupervisorRunner(
      {
        createRegistration: () =>
          new RegistrationRunner({ seat: clientSeat(() => this.#connection), clock: systemClock }),
        open: (context, registration) => {
          const endpoint = endpoints[context.endpoint];
          if (endpoint) this.#connection = this.#openConnection(endpoint, registration);
        },
        close: (event) =>
          this.#connection?.end('client-closed', event.type === 'Refused' ? event.error : null),
      },
      settings.supervisor,
      systemClock,
    );
    this.#supervisor.subscribe({
      next: () => this.#announce(),
      // `random` threw, so the client cannot go on.
      error: (error) => {
        this.#failure = toError(error);
        this.#connection?.end('client-closed', this.#failure);
        this.#stopped();
      },
    });
    this.#supervisor.start();
    const { signal } = this.#settings;
    if (signal) this.#stopListening = onAbort(signal, this.#aborted);
    // In a microtask, so that the caller can add its listeners first.
    queueMicrotask(() => {
      if (signal?.aborted) this.#aborted();
      else if (this.#isActive) this.#supervisor.send({ type: 'Start' });
    });
  }

  get state(): SupervisorState {
    return this.#isActive ? this.#supervisor.getSnapshot().value : 'stopped';
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
  async request(message: WireMessage, options: RequestOptions = {}): Promise<WireMessage> {
    const { signal, timeout = this.#settings.requestTimeout } = options;
    signal?.throwIfAborted();
    if (!responseTimeout.is(timeout))
      throw new OptionError('timeout', timeout, responseTimeout.allowed);
    if (this.#stopRequest || !this.#pending.isHolding) this.#online();
    this.#pending.check(message);
    const referenceId = referenceIdOf(message) ?? this.#pending.nextReferenceId();
    const numbered: WireMessage = { ...message, referenceId };
    const { messageName } = message;
    let timedOut = () => {};
    const send = () => {
      const connection = this.#online();
      const bytes = connection.encode(numbered);
      const sentAt = performance.now();
      timedOut = () => connection.timedOut(sentAt);
      connection.send(numbered, bytes);
    };
    return this.#pending.add({
      ...{ messageName, referenceId, timeout, signal, send },
      timedOut: () => timedOut(),
    });
  }

  /**
   * Sends a message without waiting for an answer; an answer is an `event`.
   * @returns false when the client is not online; then nothing was sent
   * @throws {OptionError} for an invalid message, or one with the reference id of a pending request
   */
  send(message: WireMessage): boolean {
    this.#pending.check(message);
    if (!this.#connection?.isRegistered) return false;
    return this.#connection.send(message, this.#connection.encode(message));
  }

  /** Stops the client for good. Resolves, and never rejects, when the connection is gone. May be called again. */
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
    if (!this.#isActive || this.#stopRequest) return;
    this.#stopRequest = { reason };
    this.#pending.rejectAll(reason);
    this.#supervisor.send({ type: 'Stop' });
  }

  #openConnection(endpoint: Endpoint, registration: RegistrationActor): ClientConnection {
    this.#connections += 1;
    this.#lastEndpoint = formatEndpoint(endpoint);
    const host: ClientConnectionHost = {
      isStepRead: () => this.isStepRead(),
      stepped: (step) => this.#emit('step', step),
      registered: (granted) => this.#registered(granted),
      refused: (error) => this.#refused(error),
      received: (message) => {
        if (this.#pending.settle(message) || !this.#isActive) return;
        const notice = noticeFrom(message, this.#settings.errorCodes);
        if (notice) this.#onNotice(notice);
        this.#emit('event', message);
      },
      // A connection that is being left needs no check.
      ask: async (message) => {
        if (!this.#pending.isHolding) await this.request(message, { timeout: never });
      },
      ended: ({ error }) => {
        const reason = this.#stopRequest
          ? this.#stopRequest.reason
          : (error ?? new ClientClosedError());
        this.#departure.ended();
        this.#pending.rejectSent(reason);
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
    this.#pending.release();
    this.#emit('registered', registration);
  }

  #refused(error: RegistrationRefusedError): void {
    // A listener of the step may have closed the client.
    if (!this.#isActive) return;
    this.#emit('refused', error);
    if (this.#isActive)
      this.#supervisor.send({
        type: 'Refused',
        error,
        transient: isTransientError(error.errorName, error.retryAfter),
      });
  }

  /** Handles an unsolicited error of the server. */
  #onNotice(notice: Notice): void {
    const connection = this.#connection;
    if (!connection) return;
    if (endingErrors.has(notice.errorName)) this.#notice = notice;
    // Behind a load balancer another server has the same endpoint. Without reconnection the client stays as long as it may.
    if (notice.errorName !== 'shutting-down' || !this.#settings.supervisor.reconnect) return;
    this.#departure.announce(() => connection.leave());
  }

  #gone(ending: DisconnectInfo): void {
    const wasOnline = this.state === 'online';
    this.#connection = null;
    this.#disconnectInfo = ending;
    if (!this.#isActive) this.#finish();
    else if (ending.error) this.#failed(wasOnline, ending, ending.error);
    this.#notice = null;
  }

  #failed(wasOnline: boolean, { reason, leaves }: DisconnectInfo, error: Error): void {
    const notice = this.#notice;
    if (wasOnline && notice) {
      const lost = new RegistrationLostError(this.#lastEndpoint, notice);
      const { retryAfter } = lost;
      this.#supervisor.send({
        type: 'Lost',
        error: lost,
        final: retryAfter === null,
        stayAway: retryAfter,
      });
    } else if (wasOnline) {
      const drained = reason === 'drained';
      this.#supervisor.send({ type: 'Lost', error, leaves: leaves === true, drained });
    } else this.#supervisor.send({ type: 'Failed', error, ...waitsOf(error) });
  }

  /** Emits the event of a new supervisor state. */
  #announce(): void {
    const { value, context } = this.#supervisor.getSnapshot();
    if (value === this.#announced) return;
    this.#announced = value;
    if (value === 'stopped') {
      this.#failure = context.error;
      this.#stopped();
    } else if (value === 'connecting') {
      this.#emit('connecting', context.endpoints[context.endpoint] ?? '', context.attempt);
    } else if (value === 'waiting') {
      this.#emitDisconnected();
      // A listener may have closed the client.
      if (!this.#stopRequest) this.#emit('waiting', context.delay, context.attempt + 1);
    }
  }

  #stopped(): void {
    const reason = this.#stopRequest ? this.#stopRequest.reason : this.#failure;
    this.#deny(reason);
    this.#pending.rejectAll(reason);
    if (this.#connection === null) this.#finish();
  }

  /** The client has stopped, and the connection is gone. */
  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#stopListening();
    this.#emitDisconnected();
    this.#emit('stopped', this.#stopRequest ? null : this.#failure);
    this.#resolveDone();
  }

  #emitDisconnected(): void {
    const info = this.#disconnectInfo;
    this.#disconnectInfo = null;
    if (info) this.#emit('disconnected', info.reason, info.error);
  }

  #emit<Name extends keyof ClientEvents>(name: Name, ...values: ClientEvents[Name]): void {
    try {
      this.notify(name, values);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  /** Whether step records are needed now. */
  protected abstract isStepRead(): boolean;

  /** Calls the listeners of an event. It may throw what a listener throws. */
  protected abstract notify<Name extends keyof ClientEvents>(
    name: Name,
    values: ClientEvents[Name],
  ): void;

  /** The registered connection. */
  #online(): ClientConnection {
    if (this.#stopRequest || !this.#isActive) throw new ClientClosedError();
    if (!this.#connection?.isRegistered)
      throw new DisconnectedError(
        'not-online',
        `the client is ${this.state === 'online' ? 'being disconnected' : this.state}; a request needs a registered connection`,
      );
    return this.#connection;
  }
}
