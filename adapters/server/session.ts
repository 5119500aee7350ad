import { createActor } from 'xstate';
import {
  type Configuration,
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
  type StepRecord,
  seated,
  systemClock,
  type WireMessage,
} from '../../machines/index.js';
import type { CloseCause, Connection } from '../transports/transport.js';
import type { Decoder } from '../wire/codec.js';
import { frameFault } from '../wire/fault.js';
import { decide } from './decision.js';
import type { ServerSettings } from './options.js';
import { type ClientRequest, replyTo } from './reply.js';
import type { Verdict } from './validator.js';

/** What can be told of a live session. */
export interface SessionInfo {
  readonly id: string;
  readonly state: Configuration;
  readonly scheme: Connection['scheme'];
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** As registered; null until then. */
  readonly clientName: string | null;
  readonly clientType: string | null;
  readonly mediaType: string | null;
  readonly proxyClientId: number | null;
  /** Wall clock, milliseconds since 1970. */
  readonly connectedAt: number;
  readonly registeredAt: number | null;
  /** Milliseconds left until the running deadline, or null when none runs. */
  readonly deadline: number | null;
  /** How often this client was refused before it registered. */
  readonly errors: number;
  /** Common name of the client's certificate (mutual TLS), or null. */
  readonly certificateSubject: string | null;
}

/** What a refused client was told. */
export interface Refusal {
  readonly errorCode: number;
  readonly errorName: ErrorName | null;
  readonly errorDescription: string;
}

/** What a session needs of its server. */
export interface SessionHost {
  readonly settings: ServerSettings;
  /** Claims a place among the registered of this name, or says that all are taken. */
  claim(clientName: string, cap: number | undefined): boolean;
  connected(session: ServerSession): void;
  registered(session: ServerSession): void;
  refused(session: ServerSession, refusal: Refusal): void;
  disconnected(session: ServerSession, reason: DisconnectReason, error: Error | null): void;
  /** The connection itself is gone; after `disconnected`. */
  closed(session: ServerSession): void;
  requested(request: ClientRequest): void;
  stepped(step: StepRecord): void;
  problem(error: Error): void;
}

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
  readonly #decoder: Decoder;
  readonly #connectedAt = Date.now();
  #registration: RequestRegisterClient | null = null;
  #registeredAt: number | null = null;
  #errors = 0;
  #validation: AbortController | null = null;
  #brokenBy: Error | null = null;
  /** The client does not read what it is sent: nothing more is read from it. */
  #blocked = false;
  #paused = false;
  #pumping = false;
  #peerEnded = false;

  constructor(id: string, connection: Connection, host: SessionHost) {
    this.id = id;
    this.#connection = connection;
    this.#host = host;
    const { settings } = host;
    this.#decoder = settings.codec.createDecoder({
      framing: connection.framing,
      maxFrame: settings.maxFrame,
    });
    const actor = createActor(
      seated({
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
      }),
      { clock: systemClock },
    );
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
      data: (chunk, kind) => {
        this.#decoder.push(chunk, kind);
        this.#pump();
      },
      end: () => {
        this.#peerEnded = true;
        this.#pump();
      },
      drain: () => {
        this.#blocked = false;
        this.#pump();
      },
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
    const commonName = certificate?.subject?.CN;
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
      certificateSubject: (Array.isArray(commonName) ? commonName[0] : commonName) ?? null,
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

  /** Processes what was received, one message at a time, until an answer is owed or the client does not read. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#mayRead()) {
        const decoded = this.#decoder.next();
        if (decoded === null) {
          if (this.#peerEnded) this.#end('peer-closed');
          break;
        }
        if (decoded.fault) this.#protocolError(decoded.fault.description);
        else this.#receive(decoded.message);
      }
    } finally {
      this.#pumping = false;
    }
    this.#pauseWhile(!this.#mayRead() && !this.#isOver());
  }

  #mayRead(): boolean {
    return this.#validation === null && !this.#blocked && !this.#isOver();
  }

  #isOver(): boolean {
    return this.#chart.configuration === 'disconnected';
  }

  #pauseWhile(wait: boolean): void {
    if (wait === this.#paused) return;
    this.#paused = wait;
    if (wait) this.#connection.pause();
    else this.#connection.resume();
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
    if (!this.#connection.write(bytes)) this.#blocked = true;
    this.#chart.send({ type: serverEvent(message.messageName), message });
    if (this.#connection.unsent > maxUnsent) this.#end('slow-reader');
    return true;
  }

  #answerError(request: WireMessage | null, error: ErrorName, description: string): void {
    const code = this.#host.settings.errorCodes[error];
    this.#say(eventError(request ? referenceIdOf(request) : null, code, description));
  }

  #end(reason: DisconnectReason): void {
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
      this.#pump();
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
