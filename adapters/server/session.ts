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
import { commonNamesOf } from '../transports/peer.js';
import type { CloseCause, Connection } from '../transports/transport.js';
import { frameFault } from '../wire/fault.js';
import { decide } from './decision.js';
import { Reading } from './reading.js';
import { replyTo } from './reply.js';
import { actorIn } from './seats.js';
import type { SessionHost } from './session-host.js';
import type { Refusal, SessionInfo } from './session-info.js';
import type { Verdict } from './validator.js';

const closeCauses: Partial<Record<DisconnectReason, CloseCause>> = {
  'registration-timeout': 'timeout',
  'rejection-timeout': 'timeout',
  'protocol-error': 'protocol-error',
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
  readonly #chart: Session;
  readonly #reading: Reading;
  readonly #connectedAt = Date.now();
  #registration: RequestRegisterClient | null = null;
  #registeredAt: number | null = null;
  #errors = 0;
  #validation: AbortController | null = null;
  #brokenBy: Error | null = null;
  /** The end is decided. The chart hears of it when the step under way is done, and nothing is said or read until then. */
  #isEnding = false;

  constructor(id: string, connection: Connection, host: SessionHost) {
    this.id = id;
    this.#connection = connection;
    this.#host = host;
    const { settings } = host;
    const decoder = settings.codec.createDecoder({
      framing: connection.framing,
      maxFrame: settings.maxFrame,
    });
    this.#reading = new Reading(connection, decoder, {
      mayRead: () => this.#validation === null && !this.#isOver(),
      isOver: () => this.#isOver(),
      message: (message) => this.#receive(message),
      fault: (description) => this.#protocolError(description),
      ended: () => this.#end('peer-closed'),
      failed: (error) => this.#codecFailed(error),
    });
    const actor = actorIn({
      delays: settings,
      actions: {
        validate: (event) => this.#validate(event),
        settle: () => this.#settle(),
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
      delays: settings,
      redact: settings.redact,
      onStep: (step) => host.stepped(step),
      onFault: (error) => this.#fault(error),
    });
    actor.start();
  }

  /** Lets the connection speak. */
  start(): void {
    const { settings } = this.#host;
    this.#chart.send({ type: 'Connected' });
    this.#host.connected(this);
    this.#connection.start({
      data: (chunk, kind) => this.#reading.push(chunk, kind),
      end: () => this.#reading.end(),
      drain: () => this.#reading.unblock(),
      fault: (kind) => this.#protocolError(frameFault(kind, settings.maxFrame).description),
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
      errors: this.#errors,
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
    if (this.#validation !== null || this.#isOver()) return false;
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

  /** The names on the wire reach the chart only through here: whatever a client says is a client's message. */
  #receive(message: WireMessage): void {
    const type =
      message.messageName === 'RequestRegisterClient' ? 'RequestRegisterClient' : 'OtherMessage';
    this.#chart.send({ type, message });
  }

  /** Writes a message of the server's and tells the chart. */
  #say(message: WireMessage): boolean {
    if (this.#isOver()) return false;
    const { codec, maxUnsent } = this.#host.settings;
    const bytes = codec.encode(message, this.#connection.framing);
    if (!this.#connection.write(bytes)) this.#reading.block();
    this.#chart.send({ type: serverEvent(message.messageName), message });
    if (this.#connection.unsent > maxUnsent) this.#end('slow-reader');
    return true;
  }

  #answerError(request: WireMessage | null, error: ErrorName, description: string): void {
    const code = this.#host.settings.errorCodes[error];
    this.#say(eventError(request ? referenceIdOf(request) : null, code, description));
  }

  #end(reason: DisconnectReason): void {
    this.#isEnding = true;
    this.#chart.send({ type: 'Disconnected', reason });
  }

  #protocolError(description: string): void {
    this.#answerError(null, 'malformed-frame', description);
    this.#end('protocol-error');
  }

  #validate(event: RegistrationEvent): void {
    const message = messageOf(event);
    const parsed = parseRegisterClient(message);
    if (!parsed.ok) {
      this.#answerError(message, 'malformed-request', `malformed-request: ${parsed.problem}`);
      return;
    }
    const { validator, validatorTimeout } = this.#host.settings;
    const controller = new AbortController();
    const { scheme, remoteAddress, certificate } = this.#connection;
    const verdict = decide(
      parsed.request,
      { session: this.id, scheme, remoteAddress, certificate },
      controller,
      {
        validator,
        timeout: validatorTimeout,
        onProblem: (error) => this.#host.problem(error),
      },
    );
    if (!(verdict instanceof Promise)) {
      this.#conclude(parsed.request, verdict);
      return;
    }
    this.#validation = controller;
    void verdict.then((decided) => {
      if (this.#validation !== controller) return;
      this.#validation = null;
      this.#conclude(parsed.request, decided);
      this.#reading.pump();
    });
  }

  /** Nobody waits for the verdict any more. */
  #settle(): void {
    const controller = this.#validation;
    this.#validation = null;
    controller?.abort();
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
    this.#registration = request;
    this.#say(eventAck(request.referenceId, proxyOf(request)));
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
    this.#errors += 1;
    const errorName = errorNameOf(errorCode, this.#host.settings.errorCodes);
    this.#host.refused(this, { errorCode, errorName, errorDescription });
  }

  #granted(): void {
    this.#registeredAt = Date.now();
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
    if (reason === 'slow-reader' || reason === 'transport-error') this.#connection.destroy();
    else this.#connection.close(closeCauses[reason] ?? 'done');
    this.#host.disconnected(this, reason, this.#brokenBy);
  }

  /** A codec of somebody else's threw: what it was given counts as no message. */
  #codecFailed(error: unknown): void {
    this.#host.problem(error instanceof Error ? error : new Error(String(error)));
    this.#end('protocol-error');
  }

  /** The chart itself failed: no deadline runs any more, so the connection must not stay. */
  #fault(error: unknown): void {
    this.#host.problem(error instanceof Error ? error : new Error(String(error)));
    this.#settle();
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
