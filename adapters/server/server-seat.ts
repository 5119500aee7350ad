import {
  abridged,
  type DisconnectReason,
  type ErrorName,
  errorNameOf,
  eventAck,
  messageOfEvent,
  parseRegisterClient,
  type RegistrationEvent,
  type RequestRegisterClient,
  type Seat,
  type SeatActions,
  type SeatDelays,
  serverEffects,
  type WireMessage,
} from '../../machines/index.js';
import { Abort } from './abort.js';
import { replyTo } from './reply.js';
import type { ServerSession } from './session.js';
import type { SessionHost } from './session-host.js';
import type { Refusal } from './session-info.js';
import type { UnregisteredClient } from './unregistered-client.js';
import { Validation } from './validation.js';
import { type ConnectionInfo, nameInUse, type Verdict } from './validator.js';

/** What a seat needs of the session that sits in it. */
export interface SeatedSession extends ServerSession {
  /** What a validator is told of the connection. */
  readonly connectionInfo: ConnectionInfo;
  readonly unregisteredClient: UnregisteredClient;
  sendMessage(message: WireMessage): boolean;
  answerError(request: WireMessage | null, error: ErrorName, description: string): void;
  /** The answer that was owed is given: what was received meanwhile may be read. */
  resumeReading(): void;
  /** The client was sent EventError before it is registered. */
  onRejected(refusal: Refusal): void;
  /** The registration is granted. */
  granted(): void;
  finish(reason: DisconnectReason): void;
  /** The session is over: its connection is let go. */
  releaseConnection(reason: DisconnectReason): void;
}

/** The server's seat: what it does when the chart says so. It is the seat and its actions in one, an object a session. */
export class ServerSeat implements Seat, SeatActions {
  readonly delays: SeatDelays;
  readonly #session: SeatedSession;
  readonly #host: SessionHost;
  #registration: RequestRegisterClient | null = null;
  #askedAs: unknown = null;
  /** What the answer waits for: a verdict, or room for the name. */
  #validation: Abort | null = null;

  constructor(session: SeatedSession, host: SessionHost, delays: SeatDelays) {
    this.#session = session;
    this.#host = host;
    this.delays = delays;
  }

  get actions(): SeatActions {
    return this;
  }

  /** As granted; null until then. */
  get registration(): RequestRegisterClient | null {
    return this.#registration;
  }

  /** The name it last asked to register as, granted or not; a value that is not a string is shown as JSON. Null until it asks. */
  get askedAs(): string | null {
    const name = this.#askedAs ?? null;
    return name === null || typeof name === 'string' ? name : abridged(name);
  }

  get isValidating(): boolean {
    return this.#validation !== null;
  }

  opened(): void {}

  unexpected(): void {}

  validate(event: RegistrationEvent): void {
    const message = messageOfEvent(event);
    const session = this.#session;
    this.#askedAs = message.clientName;
    if (!session.unregisteredClient.asks(this.#host)) {
      const description = 'too many registrations from this address; try again in a second';
      session.answerError(message, 'server-busy', description);
      return;
    }
    const parsed = parseRegisterClient(message);
    if (!parsed.ok) {
      session.answerError(message, 'malformed-request', `malformed-request: ${parsed.problem}`);
      return;
    }
    if (this.#mayGrant(parsed.request)) this.#askValidator(parsed.request);
  }

  /** The verdict is not needed any more. */
  settle(): void {
    const validation = this.#validation;
    this.#validation = null;
    validation?.abort();
  }

  refuse(event: RegistrationEvent): void {
    const message = messageOfEvent(event);
    const { error, description } = serverEffects.refuse;
    const sent = message.messageName.slice(0, 64);
    this.#session.answerError(
      message,
      error,
      `${description}: send RequestRegisterClient before ${sent}`,
    );
  }

  refused(event: RegistrationEvent): void {
    const { errorCode, errorDescription } = messageOfEvent(event) as WireMessage & Refusal;
    const errorName = errorNameOf(errorCode, this.#host.settings.errorCodes);
    const { unregisteredClient } = this.#session;
    unregisteredClient.refused(errorName);
    this.#session.onRejected({ errorCode, errorName, errorDescription });
    if (!unregisteredClient.mayStayAfterError(this.#host, errorName))
      this.#session.finish('too-many-errors');
  }

  granted(): void {
    this.#session.granted();
  }

  registerAgain(event: RegistrationEvent): void {
    const name = this.#registration?.clientName;
    const { error, description } = serverEffects.registerAgain;
    this.#session.answerError(messageOfEvent(event), error, `${description} as ${name}`);
  }

  deliver(event: RegistrationEvent): void {
    if (event.type !== serverEffects.deliver.event) return;
    const message = messageOfEvent(event);
    const session = this.#session;
    const { errorCodes } = this.#host.settings;
    const reply = replyTo(message, errorCodes, (answer) => session.send(answer));
    this.#host.requested({ message, session, reply }, reply);
  }

  disconnect(reason: DisconnectReason): void {
    this.#session.releaseConnection(reason);
  }

  #askValidator(request: RequestRegisterClient): void {
    const validation = new Validation(this.#session.connectionInfo, this.#host);
    const verdict = validation.start(request);
    if (!(verdict instanceof Promise)) {
      this.#conclude(request, verdict);
      return;
    }
    this.#validation = validation;
    void verdict.then((given) => {
      if (this.#validation !== validation) return;
      this.#validation = null;
      this.#conclude(request, given);
      this.#session.resumeReading();
    });
  }

  #conclude(request: RequestRegisterClient, verdict: Verdict): void {
    const session = this.#session;
    if (!verdict.valid) {
      const { error: defaultError, description } = serverEffects.validate;
      const { error = defaultError, reason } = verdict;
      const prefix = error === defaultError ? `${description}: ` : '';
      session.answerError(request, error, `${prefix}${reason}`);
      return;
    }
    const { cap } = verdict;
    if (this.#host.claim(request.clientName, cap)) {
      this.#grant(request);
      return;
    }
    const room = this.#host.makeRoom(request.clientName);
    if (room instanceof Promise) this.#waitForRoom(request, cap, room);
    else this.#claimAgain(request, cap);
  }

  /** The client waits for the answer meanwhile, as for a verdict. */
  #waitForRoom(request: RequestRegisterClient, cap: number | undefined, room: Promise<boolean>) {
    const waiting = new Abort();
    this.#validation = waiting;
    void room.then(() => {
      if (this.#validation !== waiting) return;
      this.#validation = null;
      this.#claimAgain(request, cap);
      this.#session.resumeReading();
    });
  }

  #claimAgain(request: RequestRegisterClient, cap: number | undefined): void {
    if (this.#host.claim(request.clientName, cap)) this.#grant(request);
    else this.#session.answerError(request, 'name-in-use', nameInUse(cap));
  }

  #grant(request: RequestRegisterClient): void {
    if (!this.#mayGrant(request)) return;
    this.#registration = request;
    this.#session.sendMessage(eventAck(request.referenceId, proxyOf(request)));
  }

  /** Where answers wait for the recording and none can be written, no client is registered. Tells the client. */
  #mayGrant(request: RequestRegisterClient): boolean {
    const { journal } = this.#host.settings;
    if (!journal?.requiresDurableAck || journal.canRecord) return true;
    const description = 'registrations cannot be recorded now; try again later';
    this.#session.answerError(request, 'server-busy', description);
    return false;
  }
}

function proxyOf({ proxyClientId }: RequestRegisterClient): Record<string, number> | undefined {
  return proxyClientId === undefined ? undefined : { proxyClientId };
}
