import type { ErrorName } from '../../machines/registration/chart/error-codes.js';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { Connection } from '../net/transports/transport.js';
import type { FrameFault, FrameLimits } from '../net/wire/codec.js';
import { frameFault } from '../net/wire/fault.js';
import { toError } from '../runtime/errors.js';
import type { EncodedMessage } from './encoded-message.js';
import { CannotPauseError, NoPongError } from './errors.js';
import { type EventLoopBudget, MessageRate, OwnShare } from './limits/index.js';
import { probeTimeout } from './name-policy.js';
import { OutboundWriter, type OutboundWriterHandlers } from './outbound-writer.js';
import type { SendOutcome } from './send-outcome.js';
import { limitOfFault } from './server-counters.js';
import type { SessionHost } from './session-host.js';
import { type SessionMessageHandlers, SessionMessagePump } from './session-message-pump.js';
import { UnregisteredClient } from './unregistered-client.js';

/** Bytes that a transport may have read before it was paused. */
const readAhead = 1_048_576;

/**
 * Reading and writing of a session: limits of frames, budgets, rates, backpressure and pings. The subclass has the lifecycle.
 *
 * The session itself handles the events of its parts, and its pump those of the connection. An object for each of them, or a function for
 * each event, would be most of the memory of a session.
 */
export abstract class SessionIo implements SessionMessageHandlers, OutboundWriterHandlers {
  readonly unregisteredClient: UnregisteredClient;
  protected readonly connection: Connection;
  protected readonly host: SessionHost;
  protected readonly pump: SessionMessagePump;
  protected readonly writer: OutboundWriter;
  /** Why the connection broke; null while it did not. */
  protected failure: Error | null = null;
  #isKeepAliveOn = false;
  #ownShare: OwnShare | null = null;
  #messageRate: MessageRate | null = null;
  /** For a transport with pings: when the client last sent anything, and when it was pinged since. */
  #heardAt = performance.now();
  #pingedAt: number | null = null;
  #probe: Promise<boolean> | null = null;

  constructor(connection: Connection, remoteAddress: string, host: SessionHost) {
    this.unregisteredClient = new UnregisteredClient(remoteAddress);
    this.connection = connection;
    this.host = host;
    const decoder = host.settings.codec.createDecoder({
      framing: connection.framing,
      limits: () => this.frameLimits,
      onBlank: () => this.pump.onBlank(),
    });
    this.pump = new SessionMessagePump(connection, decoder, this);
    this.writer = new OutboundWriter(connection, this);
  }

  abstract get isRegistered(): boolean;
  abstract mayRead(): boolean;
  abstract isOver(): boolean;
  /** Handles a message of the client. */
  protected abstract receive(message: WireMessage): void;
  abstract closed(error: Error | null): void;
  /** Sends EventError, as the answer to `request`; unsolicited with null. */
  abstract answerError(request: WireMessage | null, error: ErrorName, description: string): void;
  abstract finish(reason: DisconnectReason): void;

  // Called by the server.

