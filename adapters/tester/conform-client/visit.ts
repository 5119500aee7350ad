import {
  type DisconnectReason,
  disconnectWords,
  eventSaid,
  HeardArrows,
  lifelines,
  type ObservedArrow,
  redactMessage,
  Session,
  type StepRecord,
  type WireMessage,
} from '../../../machines/index.js';
import type { Connection } from '../../net/transports/index.js';
import { answerLimits, type Decoder, type FrameLimits, frameFault } from '../../net/wire/index.js';
import { runners } from '../../server/runners.js';
import type { Settings } from './options.js';

const [client, server] = lifelines;

/**
 * What is heard of one client on one connection: so many messages, so many bytes. Then one that is not registered is cut off, and what
 * a registered one says is read and neither kept nor answered: nothing is wrong with talking much.
 */
const mostHeard = { messages: 500, bytes: 4_194_304 } as const;

/** Shorter than their reasons: who is told of them knows what they mean. */
const deadlines: ReadonlyMap<DisconnectReason, string> = new Map([
  ['registration-timeout', 'registration deadline'],
  ['rejection-timeout', 'rejection deadline'],
]);

/**
 * One connection of the client under test. The chart runs in the server's seat, for that is where the tester sits: its deadlines
 * are the played server's, and what a path says stands in for the validator.
 */
export class Visit {
  /** In order; what it holds is redacted. */
  readonly seen: ObservedArrow[] = [];
  readonly steps: StepRecord[] = [];
  /** Resolves when the socket is gone. */
  readonly gone: Promise<void>;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #decoder: Decoder;
  readonly #limits: FrameLimits;
  readonly #session: Session;
  readonly #heard = new HeardArrows();
  readonly #startedAt: number;
  #messages = 0;
  #bytes = 0;
  #isTimedOut = false;
  /** Messages that were read and not kept. */
  #unheard = 0;
  /** It is ended with a reset, for this reason. */
  #resetFor: string | null = null;

  /**
   * @param connection not yet started.
   * @param name of the session in its steps.
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
    // Making the first actor takes a moment.
    this.#startedAt = performance.now();
    this.#note('connect', client);
    this.#session.send({ type: 'Connected' });
    this.gone = new Promise((resolve) => {
      connection.start({
        data: (chunk, kind) => this.#data(chunk, kind),
        end: () => this.#left(null),
        closed: (error) => {
          this.#left(error);
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

  /** Whether a deadline of the played server has ended it. */
  get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  get isRegistered(): boolean {
    return this.#session.configuration === 'registered';
  }

  /** What the client says or does next; null when nothing came for so many milliseconds, or when the visit is over. */
  async next(patience: number): Promise<ObservedArrow | null> {
    return this.isOver ? null : await this.#heard.next(patience);
  }

  /**
   * Says messages, in one piece where the transport has pieces.
   * @param foreign they answer nothing that this client has asked. To the chart an EventAck that is somebody else's is any other event,
   *   as it is in a client's seat.
   */
  say(messages: readonly WireMessage[], foreign = false): void {
    if (this.isOver) return;
    const { framing } = this.#connection;
    const bytes = messages.map((message) => this.#settings.codec.encode(message, framing));
    if (framing === 'stream') this.#connection.write(Buffer.concat(bytes));
    else for (const frame of bytes) this.#connection.write(frame);
    for (const message of messages) this.#noteSaid(message, foreign);
  }

  /** Says a message in single bytes. Noted with its last, at once: the client may answer before the event loop comes round. */
  async spell(message: WireMessage): Promise<void> {
    const bytes = this.#settings.codec.encode(message, this.#connection.framing);
    for (const [index, byte] of bytes.entries()) {
      if (this.isOver) return;
      this.#connection.write(Uint8Array.of(byte));
      if (index === bytes.length - 1) this.#noteSaid(message, false);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends an invalid frame. The chart has no event for it. */
  sayNoMessage(): void {
    if (this.isOver) return;
    this.#connection.write(Buffer.from('this is no message\n'));
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
      else if (this.#messages < mostHeard.messages && this.#bytes <= mostHeard.bytes)
        this.#hear(next.message);
      else if (this.isRegistered) this.#unheard += 1;
      else this.#cutOff();
    }
  }

  #hear(message: WireMessage): void {
    this.#messages += 1;
    const arrow = this.#note('message', client, message);
    this.#session.send(eventSaid(client, message));
    this.#heard.push(arrow);
  }

  #cutOff(): void {
    this.#connection.pause();
    this.#resetFor = 'it had said more than is heard of one client';
    this.end();
  }

  #noteSaid(message: WireMessage, foreign: boolean): void {
    this.#note('message', server, message);
    const event = eventSaid(server, message);
    this.#session.send(foreign ? { type: 'OtherEvent', message } : event);
  }

  #fault(detail: string): void {
    if (this.isOver) return;
    this.#heard.push(this.#note('fault', client, null, detail));
    this.#session.send({ type: 'Disconnected', reason: 'protocol-error' });
  }

  /** The client has said its last. */
  #left(error: Error | null): void {
    if (this.isOver) return;
    if (this.#decoder.pending > 0)
      this.#note('fault', client, null, 'it ends in the middle of a frame');
    this.#session.send({ type: 'Disconnected', reason: error ? 'transport-error' : 'peer-closed' });
  }

  /** The chart's last action: whoever ended it, the connection goes now. */
  #disconnected(reason: DisconnectReason): void {
    const isClient = reason === 'peer-closed' || reason === 'transport-error';
    this.#isTimedOut = deadlines.has(reason);
    const known = reason === 'peer-closed' || reason === 'server-closed';
    const rest = this.#unheard > 0 ? `${this.#unheard} more messages were not kept` : '';
    const why = known ? rest : (deadlines.get(reason) ?? disconnectWords(reason, 'server'));
    const detail = this.#resetFor ?? why;
    this.#heard.push(this.#note('disconnect', isClient ? client : server, null, detail));
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
