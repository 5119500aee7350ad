import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import {
  type DisconnectReason,
  disconnectWords,
} from '../../../machines/registration/chart/seat.js';
import { lifelines } from '../../../machines/registration/figures/figures.js';
import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import { eventSaid } from '../../../machines/registration/figures/play.js';
import { HeardArrows } from '../../../machines/registration/figures/play-live.js';
import { redactMessage } from '../../../machines/registration/session/redaction.js';
import { Session, type StepRecord } from '../../../machines/registration/session/step.js';
import type { Connection } from '../../net/transports/index.js';
import { answerLimits, type Decoder, type FrameLimits, frameFault } from '../../net/wire/index.js';
import { runners } from '../../server/runners.js';
import type { Settings } from './options.js';

const [client, server] = lifelines;

/**
 * Limits of what is kept of one connection. Beyond them an unregistered client is disconnected. The messages of a registered client are
 * then read, but not kept or answered: a client may send many messages.
 */
const kept = { messages: 500, bytes: 4_194_304 } as const;

/** Short names for reasons that a reader of the report knows. */
const deadlines: ReadonlyMap<DisconnectReason, string> = new Map([
  ['registration-timeout', 'registration deadline'],
  ['rejection-timeout', 'rejection deadline'],
]);

/**
 * One connection of the client under test. The tester plays the server, so the chart runs in the server's seat with the played server's
 * deadlines. The path replaces the validator.
 */
export class ClientSession {
  /** Everything that was sent and received, in order, redacted. */
  readonly seen: ObservedArrow[] = [];
  readonly steps: StepRecord[] = [];
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #decoder: Decoder;
  readonly #limits: FrameLimits;
  readonly #session: Session;
  readonly #received = new HeardArrows();
  readonly #startedAt: number;
  #messages = 0;
  #bytes = 0;
  #isTimedOut = false;
  /** Number of messages that were read and not kept. */
  #ignored = 0;
  /** Why the tester resets the connection; null when it closes normally. */
  #resetFor: string | null = null;

