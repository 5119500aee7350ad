/** One connection of a client in the chart's client seat, from the connection attempt until the socket is gone. */

import type { RegistrationActor } from '../../machines/registration/chart/actor.js';
import {
  clientEventType,
  messageOfEvent,
  type ServerEventType,
  serverEventType,
} from '../../machines/registration/chart/message-events.js';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type {
  DisconnectReason,
  RegistrationEvent,
  Seat,
} from '../../machines/registration/chart/seat.js';
import { Session } from '../../machines/registration/session/step.js';
import { never } from '../../machines/text/clock.js';
import { formatEndpoint } from '../net/transports/endpoint.js';
import type { Connection } from '../net/transports/transport.js';
import type { FrameLimits } from '../net/wire/codec.js';
import { answerLimits, frameFault } from '../net/wire/fault.js';
import { deadlineClock } from '../runtime/deadlines.js';
import { toError } from '../runtime/errors.js';
import type {
  ClientConnectionHost,
  ClientConnectionOptions,
  DisconnectInfo,
  Registration,
} from './client-connection-host.js';
import { ClientMessagePump } from './client-message-pump.js';
import {
  ConnectFailedError,
  disconnected,
  PingTimeoutError,
  ProtocolError,
  ReplyTimeoutError,
  refusedBy,
  ServerSilentError,
} from './errors.js';
import { IdleCheck } from './idle-check.js';
import { NotificationQueue } from './notification-queue.js';

/** The client's seat. It has no deadlines; only the server has them. */
export function clientSeat(current: () => ClientConnection | null): Seat {
  return {
    delays: { registrationTimeout: never, rejectionTimeout: never },
    actions: {
      opened: () => current()?.opened(),
      validate: () => current()?.awaitReply(),
      settle: () => current()?.stopAwaiting(),
      granted: (event) => current()?.granted(event),
      refused: (event) => current()?.refused(event),
      deliver: (event) => current()?.delivered(event),
      disconnect: (reason) => current()?.release(reason),
    },
  };
}

export class ClientConnection {
  readonly endpoint: string;
  readonly #options: ClientConnectionOptions;
  readonly #limits: FrameLimits;
  readonly #host: ClientConnectionHost;
  readonly #session: Session;
  readonly #notifications: NotificationQueue;
  readonly #attempt = new AbortController();
  #connection: Connection | null = null;
  #pump: ClientMessagePump | null = null;
  #idle: IdleCheck | null = null;
  #disconnectInfo: DisconnectInfo | null = null;
  #isReleased = false;
  #registration: WireMessage | null = null;
  /** When the server last sent anything, on the monotonic clock, and the number of requests that timed out since. */
  #heardAt = 0;
  #timeouts = 0;
  #askedAt = 0;
  #replyTimer: unknown;

