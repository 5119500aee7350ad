import {
  type DisconnectReason,
  type ErrorName,
  errorNameOf,
  eventAck,
  eventError,
  parseRegisterClient,
  type RegistrationEvent,
  type RequestRegisterClient,
  referenceIdOf,
  Session,
  type WireMessage,
} from '../../machines/index.js';
import { errorFrom } from '../errors.js';
import { commonNamesOf } from '../transports/peer.js';
import type { CloseCause, Connection } from '../transports/transport.js';
import type { FrameFault, FrameLimits } from '../wire/codec.js';
import { frameFault } from '../wire/fault.js';
import type { Arrival } from './arrival.js';
import { Outgoing } from './outgoing.js';
import { Reading } from './reading.js';
import { replyTo } from './reply.js';
import type { SessionHost } from './session-host.js';
import type { Refusal, SessionInfo } from './session-info.js';
import { Stranger } from './stranger.js';
import { limitOfFault } from './tally.js';
import { Validation } from './validation.js';
import type { Verdict } from './validator.js';

const closeCauses: Partial<Record<DisconnectReason, CloseCause>> = {
  'registration-timeout': 'timeout',
  'rejection-timeout': 'timeout',
  'protocol-error': 'protocol-error',
  'too-many-errors': 'refused',
  drained: 'going-away',
};

/**
 * One connection in the server's seat. Everything it reads passes the chart first; while the server owes an answer it does
 * not read on, so that order is kept by the socket and not by a queue.
 */
export class ServerSession {
  readonly id: string;
  readonly #connection: Connection;
  readonly #host: SessionHost;
  readonly #arrival: Arrival;
  readonly #chart: Session;
  readonly #reading: Reading;
  readonly #outgoing: Outgoing;
  readonly #validation: Validation;
  readonly #stranger: Stranger;
  readonly #connectedAt = Date.now();
  #registration: RequestRegisterClient | null = null;
  #registeredAt: number | null = null;
  #brokenBy: Error | null = null;
  /** The end is decided. The chart hears of it when the step under way is done, and nothing is said or read until then. */
  #isEnding = false;