  /**
   * @param connection not yet started.
   * @param name the session's name in its steps.
   */
  constructor(connection: Connection, name: string, settings: Settings) {
    const { codec, maxFrame, registrationTimeout, rejectionTimeout } = settings;
    this.#settings = settings;
    this.#connection = connection;
    this.#limits = answerLimits(maxFrame);
    const { framing } = connection;
    this.#decoder = codec.createDecoder({ framing, limits: () => this.#limits });
    const timeouts = { registrationTimeout, rejectionTimeout };
    const disconnect = (reason: DisconnectReason) => this.#disconnected(reason);
    const actor = runners.actor({ delays: timeouts, actions: { disconnect } });
    this.#session = new Session(actor, {
      session: name,
      seat: 'server',
      delays: timeouts,
      onStep: (step) => this.steps.push(step),
    });
    actor.start();
    // Counted from here, because the first actor takes a moment to make.
    this.#startedAt = performance.now();
    this.#note('connect', client);
    this.#session.send({ type: 'Connected' });
    this.closed = new Promise((resolve) => {
      connection.start({
        data: (chunk, kind) => this.#data(chunk, kind),
        end: () => this.#clientEnded(null),
        closed: (error) => {
          this.#clientEnded(error);
          resolve();
        },
        drain: () => {},
        fault: (kind) => this.#fault(frameFault(kind, this.#limits).description),
      });
    });
  }

  /** Milliseconds since the connect. */
  get elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  get isOver(): boolean {
    return this.#session.configuration === 'disconnected';
  }

  /** Whether a deadline of the played server has ended the connection. */
  get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  get isRegistered(): boolean {
    return this.#session.configuration === 'registered';
  }

  /** The next arrow of the client; null after a timeout in milliseconds, or when the session is over. */
  async next(timeout: number): Promise<ObservedArrow | null> {
    return this.isOver ? null : await this.#received.next(timeout);
  }

  /**
   * Sends messages, over a stream in one write.
   * @param foreign they answer no request of this client. The chart takes an unrelated EventAck as any other event, as in a client's
   *   seat.
   */
  send(messages: readonly WireMessage[], foreign = false): void {
    if (this.isOver) return;
    const { framing } = this.#connection;
    const bytes = messages.map((message) => this.#settings.codec.encode(message, framing));
    if (framing === 'stream') this.#connection.write(Buffer.concat(bytes));
    else for (const frame of bytes) this.#connection.write(frame);
    for (const message of messages) this.#noteSent(message, foreign);
  }

  /** Sends a message in single bytes. It is noted with the last byte, because the client may answer before the next turn of the event loop. */
  async sendByteByByte(message: WireMessage): Promise<void> {
    const bytes = this.#settings.codec.encode(message, this.#connection.framing);
    for (const [index, byte] of bytes.entries()) {
      if (this.isOver) return;
      this.#connection.write(Uint8Array.of(byte));
      if (index === bytes.length - 1) this.#noteSent(message, false);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends an invalid frame. The chart has no event for it. */
  sendInvalidFrame(): void {
    if (this.isOver) return;
    this.#connection.write(Buffer.from('not a message\n'));
    this.#note('fault', server, null, 'plain text, not JSON');
  }

  /** Ends the connection. */
  end(): void {
    this.#session.send({ type: 'Disconnected', reason: 'server-closed' });
  }

  /** Ends it with a reset. */
  reset(): void {
    this.#resetFor = 'reset';
    this.end();
  }

  #data(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    this.#bytes += chunk.length;
    this.#decoder.push(chunk, kind);
    for (let next = this.#decoder.next(); next && !this.isOver; next = this.#decoder.next()) {
      if (next.fault) this.#fault(next.fault.description);
      else if (this.#messages < kept.messages && this.#bytes <= kept.bytes)
        this.#receive(next.message);
      else if (this.isRegistered) this.#ignored += 1;
      else this.#cutOff();
    }
  }

  #receive(message: WireMessage): void {
    this.#messages += 1;
    const arrow = this.#note('message', client, message);
    this.#session.send(eventSaid(client, message));
    this.#received.push(arrow);
  }

  #cutOff(): void {
    this.#connection.pause();
    this.#resetFor = 'the client sent more than the tester keeps of one connection';
    this.end();
  }

  #noteSent(message: WireMessage, foreign: boolean): void {
    this.#note('message', server, message);
    const event = eventSaid(server, message);
    this.#session.send(foreign ? { type: 'OtherEvent', message } : event);
  }

  #fault(detail: string): void {
    if (this.isOver) return;
    this.#received.push(this.#note('fault', client, null, detail));
    this.#session.send({ type: 'Disconnected', reason: 'protocol-error' });
  }

  /** The client has closed, or the connection failed. */
  #clientEnded(error: Error | null): void {
    if (this.isOver) return;
    if (this.#decoder.pending > 0)
      this.#note('fault', client, null, 'the connection ends in the middle of a frame');
    this.#session.send({ type: 'Disconnected', reason: error ? 'transport-error' : 'peer-closed' });
  }

  /** The chart's last action: closes the connection, whichever side ended the session. */
  #disconnected(reason: DisconnectReason): void {
    const isClient = reason === 'peer-closed' || reason === 'transport-error';
    this.#isTimedOut = deadlines.has(reason);
    const known = reason === 'peer-closed' || reason === 'server-closed';
    const rest = this.#ignored > 0 ? `${this.#ignored} more messages were not kept` : '';
    const why = known ? rest : (deadlines.get(reason) ?? disconnectWords(reason, 'server'));
    const detail = this.#resetFor ?? why;
    this.#received.push(this.#note('disconnect', isClient ? client : server, null, detail));
    if (this.#resetFor !== null && this.#connection.reset) this.#connection.reset();
    else this.#connection.close(this.#isTimedOut ? 'timeout' : 'done');
  }

  #note(
    kind: ObservedArrow['kind'],
    from: ObservedArrow['from'],
    message: WireMessage | null = null,
    detail = '',
  ): ObservedArrow {
    const shown = message && redactMessage(message);
    const arrow = { kind, from, at: this.elapsed, message: shown, ...(detail && { detail }) };
    this.seen.push(arrow);
    return arrow;
  }
}