  /** @param actor the supervisor's run of the chart, which is about to be started */
  constructor(
    actor: RegistrationActor,
    options: ClientConnectionOptions,
    host: ClientConnectionHost,
  ) {
    this.endpoint = formatEndpoint(options.endpoint);
    this.#options = options;
    this.#limits = answerLimits(options.settings.maxFrame);
    this.#host = host;
    this.#notifications = new NotificationQueue((step) => host.stepped(step));
    const { session, settings } = options;
    this.#session = new Session(actor, {
      session,
      seat: 'client',
      delays: { registrationTimeout: never, rejectionTimeout: never },
      onStep: (step) => this.#notifications.record(step),
      onFault: (error) => {
        this.end('transport-error', toError(error));
      },
      redact: settings.redact,
      isRead: () => host.isStepRead(),
    });
    // The run is started after this; nothing may be sent to it before.
    queueMicrotask(() => void this.#connect());
  }

  /** Whether messages can be sent and are received. */
  get isRegistered(): boolean {
    return this.#disconnectInfo === null && this.#session.configuration === 'registered';
  }

  /**
   * Sends a message of a registered client.
   * @param bytes the encoded message
   * @returns false without a registered connection
   */
  send(message: WireMessage, bytes: Uint8Array): boolean {
    if (!this.isRegistered) return false;
    this.#step({ type: clientEventType(message.messageName), message });
    // A listener of the step may have closed the client.
    if (this.#disconnectInfo !== null) return false;
    this.#connection?.write(bytes);
    return true;
  }

  /** Encodes a message for this connection. @throws what the codec throws */
  encode(message: WireMessage): Uint8Array {
    return this.#options.settings.codec.encode(message, this.#connection?.framing ?? 'stream');
  }

  /** Ends the connection or the connection attempt. Only the first call has an effect. */
  end(reason: DisconnectReason, error: Error | null, leaves = false): void {
    if (this.#disconnectInfo !== null) return;
    this.#disconnectInfo = { reason, error, leaves };
    this.#host.ended(this.#disconnectInfo);
    this.#step({ type: 'Disconnected', reason });
    // The chart has released it already, unless the end was requested in the middle of a step.
    this.release(reason);
  }

  async #connect(): Promise<void> {
    const { endpoint, settings } = this.#options;
    const { connectTimeout, maxFrame, keepAlive, lookup, provided } = settings;
    const { signal } = this.#attempt;
    const startedAt = performance.now();
    let connection: Connection | null = null;
    let pump: ClientMessagePump;
    try {
      signal.throwIfAborted();
      const { registration, tls, headers } = await provided(connectTimeout, signal);
      this.#registration = registration;
      connection = await settings.transport.connect(endpoint, {
        maxFrame,
        timeout: Math.max(1, connectTimeout - (performance.now() - startedAt)),
        signal,
        ...(keepAlive !== undefined && { keepAlive }),
        ...(lookup && { lookup }),
        ...(tls && { tls }),
        ...(headers && { headers }),
      });
      const { framing } = connection;
      const decoder = settings.codec.createDecoder({ framing, limits: () => this.#limits });
      pump = new ClientMessagePump(connection, decoder, {
        mayRead: () => this.#mayRead(),
        onMessage: (message) => this.#step({ type: this.#eventFor(message), message }),
        onInvalidFrame: ({ description }) => this.#onProtocolError(description),
        onCodecError: (error) => this.#onProtocolError(toError(error).message, error),
      });
    } catch (cause) {
      this.end('connect-failed', new ConnectFailedError(this.endpoint, cause));
      connection?.destroy();
      this.#notifyGone();
      return;
    }
    this.#start(connection, pump);
  }

  #start(connection: Connection, pump: ClientMessagePump): void {
    this.#connection = connection;
    this.#pump = pump;
    connection.start({
      data: (chunk, kind) => {
        if (this.#disconnectInfo !== null) return;
        this.#heard();
        this.#idle?.heard();
        pump.push(chunk, kind);
      },
      end: () => {
        pump.end();
        this.#peerLeft('peer-closed', null);
      },
      drain: () => {},
      fault: (kind) => {
        pump.end();
        this.#onProtocolError(frameFault(kind, this.#limits).description);
      },
      closed: (error) => {
        pump.end();
        this.#peerLeft(error ? 'transport-error' : 'peer-closed', error);
        this.#notifyGone();
      },
    });
    if (this.#disconnectInfo === null) this.#step({ type: 'Connected' });
    // Ended during the connection attempt.
    else connection.destroy();
  }

  #peerLeft(reason: 'peer-closed' | 'transport-error', cause: Error | null): void {
    this.end(reason, disconnected(this.endpoint, reason, cause));
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#timeouts = 0;
  }

  /** The server does not answer; another endpoint is tried first. */
  #onServerSilent(cause: Error): void {
    const error = disconnected(this.endpoint, 'transport-error', cause);
    this.end('transport-error', error, true);
  }

  /**
   * A request timed out.
   * @param sentAt when it was sent, on the monotonic clock
   */
  timedOut(sentAt: number): void {
    const { maxTimeouts } = this.#options.settings;
    this.#timeouts = this.#heardAt > sentAt ? 0 : this.#timeouts + 1;
    if (this.#timeouts >= maxTimeouts) this.#onServerSilent(new ServerSilentError(this.#timeouts));
  }

  /** Leaves a server that shuts down. Another endpoint is tried first. */
  leave(): void {
    this.end('drained', disconnected(this.endpoint, 'drained', null), true);
  }

  #notifyGone(): void {
    const ending = this.#disconnectInfo;
    if (ending) this.#notifications.add(() => this.#host.gone(ending));
  }

  #mayRead(): boolean {
    if (this.#disconnectInfo !== null || this.#notifications.isWaiting) return false;
    return this.#session.configuration !== 'connecting';
  }

  #onProtocolError(problem: string, cause?: unknown): void {
    const options = cause === undefined ? undefined : { cause };
    this.end('protocol-error', new ProtocolError(this.endpoint, problem, options));
  }

  /** Starts the idle check, where the transport has pings or `ping.message` is set. */
  #watch(): void {
    const { ping } = this.#options.settings;
    const connection = this.#connection;
    if (!ping || !(connection?.ping || ping.message)) return;
    const { interval, timeout, message } = ping;
    this.#idle = new IdleCheck(ping, {
      ask: (answered) => {
        if (connection?.ping) {
          connection.ping(() => {
            this.#heard();
            answered();
          });
        } else if (message) this.#host.ask(message).then(answered, answered);
      },
      gone: () => this.#onServerSilent(new PingTimeoutError(interval, timeout)),
    });
  }

  /** Only here do names from the wire become events of the chart: every message that a server sends is a message of a server. */
  #eventFor({ messageName, referenceId }: WireMessage): ServerEventType {
    const type = serverEventType(messageName);
    if (this.#session.configuration === 'registered') return type;
    const ours = (referenceId ?? null) === null || referenceId === this.#options.referenceId;
    return ours ? type : 'OtherEvent';
  }

  /** Sends an event to the chart, then runs the notifications. */
  #step(event: RegistrationEvent): void {
    this.#notifications.run(() => this.#session.send(event));
    this.#pump?.pump();
  }

  // The chart's actions, called in the middle of its steps.

  /** Registers. */
  opened(): void {
    const { referenceId } = this.#options;
    const message = { ...this.#registration, referenceId } as WireMessage;
    this.#askedAt = performance.now();
    this.#session.send({ type: 'RequestRegisterClient', message });
    try {
      this.#connection?.write(this.encode(message));
    } catch (cause) {
      // A custom codec threw.
      this.#onProtocolError(toError(cause).message, cause);
    }
  }

  awaitReply(): void {
    const { referenceId, settings } = this.#options;
    const { replyTimeout } = settings;
    this.#replyTimer = deadlineClock.setTimeout(() => {
      this.end(
        'reply-timeout',
        new ReplyTimeoutError('RequestRegisterClient', referenceId, replyTimeout),
      );
    }, replyTimeout);
  }

  stopAwaiting(): void {
    deadlineClock.clearTimeout(this.#replyTimer);
  }

  granted(event: RegistrationEvent): void {
    const registration: Registration = {
      endpoint: this.endpoint,
      referenceId: this.#options.referenceId,
      ack: messageOfEvent(event),
      elapsedMs: performance.now() - this.#askedAt,
    };
    this.#watch();
    this.#notifications.add(() => this.#host.registered(registration));
  }

  refused(event: RegistrationEvent): void {
    const { errorCodes } = this.#options.settings;
    const error = refusedBy(this.endpoint, messageOfEvent(event), errorCodes);
    this.#notifications.add(() => this.#host.refused(error));
  }

  delivered(event: RegistrationEvent): void {
    if (event.type === 'RequestRegisterClient' || event.type === 'OtherMessage') return;
    const message = messageOfEvent(event);
    this.#notifications.add(() => this.#host.received(message));
  }

  /** Closes the connection. */
  release(reason: DisconnectReason): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.stopAwaiting();
    this.#idle?.stop();
    this.#attempt.abort();
    // A server that did not answer, or broke the connection, would not answer a close either.
    if (reason === 'reply-timeout' || reason === 'transport-error') this.#connection?.destroy();
    else this.#connection?.close(reason === 'protocol-error' ? 'protocol-error' : 'done');
  }
}