  constructor(id: string, connection: Connection, arrival: Arrival, host: SessionHost) {
    this.id = id;
    this.#connection = connection;
    this.#host = host;
    this.#arrival = arrival;
    const { settings } = host;
    const { framing, scheme, remoteAddress, certificate } = connection;
    this.#stranger = new Stranger(host, arrival.remoteAddress);
    this.#validation = new Validation(host, { session: id, scheme, remoteAddress, certificate });
    const decoder = settings.codec.createDecoder({ framing, limits: () => this.#frameLimits });
    this.#reading = new Reading(connection, decoder, {
      mayRead: () => this.#mayReceive(),
      isOver: () => this.#isOver(),
      turns: () => (this.isRegistered ? null : host.turns),
      waits: () => host.met('turnBudget'),
      message: (message) => this.#receive(message),
      fault: (fault) => this.#protocolError(fault),
      ended: () => this.#end('peer-closed'),
      failed: (error) => this.#codecFailed(error),
    });
    this.#outgoing = new Outgoing(connection, () => host.settings.limits.writeTimeout, {
      slow: () => this.#reading.block(),
      stalled: () => {
        host.met('writeTimeout');
        this.#end('slow-reader');
      },
      released: () => this.#reading.pump(),
      failed: (error) => {
        this.#brokenBy = errorFrom(error);
        this.#end('server-closed');
      },
    });
    const delays = this.#delays();
    const actor = settings.actorIn({
      delays,
      actions: {
        validate: (event) => this.#validate(event),
        settle: () => this.#validation.abort(),
        refuse: (event) => this.#refuse(event),
        refused: (event) => this.#refused(event),
        granted: () => this.#granted(),
        registerAgain: (event) => this.#registerAgain(event),
        deliver: (event) => this.#deliver(event),
        disconnect: (reason) => this.#disconnect(reason),
      },
    });
    this.#chart = new Session(actor, {
      session: id,
      seat: 'server',
      delays,
      redact: settings.redact,
      onStep: (step) => {
        // Whoever hears of the step may end the session: nobody is to hear of the end first.
        if (step.from === 'connecting') host.connected(this);
        host.stepped(step);
        const isGranted = step.to === 'registered' && step.from !== 'registered';
        if (isGranted && this.#outgoing.isHeld) this.#release();
      },
      onFault: (error) => this.#fault(error),
    });
    actor.start();
  }

  /** Lets the connection speak. */
  start(): void {
    this.#chart.send({ type: 'Connected' });
    this.#connection.start({
      data: (chunk, kind) => this.#reading.push(chunk, kind),
      end: () => this.#reading.end(),
      drain: () => this.#reading.unblock(),
      fault: (kind) => this.#protocolError(frameFault(kind, this.#frameLimits)),
      closed: (error) => {
        this.#brokenBy = error;
        this.#chart.send({
          type: 'Disconnected',
          reason: error ? 'transport-error' : 'peer-closed',
        });
        this.#host.closed(this);
      },
    });
  }

  info(): SessionInfo {
    const { scheme, remoteAddress, remotePort, certificate } = this.#connection;
    return {
      id: this.id,
      state: this.#chart.configuration,
      scheme,
      remoteAddress,
      remotePort,
      clientName: this.#registration?.clientName ?? null,
      clientType: this.#registration?.clientType ?? null,
      mediaType: this.#registration?.mediaType ?? null,
      proxyClientId: this.#registration?.proxyClientId ?? null,
      connectedAt: this.#connectedAt,
      registeredAt: this.#registeredAt,
      deadline: this.#chart.deadline,
      errors: this.#stranger.errors,
      certificateSubject: commonNamesOf(certificate)[0] ?? null,
    };
  }

  get isRegistered(): boolean {
    return this.#chart.configuration === 'registered';
  }

  /**
   * Sends a message to a registered client.
   * @returns false when it is not registered, or gone; then nothing was sent.
   */
  send(message: WireMessage): boolean {
    return this.isRegistered && this.#say(message);
  }

  /**
   * Takes a message as if the client had said it: the chart, the validator and the service see no difference, and the answer
   * goes to the client.
   * @returns false while an answer is owed, or when the session is over; then nothing happened.
   */
  inject(message: WireMessage): boolean {
    if (!this.#mayReceive()) return false;
    this.#receive(message);
    return true;
  }

  /** Closes the connection, after what is waiting to be written. */
  disconnect(): void {
    this.#end('server-closed');
  }

  /** Says shutting-down, and closes unless the client is registered and may stay until `drained`. */
  shutDown(): void {
    this.#answerError(null, 'shutting-down', 'the server is shutting down');
    if (!this.isRegistered) this.drained();
  }

  drained(): void {
    this.#end('drained');
  }

  /** Ends the connection now, without ceremony. */
  destroy(): void {
    this.#end('drained');
    this.#connection.destroy();
  }

  #isOver(): boolean {
    return this.#isEnding || this.#chart.configuration === 'disconnected';
  }

  /** No answer is owed, or on its way to the disk, and the session goes on. */
  #mayReceive(): boolean {
    return !this.#validation.isRunning && !this.#outgoing.isHeld && !this.#isOver();
  }

  get #frameLimits(): FrameLimits {
    const { frames } = this.#host.settings;
    return this.isRegistered ? frames.registered : frames.unregistered;
  }

  /** The deadlines of this session, for good. What the transport took to set it up has passed already. */
  #delays() {
    const { registrationTimeout, rejectionTimeout } = this.#host.settings;
    const passed = performance.now() - this.#arrival.acceptedAt;
    return { registrationTimeout: Math.max(1, registrationTimeout - passed), rejectionTimeout };
  }

  /** The names on the wire reach the chart only through here: whatever a client says is a client's message. */
  #receive(message: WireMessage): void {
    const type =
      message.messageName === 'RequestRegisterClient' ? 'RequestRegisterClient' : 'OtherMessage';
    this.#chart.send({ type, message });
  }

  /** Writes a message of the server's and tells the chart. */
  #say(message: WireMessage): boolean {
    if (this.#isOver()) return false;
    const { codec, limits, journal } = this.#host.settings;
    const bytes = codec.encode(message, this.#connection.framing);
    const type = serverEvent(message.messageName);
    if (type === 'EventAck' && !this.isRegistered && journal?.holdsAnswers) this.#outgoing.hold();
    this.#outgoing.write(bytes);
    this.#chart.send({ type, message });
    const most = this.isRegistered ? 'maxUnsent' : 'maxUnsentUnregistered';
    if (this.#outgoing.unsent > limits[most] && !this.#isOver()) {
      this.#host.met(most);
      this.#end('slow-reader');
    }
    return true;
  }

  /**
   * Nobody is told that he is registered before that is written down. Called when the step is recorded: a validator that decides at once
   * says so in the middle of the step before it.
   */
  #release(): void {
    const { journal } = this.#host.settings;
    this.#outgoing.releaseWhen(journal ? journal.recorded() : Promise.resolve());
  }

  #answerError(request: WireMessage | null, error: ErrorName, description: string): void {
    const code = this.#host.settings.errorCodes[error];
    this.#say(eventError(request ? referenceIdOf(request) : null, code, description));
  }

  #end(reason: DisconnectReason): void {
    this.#isEnding = true;
    this.#chart.send({ type: 'Disconnected', reason });
  }

  #protocolError({ kind, description }: FrameFault): void {
    const limit = limitOfFault(kind, this.isRegistered);
    if (limit !== null) this.#host.met(limit);
    this.#answerError(null, 'malformed-frame', description);
    this.#end('protocol-error');
  }

  #validate(event: RegistrationEvent): void {
    const message = messageOf(event);
    if (!this.#stranger.asks()) {
      const description = 'too many registrations from this address; try again in a second';
      this.#answerError(message, 'server-busy', description);
      return;
    }
    const parsed = parseRegisterClient(message);
    if (!parsed.ok) {
      this.#answerError(message, 'malformed-request', `malformed-request: ${parsed.problem}`);
      return;
    }
    if (!this.#mayGrant(parsed.request)) return;
    this.#validation.start(parsed.request, (verdict, later) => {
      this.#conclude(parsed.request, verdict);
      if (later) this.#reading.pump();
    });
  }

  #conclude(request: RequestRegisterClient, verdict: Verdict): void {
    if (!verdict.valid) {
      const { error = 'invalid-client', reason } = verdict;
      const prefix = error === 'invalid-client' ? 'client is not valid: ' : '';
      this.#answerError(request, error, `${prefix}${reason}`);
      return;
    }
    if (!this.#host.claim(request.clientName, verdict.cap)) {
      const taken = `${verdict.cap} registered under this name already`;
      this.#answerError(request, 'invalid-client', `client is not valid: ${taken}`);
      return;
    }
    if (!this.#mayGrant(request)) return;
    this.#registration = request;
    this.#say(eventAck(request.referenceId, proxyOf(request)));
  }

  /** Where answers wait for the recording and there is none, nobody is registered. Says so to the client. */
  #mayGrant(request: RequestRegisterClient): boolean {
    const { journal } = this.#host.settings;
    if (!journal?.holdsAnswers || journal.canRecord) return true;
    const description = 'registrations cannot be recorded now; try again later';
    this.#answerError(request, 'server-busy', description);
    return false;
  }

  #refuse(event: RegistrationEvent): void {
    const message = messageOf(event);
    this.#answerError(
      message,
      'not-registered',
      `client is not registered: send RequestRegisterClient before ${message.messageName.slice(0, 64)}`,
    );
  }

  #refused(event: RegistrationEvent): void {
    const { errorCode, errorDescription } = messageOf(event) as WireMessage & Refusal;
    const errorName = errorNameOf(errorCode, this.#host.settings.errorCodes);
    this.#stranger.refused(errorName);
    this.#host.refused(this, { errorCode, errorName, errorDescription });
    if (!this.#stranger.mayErrAgain(errorName)) this.#end('too-many-errors');
  }

  #granted(): void {
    this.#registeredAt = Date.now();
    this.#connection.limitFrames?.(this.#host.settings.limits.maxFrame);
    this.#host.registered(this);
  }

  #registerAgain(event: RegistrationEvent): void {
    const name = this.#registration?.clientName;
    this.#answerError(
      messageOf(event),
      'already-registered',
      `client is already registered as ${name}`,
    );
  }

  #deliver(event: RegistrationEvent): void {
    if (event.type !== 'OtherMessage') return;
    const message = messageOf(event);
    const reply = replyTo(message, this.#host.settings.errorCodes, (answer) => this.send(answer));
    this.#host.requested({ message, session: this, reply });
  }

  #disconnect(reason: DisconnectReason): void {
    this.#reading.close();
    this.#outgoing.close();
    this.#arrival.ended(this.#stranger.conduct(reason));
    if (reason === 'slow-reader' || reason === 'transport-error') this.#connection.destroy();
    else this.#connection.close(closeCauses[reason] ?? 'done');
    this.#host.disconnected(this, reason, this.#brokenBy);
  }

  /** A codec of somebody else's threw: what it was given counts as no message. */
  #codecFailed(error: unknown): void {
    this.#host.problem(errorFrom(error));
    this.#end('protocol-error');
  }

  /** The chart itself failed: no deadline runs any more, so the connection must not stay. */
  #fault(error: unknown): void {
    this.#host.problem(errorFrom(error));
    this.#validation.abort();
    this.#reading.close();
    this.#outgoing.close();
    this.#connection.destroy();
    this.#host.disconnected(this, 'server-closed', null);
  }
}

function messageOf(event: RegistrationEvent): WireMessage {
  return 'message' in event && event.message ? event.message : { messageName: event.type };
}

function serverEvent(messageName: string): 'EventAck' | 'EventError' | 'OtherEvent' {
  return messageName === 'EventAck' || messageName === 'EventError' ? messageName : 'OtherEvent';
}

function proxyOf({ proxyClientId }: RequestRegisterClient): Record<string, number> {
  return proxyClientId === undefined ? {} : { proxyClientId };
}
