import {
  type Configuration,
  clientEventType,
  type DisconnectReason,
  type ErrorName,
  eventError,
  type RequestRegisterClient,
  referenceIdOf,
  type SeatDelays,
  Session,
  type SessionOptions,
  type StepRecord,
  serverEventType,
  type WireMessage,
} from '../../machines/index.js';
import { commonNamesOf } from '../net/transports/peer.js';
import type { CloseCause, Connection, ConnectionHandlers } from '../net/transports/transport.js';
import type { FrameFault, FrameLimits } from '../net/wire/codec.js';
import { frameFault } from '../net/wire/fault.js';
import { toError } from '../runtime/errors.js';
import type { AdmittedConnection } from './admitted-connection.js';
import { CannotPauseError, NoAnswerError, NoPongError } from './errors.js';
import { type EventLoopBudget, MessageRate, OwnShare } from './limits/index.js';
import { MessagePump, type MessagePumpHandlers } from './message-pump.js';
import { type NameHolder, probeTimeout } from './name-policy.js';
import { OutboundWriter, type OutboundWriterHandlers } from './outbound-writer.js';
import { limitOfFault } from './server-counters.js';
import { type SeatedSession, ServerSeat } from './server-seat.js';
import type { SessionHost } from './session-host.js';
import type { Refusal, SessionInfo } from './session-info.js';
import { UnregisteredClient } from './unregistered-client.js';
import type { ConnectionInfo } from './validator.js';

const closeCauses: Partial<Record<DisconnectReason, CloseCause>> = {
  'registration-timeout': 'timeout',
  'rejection-timeout': 'timeout',
  'protocol-error': 'protocol-error',
  'too-many-errors': 'refused',
  drained: 'going-away',
  replaced: 'refused',
  revoked: 'refused',
};

/** Bytes that a transport may have read before it is paused. */
const readAhead = 1_048_576;

/** A session of a gate, as its service sees it. */
export interface ServerSession {
  readonly id: string;
  readonly isRegistered: boolean;
  info(): SessionInfo;
  /**
   * Sends a message to a registered client.
   * @returns false when it is not registered, or gone; then nothing was sent.
   */
  send(message: WireMessage): boolean;
  /**
   * Takes a message as if the client had said it: the chart, the validator and the service see no difference, and the answer
   * goes to the client.
   * @returns false while an answer is owed, or when the session is over; then nothing happened.
   */
  inject(message: WireMessage): boolean;
  /** Closes the connection, after what is waiting to be written. */
  disconnect(): void;
  /** Ends the connection now, without ceremony. */
  destroy(): void;
}

/**
 * One connection in the server's seat. Everything it reads passes the chart first; while the server owes an answer it does
 * not read on, so that order is kept by the socket and not by a queue.
 *
 * It hears by itself what its connection, its chart and its parts have to tell: an object for each of them, or a function for each
 * message, would be most of what a session costs.
 */
