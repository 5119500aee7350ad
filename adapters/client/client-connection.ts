/** One connection of a client, from the attempt to set it up until it is gone, in the chart's client seat. */
import type { ActorRefFrom } from 'xstate';
import {
  clientEventType,
  type DisconnectReason,
  messageOfEvent,
  never,
  type RegistrationEvent,
  type registrationMachine,
  type Seat,
  type ServerEventType,
  Session,
  serverEventType,
  type WireMessage,
} from '../../machines/index.js';
import { formatEndpoint } from '../net/transports/endpoint.js';
import { transportFor } from '../net/transports/index.js';
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
import { Reading } from './reading.js';

/** The client's seat. The deadlines are the server's: the client keeps none. */
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
  readonly #afterwards: NotificationQueue;
  readonly #attempt = new AbortController();
  #connection: Connection | null = null;
  #reading: Reading | null = null;
  #idle: IdleCheck | null = null;
  #ending: DisconnectInfo | null = null;
  #released = false;
  #registration: WireMessage | null = null;
  /** When the server was heard last, on the clock that never jumps, and the requests that timed out since. */
  #heardAt = 0;
  #timeouts = 0;
  #askedAt = 0;
  #replyTimer: unknown;

  /** @param actor the supervisor's child, about to be started. */
  constructor(
    actor: ActorRefFrom<typeof registrationMachine>,
    options: ClientConnectionOptions,
    host: ClientConnectionHost,
  ) {
    this.endpoint = formatEndpoint(options.endpoint);
    this.#options = options;
    this.#limits = answerLimits(options.settings.maxFrame);
    this.#host = host;
    this.#afterwards = new NotificationQueue((step) => host.stepped(step));
    const { session, settings } = options;
    this.#session = new Session(actor, {
      session,
      seat: 'client',
      delays: { registrationTimeout: never, rejectionTimeout: never },
      onStep: (step) => this.#afterwards.record(step),
      onFault: (error) => {
        this.end('transport-error', toError(error));
      },
      redact: settings.redact,
    });
    // The actor is started after the supervisor's entry actions: nothing may be sent to it before.
    queueMicrotask(() => void this.#connect());
  }

  /** Whether messages can be sent and are received. */
  get isRegistered(): boolean {
    return this.#ending === null && this.#session.configuration === 'registered';
  }

  /**
   * Sends a message of a registered client.
   * @param bytes the message, encoded.
   * @returns false when there is no registered connection (any more).
   */
  send(message: WireMessage, bytes: Uint8Array): boolean {
    if (!this.isRegistered) return false;
    this.#step({ type: clientEventType(message.messageName), message });
    // A listener of the step may have closed the client.
    if (this.#ending !== null) return false;
    this.#connection?.write(bytes);
    return true;
  }

  /** How a message is to be encoded here. */
  encode(message: WireMessage): Uint8Array {
    return this.#options.settings.codec.encode(message, this.#connection?.framing ?? 'stream');
  }

  /** Ends the connection, or the attempt to set it up. Only the first call counts. */
  end(reason: DisconnectReason, error: Error | null, leaves = false): void {
    if (this.#ending !== null) return;
    this.#ending = { reason, error, leaves };
    this.#host.ended(this.#ending);
    this.#step({ type: 'Disconnected', reason });
    // The chart has done it by now, unless something in the middle of one of its steps asked for the end.
    this.release(reason);
  }

  async #connect(): Promise<void> {
    const { endpoint, settings } = this.#options;
    const { connectTimeout, maxFrame, keepAlive, lookup, provided } = settings;
    const { signal } = this.#attempt;
    const startedAt = performance.now();
    try {
      signal.throwIfAborted();
      const { registration, tls, headers } = await provided(connectTimeout, signal);
      this.#registration = registration;
      this.#connection = await transportFor(endpoint.scheme).connect(endpoint, {
        maxFrame,
        timeout: Math.max(1, connectTimeout - (performance.now() - startedAt)),
        signal,
        keepAlive,
        ...(lookup && { lookup }),
        ...(tls && { tls }),
        ...(headers && { headers }),
      });
      const { framing } = this.#connection;
      const decoder = settings.codec.createDecoder({ framing, limits: () => this.#limits });
      this.#reading = new Reading(this.#connection, decoder, {
        mayRead: () => this.#mayRead(),
        message: (message) => this.#step({ type: this.#eventFor(message), message }),
        fault: (problem, cause) => this.#faulted(problem, cause),
      });
    } catch (cause) {
      this.end('connect-failed', new ConnectFailedError(this.endpoint, cause));
      this.#connection?.destroy();
      this.#tellGone();
      return;
    }
    this.#start(this.#connection, this.#reading);
  }

  #start(connection: Connection, reading: Reading): void {
    connection.start({
      data: (chunk, kind) => {
        if (this.#ending !== null) return;
        this.#heard();
        this.#idle?.heard();
        reading.push(chunk, kind);
      },
      end: () => {
        reading.finish();
        this.#peerLeft('peer-closed', null);
      },
      drain: () => {},
      fault: (kind) => {
        reading.finish();
        this.#faulted(frameFault(kind, this.#limits).description);
      },
      closed: (error) => {
        reading.finish();
        this.#peerLeft(error ? 'transport-error' : 'peer-closed', error);
        this.#tellGone();
      },
    });
    if (this.#ending === null) this.#step({ type: 'Connected' });
    // Given up just as it was set up.
    else connection.destroy();
  }

  #peerLeft(reason: 'peer-closed' | 'transport-error', cause: Error | null): void {
    this.end(reason, disconnected(this.endpoint, reason, cause));
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#timeouts = 0;
  }

  /** The server does not answer any more: another may. */
  #isSilent(cause: Error): void {
    const error = disconnected(this.endpoint, 'transport-error', cause);
    this.end('transport-error', error, true);
  }

  /**
   * A request timed out.
   * @param sentAt when it was sent, on the clock that never jumps
   */
  timedOut(sentAt: number): void {
    const { maxTimeouts } = this.#options.settings;
    this.#timeouts = this.#heardAt > sentAt ? 0 : this.#timeouts + 1;
    if (this.#timeouts >= maxTimeouts) this.#isSilent(new ServerSilentError(this.#timeouts));
  }

  /** The server shuts down: the connection ends, and another endpoint is tried first. */
  leave(): void {
    this.end('drained', disconnected(this.endpoint, 'drained', null), true);
  }

  #tellGone(): void {
    const ending = this.#ending;
    if (ending) this.#afterwards.tell(() => this.#host.gone(ending));
  }

  #mayRead(): boolean {
    if (this.#ending !== null || this.#afterwards.isWaiting) return false;
    return this.#session.configuration !== 'connecting';
  }

  #faulted(problem: string, cause?: unknown): void {
    const options = cause === undefined ? undefined : { cause };
    this.end('protocol-error', new ProtocolError(this.endpoint, problem, options));
  }

  /** Watches for a server that goes without a word, where there is something to ask it. */
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
      gone: () => this.#isSilent(new PingTimeoutError(interval, timeout)),
    });
  }

  /** The names on the wire reach the chart only through here: whatever a server says is a server's message. */
  #eventFor({ messageName, referenceId }: WireMessage): ServerEventType {
    const type = serverEventType(messageName);
    if (this.#session.configuration === 'registered') return type;
    const ours = (referenceId ?? null) === null || referenceId === this.#options.referenceId;
    return ours ? type : 'OtherEvent';
  }

  /** Sends an event to the chart and then tells what came of it. */
  #step(event: RegistrationEvent): void {
    this.#afterwards.run(() => this.#session.send(event));
    this.#reading?.pump();
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
      // A codec of somebody else's.
      this.#faulted(toError(cause).message, cause);
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
    this.#afterwards.tell(() => this.#host.registered(registration));
  }

  refused(event: RegistrationEvent): void {
    const { errorCodes } = this.#options.settings;
    const error = refusedBy(this.endpoint, messageOfEvent(event), errorCodes);
    this.#afterwards.tell(() => this.#host.refused(error));
  }

  delivered(event: RegistrationEvent): void {
    if (event.type === 'RequestRegisterClient' || event.type === 'OtherMessage') return;
    const message = messageOfEvent(event);
    this.#afterwards.tell(() => this.#host.received(message));
  }

  /** Lets go of the connection. */
  release(reason: DisconnectReason): void {
    if (this.#released) return;
    this.#released = true;
    this.stopAwaiting();
    this.#idle?.stop();
    this.#attempt.abort();
    // Who did not answer, or broke off, will not take part in a close either.
    if (reason === 'reply-timeout' || reason === 'transport-error') this.#connection?.destroy();
    else this.#connection?.close(reason === 'protocol-error' ? 'protocol-error' : 'done');
  }
}
