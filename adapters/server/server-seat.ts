import { type ErrorName, errorNameOf } from '../../machines/registration/chart/error-codes.js';
import { messageOfEvent } from '../../machines/registration/chart/message-events.js';
import {
  eventAck,
  parseRegisterClient,
  type RequestRegisterClient,
  type WireMessage,
} from '../../machines/registration/chart/messages.js';
import type {
  DisconnectReason,
  RegistrationEvent,
  Seat,
  SeatActions,
  SeatDelays,
} from '../../machines/registration/chart/seat.js';
import { serverEffects } from '../../machines/registration/chart/server-effects.js';
import { abridged } from '../../machines/text/format.js';
import type { MemberClaimOutcome } from '../directory/member.js';
import { Abort } from './abort.js';
import { type ClientRequest, replyTo, type TrackedReply } from './reply.js';
import type { SendOutcome } from './send-outcome.js';
import type { ServerSession } from './server-session.js';
import type { SessionHost } from './session-host.js';
import type { Refusal } from './session-info.js';
import type { SharedNames } from './shared-names.js';
import type { UnregisteredClient } from './unregistered-client.js';
import { Validation } from './validation.js';
import { type ConnectionInfo, nameInUse, type Verdict } from './validator.js';

type GrantingVerdict = Extract<Verdict<unknown>, { readonly valid: true }>;

/** What a seat needs of its session. */
export interface SeatedSession extends ServerSession<unknown> {
  /** What a validator knows of the connection. */
  readonly connectionInfo: ConnectionInfo;
  readonly unregisteredClient: UnregisteredClient;
  sendMessage(message: WireMessage): SendOutcome;
  /** @param retryAfter milliseconds after which the client may try again. @default not told */
  answerError(
    request: WireMessage | null,
    error: ErrorName,
    description: string,
    retryAfter?: number | null,
  ): void;
  /** Reads on after the answer that the client waited for. */
  resumeReading(): void;
  /** An unregistered client was sent EventError. */
  onRejected(refusal: Refusal): void;
  /** The registration is granted. */
  granted(): void;
  /** Passes a message to the service. @returns a promise that resolves when its handler is done; undefined if it is done already */
  requested(request: ClientRequest<unknown>, reply: TrackedReply): Promise<void> | undefined;
  /** A handler of the service works on a message of the client until the promise resolves. */
  handlingUntil(done: Promise<void>): void;
  finish(reason: DisconnectReason): void;
  /** The session is over: closes its connection. */
  releaseConnection(reason: DisconnectReason): void;
}

/** The server's seat: the actions that the chart calls. Seat and actions are one object, to keep a session small. */
export class ServerSeat implements Seat, SeatActions {
  readonly delays: SeatDelays;
  readonly #session: SeatedSession;
  readonly #host: SessionHost;
  #registration: RequestRegisterClient | null = null;
  #askedAs: unknown = null;
  #data: unknown;
  /** The pending validation, or the wait for room for the name. */
  #validation: Abort | null = null;
  #epoch: number | null = null;
  /** Whether the session holds a name that is shared with other gates. */
  holdsName = false;

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

  /** What the verdict gave for the client; undefined until the registration is granted. */
  get data(): unknown {
    return this.#data;
  }

  /** The fencing number of its name; null where it has none. */
  get epoch(): number | null {
    // A name that was granted while the store was lost gets its epoch later.
    if (this.#epoch === null && this.holdsName) {
      this.#epoch = this.#host.sharedNames?.epochOf(this.#nameOf(this.#registration)) ?? null;
    }
    return this.#epoch;
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
    const handled = session.requested({ message, session, reply }, reply);
    if (handled) session.handlingUntil(handled);
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

  #conclude(request: RequestRegisterClient, verdict: Verdict<unknown>): void {
    const session = this.#session;
    if (!verdict.valid) {
      const { error: defaultError, description } = serverEffects.validate;
      const { error = defaultError, reason } = verdict;
      const prefix = error === defaultError ? `${description}: ` : '';
      session.answerError(request, error, `${prefix}${reason}`);
      return;
    }
    const { sharedNames, settings } = this.#host;
    const { cap } = verdict;
    if (sharedNames && cap !== undefined && settings.namePolicy !== 'allow') {
      this.#claimShared(sharedNames, request, verdict, cap);
      return;
    }
    if (this.#host.claim(request.clientName, verdict.cap)) {
      this.#grant(request, verdict.data);
      return;
    }
    const room = this.#host.makeRoom(request.clientName);
    if (room instanceof Promise) this.#waitForRoom(request, verdict, room);
    else this.#claimAgain(request, verdict);
  }

  /** Asks the directory for the name. The client waits for the answer meanwhile, as for a verdict. */
  #claimShared(
    names: SharedNames,
    request: RequestRegisterClient,
    { data }: GrantingVerdict,
    cap: number,
  ): void {
    const { id } = this.#session;
    const waiting = new Abort();
    this.#validation = waiting;
    void names.claim(id, request.clientName, cap).then((outcome) => {
      if (this.#validation !== waiting) {
        if (outcome.granted) names.release(this.#nameOf(request));
        return;
      }
      this.#validation = null;
      if (outcome.granted) this.#grantShared(names, request, data, outcome.epoch);
      else this.#refuseName(request, cap, outcome);
      this.#session.resumeReading();
    });
  }

  #grantShared(
    names: SharedNames,
    request: RequestRegisterClient,
    data: unknown,
    epoch: number | null,
  ): void {
    this.holdsName = true;
    this.#epoch = epoch;
    this.#grant(request, data);
    if (this.#registration === request) return;
    this.holdsName = false;
    names.release(this.#nameOf(request));
  }

  #refuseName(
    request: RequestRegisterClient,
    cap: number,
    { error, retryAfter }: Extract<MemberClaimOutcome, { readonly granted: false }>,
  ): void {
    if (error === 'name-in-use') this.#session.answerError(request, error, nameInUse(cap));
    else {
      const description = 'the name cannot be checked now; try again later';
      this.#session.answerError(request, error, description, retryAfter);
    }
  }

  #nameOf(request: RequestRegisterClient | null) {
    return { id: this.#session.id, clientName: request?.clientName ?? '' };
  }

  /** The client waits for the answer meanwhile, as for a verdict. */
  #waitForRoom(request: RequestRegisterClient, verdict: GrantingVerdict, room: Promise<boolean>) {
    const waiting = new Abort();
    this.#validation = waiting;
    void room.then(() => {
      if (this.#validation !== waiting) return;
      this.#validation = null;
      this.#claimAgain(request, verdict);
      this.#session.resumeReading();
    });
  }

  #claimAgain(request: RequestRegisterClient, { cap, data }: GrantingVerdict): void {
    if (this.#host.claim(request.clientName, cap)) this.#grant(request, data);
    else this.#session.answerError(request, 'name-in-use', nameInUse(cap));
  }

  #grant(request: RequestRegisterClient, data: unknown): void {
    if (!this.#mayGrant(request)) return;
    this.#registration = request;
    this.#data = data;
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