export class GateSession
  implements
    SeatedSession,
    SessionOptions,
    ConnectionHandlers,
    MessagePumpHandlers,
    OutboundWriterHandlers,
    NameHolder
{
  /** Counts the sessions of its server. */
  readonly number: number;
  readonly admitted: AdmittedConnection;
  readonly #run: string;
  readonly unregisteredClient: UnregisteredClient;
  readonly #connection: Connection;
  readonly #host: SessionHost;
  readonly #chart: Session;
  readonly #seat: ServerSeat;
  readonly #reading: MessagePump;
  readonly #outgoing: OutboundWriter;
  readonly #connectedAt = Date.now();
  #registeredAt: number | null = null;
  /** What the server is told once the step under way is taken. At most one of them comes of a step. */
  #news: (() => void) | null = null;
  #brokenBy: Error | null = null;
  #isKeepAliveOn = false;
  #ownShare: OwnShare | null = null;
  #messages: MessageRate | null = null;
  /** Of a transport with pings: when the client was heard last, and when it was pinged since; null when it was not. */
  #heardAt = performance.now();
  #pingedAt: number | null = null;
  #probe: Promise<boolean> | null = null;
  /** The end is decided. The chart hears of it when the step under way is done, and nothing is said or read until then. */
  #isEnding = false;

  constructor(
    run: string,
    number: number,
    connection: Connection,
    admitted: AdmittedConnection,
    host: SessionHost,
  ) {
    this.#run = run;
    this.number = number;
    this.admitted = admitted;
    this.unregisteredClient = new UnregisteredClient(admitted.remoteAddress);
    this.#connection = connection;
    this.#host = host;
    const { codec, actorIn } = host.settings;
    const decoder = codec.createDecoder({
      framing: connection.framing,
      limits: () => this.frameLimits,
      onBlank: () => this.#reading.onBlank(),
    });
    this.#reading = new MessagePump(connection, decoder, this);
    this.#outgoing = new OutboundWriter(connection, this);
    this.#seat = new ServerSeat(this, host, this.#delays());
    const actor = actorIn(this.#seat);
    this.#chart = new Session(actor, this);
    actor.start();
  }

  // What its service may ask and do.

  get id(): string {
    return `${this.#run}-${this.number}`;
  }

  info(): SessionInfo {
    const { scheme, remoteAddress, remotePort, certificate } = this.#connection;
    const { registration, askedAs } = this.#seat;
    return {
      id: this.id,
      state: this.#chart.configuration,
      scheme,
      remoteAddress,
      remotePort,
      clientName: registration?.clientName ?? null,
      askedAs,
      clientType: registration?.clientType ?? null,
      mediaType: registration?.mediaType ?? null,
      proxyClientId: registration?.proxyClientId ?? null,
      connectedAt: this.#connectedAt,
      registeredAt: this.#registeredAt,
      deadline: this.#chart.deadline,
      errors: this.unregisteredClient.errors,
      certificateSubject: commonNamesOf(certificate)[0] ?? null,
    };
  }

  get isRegistered(): boolean {
    return this.#chart.configuration === 'registered';
  }

  /** As registered; null until then. */
  get registration(): RequestRegisterClient | null {
    return this.#seat.registration;
  }

  get clientName(): string {
    return this.#seat.registration?.clientName ?? '';
  }

  get wasRegistered(): boolean {
    return this.#registeredAt !== null;
  }

  send(message: WireMessage): boolean {
    return this.isRegistered && this.sendMessage(message);
  }

  inject(message: WireMessage): boolean {
    if (!this.mayRead()) return false;
    this.onMessage(message);
    return true;
  }

  disconnect(): void {
    this.finish('server-closed');
  }

  // What its server tells it.

  /** Lets the connection speak. */
  start(): void {
    this.#chart.send({ type: 'Connected' });
    this.#connection.start(this);
  }

  /** @param silence milliseconds */
  enableKeepAlive(silence: number): void {
    if (this.#isKeepAliveOn || this.#chart.elapsed < silence) return;
    this.#isKeepAliveOn = true;
    this.#connection.enableKeepAlive?.(silence);
  }

  /**
   * Pings a client that was silent for `interval`, and ends the connection when it sends nothing for `timeout` after it. Milliseconds; does
   * nothing on a transport without pings.
   */
  ping(now: number, interval: number, timeout: number): void {
    if (!this.#connection.ping || this.isOver()) return;
    // What it sends is not read: that is not its silence.
    if (this.#reading.isPaused) this.#heard();
    else if (this.#pingedAt === null) {
      if (now - this.#heardAt < interval) return;
      this.#pingedAt = now;
      this.#connection.ping(() => this.#heard());
    } else if (now - this.#pingedAt >= timeout) {
      this.#brokenBy = new NoPongError(timeout);
      this.finish('transport-error');
    }
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#pingedAt = null;
  }

  /** Other limits are in force. */
  limitFrames(): void {
    this.#connection.limitFrames?.(this.frameLimits.maxFrame);
  }

  /** Says shutting-down, and closes unless the client is registered and may stay until `drained`. */
  shutDown(): void {
    this.answerError(null, 'shutting-down', 'the server is shutting down');
    if (!this.isRegistered) this.drained();
  }

  drained(): void {
    this.finish('drained');
  }

  /** Whether its client still answers; see NameHolder. */
  probe(): Promise<boolean> | null {
    this.#probe ??=
      this.#connection.probe?.(probeTimeout).finally(() => {
        this.#probe = null;
      }) ?? null;
    return this.#probe;
  }

  /** Ends it in favour of another session of its name. */
  replace(isSilent: boolean): void {
    if (this.isOver()) return;
    if (isSilent) this.#brokenBy = new NoAnswerError();
    else this.answerError(null, 'session-replaced', 'another connection registered with this name');
    this.finish('replaced');
    if (isSilent) this.#connection.destroy();
  }

  /** Ends it because its client is not valid any more. */
  revoke(reason: string): void {
    if (this.isOver()) return;
    this.answerError(null, 'registration-revoked', `client is not valid any more: ${reason}`);
    this.finish('revoked');
  }

  destroy(): void {
    this.finish('drained');
    this.#connection.destroy();
  }

  // What its connection tells it.

  data(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    if (this.#connection.ping) this.#heard();
    this.unregisteredClient.hasSent = true;
    this.#reading.push(chunk, kind);
  }

  end(): void {
    this.#reading.end();
  }

  drain(): void {
    this.#reading.unblock();
  }

  fault(kind: FrameFault['kind'], maxFrame = this.frameLimits.maxFrame): void {
    this.#noMessage(
      frameFault(kind, { ...this.frameLimits, maxFrame }),
      // One that was found before the registration was granted broke the limit of then.
      this.isRegistered && maxFrame === this.frameLimits.maxFrame,
    );
  }

  closed(error: Error | null): void {
    this.#brokenBy = error;
    this.#chart.send({ type: 'Disconnected', reason: error ? 'transport-error' : 'peer-closed' });
    this.#host.closed(this);
  }

  // What reading asks and tells.

  /** No answer is owed, or on its way to the disk, and the session goes on. */
  mayRead(): boolean {
    return !this.#seat.isValidating && !this.#outgoing.isHeld && !this.isOver();
  }

  isOver(): boolean {
    return this.#isEnding || this.#chart.configuration === 'disconnected';
  }

  get frameLimits(): FrameLimits {
    const { frames } = this.#host.settings;
    return this.isRegistered ? frames.registered : frames.unregistered;
  }

  eventLoopBudget(): EventLoopBudget {
    if (this.isRegistered) return this.#host.registeredBudget;
    return this.unregisteredClient.errors > 0
      ? this.#host.refusedBudget
      : this.#host.unregisteredBudget;
  }

  ownShare(): OwnShare | null {
    if (!this.isRegistered) return null;
    this.#ownShare ??= new OwnShare();
    return this.#ownShare;
  }

  throttledFor(): number {
    const { messageRate } = this.#host.settings.limits;
    if (messageRate === null || this.#messages === null) return 0;
    const held = this.#messages.delay(messageRate, performance.now());
    if (held > 0) this.#host.recordLimitHit('messageRate');
    return held;
  }

  onBudgetExceeded(): void {
    this.#host.recordLimitHit('turnBudget');
  }

  /** The names on the wire reach the chart only through here: whatever a client says is a client's message. */
  onMessage(message: WireMessage): void {
    if (this.isRegistered) this.#count();
    this.#chart.send({ type: clientEventType(message.messageName), message });
  }

  /** A registered client may send blank lines to keep its connection alive; they count as messages. */
  onBlankLine(): void {
    if (this.isRegistered) this.#count();
    else if (!this.unregisteredClient.mayStayAfterBlank(this.#host)) this.finish('too-many-errors');
  }

  #count(): void {
    const { messageRate } = this.#host.settings.limits;
    if (messageRate === null) return;
    const now = performance.now();
    this.#messages ??= new MessageRate(messageRate, now);
    this.#messages.take(messageRate, now);
  }

  onInvalidFrame(fault: FrameFault): void {
    this.#noMessage(fault, this.isRegistered);
  }

  #noMessage({ kind, description }: FrameFault, wasRegistered: boolean): void {
    const limit = limitOfFault(kind, wasRegistered);
    if (limit !== null) this.#host.recordLimitHit(limit);
    this.answerError(null, 'malformed-frame', description);
    this.finish('protocol-error');
  }

  get maxSincePause(): number {
    return readAhead + 2 * this.frameLimits.maxFrame;
  }

  /** It cannot pause: reading on would fill the memory. */
  onPauseIgnored(): void {
    this.#host.problem(new CannotPauseError(this.maxSincePause));
    this.finish('protocol-error');
  }

  onInputEnd(): void {
    this.finish('peer-closed');
  }

  /** A codec of somebody else's threw: what it was given counts as no message. */
  onCodecError(error: unknown): void {
    this.#host.problem(toError(error));
    this.finish('protocol-error');
  }

  // What writing asks and tells.

  get writeTimeout(): number {
    return this.#host.settings.limits.writeTimeout;
  }

  onBackpressure(): void {
    this.#reading.block();
  }

  onWriteTimeout(): void {
    this.#host.recordLimitHit('writeTimeout');
    this.finish('slow-reader');
  }

  onFlushFailed(error: unknown): void {
    this.#brokenBy = toError(error);
    this.finish('server-closed');
  }

  // What its seat asks.

  get connectionInfo(): ConnectionInfo {
    const { scheme, remoteAddress, certificate } = this.#connection;
    return { session: this.id, scheme, remoteAddress, certificate };
  }

  /** Writes a message of the server's and tells the chart. */
  sendMessage(message: WireMessage): boolean {
    if (this.isOver()) return false;
    const { codec, textOf, limits, journal } = this.#host.settings;
    const { framing } = this.#connection;
    const encoded = textOf ? textOf(message, framing) : codec.encode(message, framing);
    const type = serverEventType(message.messageName);
    if (type === 'EventAck' && !this.isRegistered && journal?.requiresDurableAck)
      this.#outgoing.hold();
    if (typeof encoded === 'string') this.#outgoing.writeText(encoded);
    else this.#outgoing.write(encoded);
    this.#chart.send({ type, message });
    const { unsent } = this.#outgoing;
    if (unsent === 0) return true;
    const most = this.isRegistered ? 'maxUnsent' : 'maxUnsentUnregistered';
    if (unsent > limits[most] && !this.isOver()) {
      this.#host.recordLimitHit(most);
      this.finish('slow-reader');
    }
    return true;
  }

  answerError(request: WireMessage | null, error: ErrorName, description: string): void {
    const code = this.#host.settings.errorCodes[error];
    this.sendMessage(eventError(request ? referenceIdOf(request) : null, code, description));
  }

  resumeReading(): void {
    this.#reading.pump();
  }

  onRejected(refusal: Refusal): void {
    this.#news = () => this.#host.refused(this, refusal);
  }

  granted(): void {
    this.#registeredAt = Date.now();
    this.#connection.limitFrames?.(this.#host.settings.limits.maxFrame);
    this.#host.granted(this);
    this.#news = () => this.#host.registered(this);
  }

  finish(reason: DisconnectReason): void {
    this.#isEnding = true;
    this.#chart.send({ type: 'Disconnected', reason });
  }

  releaseConnection(reason: DisconnectReason): void {
    this.#reading.close();
    this.#outgoing.close();
    this.admitted.ended(this.unregisteredClient, reason);
    if (reason === 'slow-reader' || reason === 'transport-error') this.#connection.destroy();
    else this.#connection.close(closeCauses[reason] ?? 'done');
    if (!this.#host.over(this)) return;
    this.#news = () => this.#host.disconnected(this, reason, this.#brokenBy);
  }

  // What its chart asks and tells.

  get session(): string {
    return this.id;
  }

  get seat() {
    return 'server' as const;
  }

  get delays(): SeatDelays {
    return this.#seat.delays;
  }

  redact(message: WireMessage): WireMessage {
    return this.#host.settings.redact(message);
  }

  isRead(): boolean {
    return this.#host.readsSteps;
  }

  onMoved(from: Configuration): void {
    // A listener of the step may end the session; the end must not be reported before the step.
    if (from === 'connecting') this.#host.connected(this);
    const news = this.#news;
    this.#news = null;
    news?.();
  }

  onStep(step: StepRecord): void {
    this.#host.stepped(step);
    // No client is told that it is registered before that is recorded. Not before the step is made: a validator that decides at once
    // says so in the middle of the step before it.
    const isGranted = step.to === 'registered' && step.from !== 'registered';
    if (!isGranted || !this.#outgoing.isHeld) return;
    this.#outgoing.flushAfter(this.#host.settings.journal?.flushed() ?? Promise.resolve());
  }

  /** The chart itself failed: no deadline runs any more, so the connection must not stay. */
  onFault(error: unknown): void {
    this.#host.problem(toError(error));
    this.#seat.settle();
    this.#reading.close();
    this.#outgoing.close();
    this.#connection.destroy();
    this.#news = null;
    if (this.#host.over(this)) this.#host.disconnected(this, 'server-closed', null);
  }

  /** The deadlines of this session, for good. What the transport took to set it up has passed already. */
  #delays(): SeatDelays {
    const { settings } = this.#host;
    // Plain TCP has nothing to set up.
    if (this.#connection.scheme === 'tcp') return settings;
    const { registrationTimeout, rejectionTimeout } = settings;
    const passed = performance.now() - this.admitted.acceptedAt;
    return { registrationTimeout: Math.max(1, registrationTimeout - passed), rejectionTimeout };
  }
}