  /**
   * Switches TCP keep-alive on once the connection is older than `silence`.
   * @param age milliseconds since the connection was accepted
   * @param silence milliseconds until the system probes a silent peer
   */
  protected keepAliveAfter(age: number, silence: number): void {
    if (this.#isKeepAliveOn || age < silence) return;
    this.#isKeepAliveOn = true;
    this.connection.enableKeepAlive?.(silence);
  }

  /**
   * Pings a client that was silent for `interval`. Disconnects it when it sends nothing for `timeout` after the ping. Milliseconds; does
   * nothing on a transport without pings.
   */
  ping(now: number, interval: number, timeout: number): void {
    if (!this.connection.ping || this.isOver()) return;
    // A paused connection delivers nothing, so the client does not count as silent.
    if (this.pump.isPaused) this.#heard();
    else if (this.#pingedAt === null) {
      if (now - this.#heardAt < interval) return;
      this.#pingedAt = now;
      this.connection.ping(() => this.#heard());
    } else if (now - this.#pingedAt >= timeout) {
      this.failure = new NoPongError(timeout);
      this.finish('transport-error');
    }
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#pingedAt = null;
  }

  /** Whether the client still answers; see NameHolder. */
  probe(): Promise<boolean> | null {
    this.#probe ??=
      this.connection.probe?.(probeTimeout).finally(() => {
        this.#probe = null;
      }) ?? null;
    return this.#probe;
  }

  /** Applies changed limits to the connection. */
  limitFrames(): void {
    this.connection.limitFrames?.(this.frameLimits.maxFrame);
  }

  // Called by the pump.

  onInput(bytes: number): void {
    this.host.traffic.bytesReceived += bytes;
    if (this.connection.ping) this.#heard();
    this.unregisteredClient.hasSent = true;
  }

  onTransportFault(kind: FrameFault['kind'], maxFrame = this.frameLimits.maxFrame): void {
    this.#rejectFrame(
      frameFault(kind, { ...this.frameLimits, maxFrame }),
      // A fault that was found before the registration broke the limit of that time.
      this.isRegistered && maxFrame === this.frameLimits.maxFrame,
    );
  }

  get frameLimits(): FrameLimits {
    const { frames } = this.host.settings;
    return this.isRegistered ? frames.registered : frames.unregistered;
  }

  get maxSincePause(): number {
    return readAhead + 2 * this.frameLimits.maxFrame;
  }

  eventLoopBudget(): EventLoopBudget {
    const { registeredBudget, refusedBudget, unregisteredBudget } = this.host;
    if (this.isRegistered) return registeredBudget;
    return this.unregisteredClient.errors > 0 ? refusedBudget : unregisteredBudget;
  }

  ownShare(): OwnShare | null {
    if (!this.isRegistered) return null;
    this.#ownShare ??= new OwnShare();
    return this.#ownShare;
  }

  throttledFor(): number {
    const { messageRate } = this.host.settings.limits;
    if (messageRate === null || this.#messageRate === null) return 0;
    const delay = this.#messageRate.delay(messageRate, performance.now());
    if (delay > 0) this.host.recordLimitHit('messageRate');
    return delay;
  }

  onBudgetExceeded(): void {
    this.host.recordLimitHit('turnBudget');
  }

  onMessage(message: WireMessage): void {
    if (this.isRegistered) this.#countMessage();
    this.receive(message);
  }

  /** A registered client may send blank lines to keep its connection alive; they count as messages. */
  onBlankLine(): void {
    if (this.isRegistered) this.#countMessage();
    else if (!this.unregisteredClient.mayStayAfterBlank(this.host)) this.finish('too-many-errors');
  }

  #countMessage(): void {
    const { messageRate } = this.host.settings.limits;
    if (messageRate === null) return;
    const now = performance.now();
    this.#messageRate ??= new MessageRate(messageRate, now);
    this.#messageRate.take(messageRate, now);
  }

  onInvalidFrame(fault: FrameFault): void {
    this.#rejectFrame(fault, this.isRegistered);
  }

  #rejectFrame({ kind, description }: FrameFault, wasRegistered: boolean): void {
    const limit = limitOfFault(kind, wasRegistered);
    if (limit !== null) this.host.recordLimitHit(limit);
    this.answerError(null, 'malformed-frame', description);
    this.finish('protocol-error');
  }

  /** To read on from a connection that cannot pause would fill the memory. */
  onPauseIgnored(): void {
    this.host.problem(new CannotPauseError(this.maxSincePause));
    this.finish('protocol-error');
  }

  onInputEnd(): void {
    this.finish('peer-closed');
  }

  /** A custom codec threw: its input counts as an invalid frame. */
  onCodecError(error: unknown): void {
    this.host.problem(toError(error));
    this.finish('protocol-error');
  }

  // Called by the writer.

  get writeTimeout(): number {
    return this.host.settings.limits.writeTimeout;
  }

  onWritten(bytes: number): void {
    this.host.traffic.bytesSent += bytes;
  }

  onBackpressure(): void {
    this.pump.block();
  }

  onWriteTimeout(): void {
    this.host.recordLimitHit('writeTimeout');
    this.finish('slow-reader');
  }

  onFlushFailed(error: unknown): void {
    this.failure = toError(error);
    this.finish('server-closed');
  }

  /** Reads on after the answer that the client waited for. */
  resumeReading(): void {
    this.pump.pump();
  }

  /**
   * Encodes and writes a message.
   * @param isHeld whether it waits, with all that follows it, until the recording is flushed
   * @param ready the message, where it is encoded already
   * @throws what the codec throws; then nothing was written
   */
  protected write(message: WireMessage, isHeld: boolean, ready: EncodedMessage | null): void {
    const { codec, textOf } = this.host.settings;
    const { framing } = this.connection;
    const encoded =
      ready?.as(framing) ?? (textOf ? textOf(message, framing) : codec.encode(message, framing));
    if (isHeld) this.writer.hold();
    if (typeof encoded === 'string') this.writer.writeText(encoded);
    else this.writer.write(encoded);
  }

  /** Disconnects a client for which too many bytes wait to be written. @returns what happened to the last message */
  protected checkUnsent(): SendOutcome {
    const { unsent } = this.writer;
    if (this.isOver()) return 'closed';
    if (unsent === 0) return 'sent';
    const limit = this.isRegistered ? 'maxUnsent' : 'maxUnsentUnregistered';
    if (unsent <= this.host.settings.limits[limit]) return 'buffered';
    this.host.recordLimitHit(limit);
    this.finish('slow-reader');
    return 'closed';
  }
}
