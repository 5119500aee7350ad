import type { Configuration } from '../../machines/registration/chart/configurations.js';
import type { ErrorName } from '../../machines/registration/chart/error-codes.js';
import {
  clientEventType,
  serverEventType,
} from '../../machines/registration/chart/message-events.js';
import {
  eventError,
  type RequestRegisterClient,
  referenceIdOf,
  type WireMessage,
} from '../../machines/registration/chart/messages.js';
import type { DisconnectReason, SeatDelays } from '../../machines/registration/chart/seat.js';
import {
  Session,
  type SessionOptions,
  type StepRecord,
} from '../../machines/registration/session/step.js';
import { commonNamesOf } from '../net/transports/peer.js';
import type { CloseCause, Connection } from '../net/transports/transport.js';
import { toError } from '../runtime/errors.js';
import type { AdmittedConnection, ManagedSession } from './admitted-connection.js';
import { checkMessage, type EncodedMessage } from './encoded-message.js';
import { NoAnswerError } from './errors.js';
import { checkedKick, type KickOptions } from './kick.js';
import { ProxiedClients, type ProxyCarrier } from './proxied-clients.js';
import type { ClientRequest, TrackedReply } from './reply.js';
import type { SendOutcome } from './send-outcome.js';
import { type SeatedSession, ServerSeat } from './server-seat.js';
import { checkGroup } from './session-groups.js';
import type { SessionHost } from './session-host.js';
import type { Refusal, SessionInfo } from './session-info.js';
import { SessionIo } from './session-io.js';
import type { ConnectionInfo } from './validator.js';

const closeCauses: Partial<Record<DisconnectReason, CloseCause>> = {
  'registration-timeout': 'timeout',
  'rejection-timeout': 'timeout',
  'protocol-error': 'protocol-error',
  'too-many-errors': 'refused',
  drained: 'going-away',
  replaced: 'refused',
  revoked: 'refused',
  kicked: 'refused',
  'directory-lost': 'going-away',
};

/**
 * One connection in the server's seat. Everything the client sends passes the chart first. While the client waits for an answer nothing
 * is read from it, so the socket keeps the order and no queue is needed.
 */
export class GateSession
  extends SessionIo
  implements SeatedSession, SessionOptions, ManagedSession, ProxyCarrier
{
  readonly number: number;
  readonly admitted: AdmittedConnection;
  readonly #run: string;
  readonly #chart: Session;
  readonly #seat: ServerSeat;
  readonly #connectedAt = Date.now();
  #registeredAt: number | null = null;
  /** What the server is notified of once the step under way is taken. A step has at most one such event. */
  #notification: (() => void) | null = null;
  /** Number of handlers of the service that work on messages of this client. */
  #handling = 0;
  /** Null until it joins a group. */
  #groups: Set<string> | null = null;
  /** Null until it carries other clients. */
  #clients: ProxiedClients | null = null;
  /** The end is decided. The chart gets the event when the step under way is done; until then nothing is sent or read. */
  #isEnding = false;

  /**
   * @param run the prefix of the session's id
   * @param number the number of the session within its server
   * @param connection an open connection, which the session owns from now on
   */
  constructor(
    run: string,
    number: number,
    connection: Connection,
    admitted: AdmittedConnection,
    host: SessionHost,
  ) {
    super(connection, admitted.remoteAddress, host);
    this.#run = run;
    this.number = number;
    this.admitted = admitted;
    this.#seat = new ServerSeat(this, host, this.#delays());
    const actor = host.settings.actorIn(this.#seat);
    this.#chart = new Session(actor, this);
    actor.start();
  }

  // Called by the service.

  get id(): string {
    return `${this.#run}-${this.number}`;
  }

  info(): SessionInfo {
    const { scheme, remotePort, certificate } = this.connection;
    const { remoteAddress, arrival } = this.admitted;
    const { registration, askedAs } = this.#seat;
    return {
      id: this.id,
      carrier: this.carrier,
      state: this.#chart.configuration,
      scheme,
      remoteAddress,
      remotePort: arrival.remotePort ?? remotePort,
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
      node: this.host.sharedNames?.node ?? null,
      epoch: this.epoch,
    };
  }

  get isRegistered(): boolean {
    return this.#chart.configuration === 'registered';
  }

  get registration(): RequestRegisterClient | null {
    return this.#seat.registration;
  }

  get clientName(): string {
    return this.#seat.registration?.clientName ?? '';
  }

  get holdsName(): boolean {
    return this.#seat.holdsName;
  }

  get wasRegistered(): boolean {
    return this.#registeredAt !== null;
  }

  get elapsed(): number {
    return this.#chart.elapsed;
  }

  get data(): unknown {
    return this.#seat.data;
  }

  get epoch(): number | null {
    return this.#seat.epoch;
  }

  get groups(): readonly string[] {
    return this.#groups === null ? [] : [...this.#groups];
  }

  join(group: string): boolean {
    checkGroup(group);
    if (!this.isRegistered || this.isOver()) return false;
    this.#groups ??= new Set();
    this.#groups.add(group);
    this.host.groups.join(group, this.admitted);
    return true;
  }

  leave(group: string): boolean {
    checkGroup(group);
    if (this.isOver() || !this.#groups?.delete(group)) return false;
    this.host.groups.leave(group, this.admitted);
    return true;
  }

  send(message: WireMessage): SendOutcome {
    checkMessage(message);
    return this.isRegistered ? this.sendMessage(message) : this.#notSent();
  }

  /** The id of the session whose connection carries this client; null for a client with its own connection. */
  get carrier(): string | null {
    return null;
  }

  inject(message: WireMessage): boolean {
    if (!this.mayRead()) return false;
    this.onMessage(message);
    return true;
  }

  disconnect(): void {
    this.finish('server-closed');
  }

  kick(options: KickOptions = {}): void {
    const { reason, retryAfter } = checkedKick(options);
    if (this.isOver()) return;
    const why = reason === undefined ? '' : `: ${reason}`;
    const code = this.host.settings.errorCodes.kicked;
    const error = eventError(null, code, `disconnected by an operator${why}`);
    this.sendMessage(retryAfter === undefined ? error : { ...error, retryAfter });
    this.finish('kicked');
  }

  // Called by the server.

  sendEncoded(encoded: EncodedMessage): SendOutcome {
    return this.isRegistered ? this.sendMessage(encoded.message, encoded) : this.#notSent();
  }

  /** `groups` keeps the names, for listeners of the end. */
  leaveGroups(): void {
    if (this.#groups === null) return;
    for (const group of this.#groups) this.host.groups.leave(group, this.admitted);
  }

  #notSent(): SendOutcome {
    return this.isOver() ? 'closed' : 'not-registered';
  }

  start(): void {
    this.#chart.send({ type: 'Connected' });
    this.connection.start(this.pump);
  }

  enableKeepAlive(silence: number): void {
    this.keepAliveAfter(this.#chart.elapsed, silence);
  }

  shutDown(): void {
    this.answerError(null, 'shutting-down', 'the server is shutting down');
    if (!this.isRegistered) this.drained();
  }

  drained(): void {
    this.finish('drained');
  }

  replace(isSilent: boolean): void {
    if (this.isOver()) return;
    if (isSilent) this.failure = new NoAnswerError();
    else this.answerError(null, 'session-replaced', 'another connection registered with this name');
    this.finish('replaced');
    if (isSilent) this.connection.destroy();
  }

  loseDirectory(): void {
    if (this.isOver()) return;
    const description = 'the directory of names is lost; try again later';
    this.answerError(null, 'server-busy', description, 1_000);
    this.finish('directory-lost');
  }

  revoke(reason: string): void {
    if (this.isOver()) return;
    this.answerError(null, 'registration-revoked', `client is not valid any more: ${reason}`);
    this.finish('revoked');
  }

  destroy(): void {
    this.finish('drained');
    this.connection.destroy();
  }

  // Called by reading and writing.

  /**
   * The client waits for no answer, no answer waits for the recording, the service has a handler free for this client, and the session
   * goes on.
   */
  mayRead(): boolean {
    if (this.#seat.isValidating || this.writer.isHeld || this.isOver()) return false;
    if (this.#clients?.isWaiting) return false;
    return this.#handling === 0 || this.#handling < this.host.settings.concurrency;
  }

  override onMessage(message: WireMessage): void {
    if (this.isRegistered) this.host.sharedNames?.checkLeases();
    if (this.isOver()) return;
    const { proxyClientId } = message;
    if (!this.#isOfProxiedClient(proxyClientId)) {
      super.onMessage(message);
      return;
    }
    this.#clients ??= new ProxiedClients(this, this.host);
    this.#clients.route(message, proxyClientId);
  }

  /** Whether a message belongs to a client that this proxy carries. With its own proxyClientId a proxy speaks for itself. */
  #isOfProxiedClient(proxyClientId: unknown): proxyClientId is number {
    if (proxyClientId === undefined || !this.isRegistered) return false;
    const own = this.#seat.registration;
    return (
      own?.clientType === 'Proxy' &&
      (this.#clients !== null || this.host.settings.limits.proxyClients > 0) &&
      typeof proxyClientId === 'number' &&
      (proxyClientId | 0) === proxyClientId &&
      proxyClientId !== own.proxyClientId
    );
  }

  /** Whether it waits for a verdict or for a handler of the service. */
  get isBusy(): boolean {
    return this.#seat.isValidating || this.#handling > 0;
  }

  /** The answers to the messages before the end are sent first. */
  override onInputEnd(): void {
    if (!this.isBusy && !this.#clients?.isBusy) super.onInputEnd();
  }

  isOver(): boolean {
    return this.#isEnding || this.#chart.configuration === 'disconnected';
  }

  /** Only here do names from the wire become events of the chart: every message that a client sends is a message of a client. */
  protected receive(message: WireMessage): void {
    this.host.traffic.received(message.messageName);
    this.#chart.send({ type: clientEventType(message.messageName), message });
  }

  closed(error: Error | null): void {
    this.failure = error;
    this.#chart.send({ type: 'Disconnected', reason: error ? 'transport-error' : 'peer-closed' });
    this.host.closed(this);
  }

  finish(reason: DisconnectReason): void {
    this.#isEnding = true;
    this.#chart.send({ type: 'Disconnected', reason });
  }

  // Called by the clients that it carries.

  get sharedConnection(): Connection {
    return this.connection;
  }

  /** Bytes that wait to be written. */
  get unsent(): number {
    return this.writer.unsent;
  }

  /** Writes the encoded message of a client that it carries. */
  passOn(encoded: string | Uint8Array): void {
    if (this.isOver()) return;
    if (typeof encoded === 'string') this.writer.writeText(encoded);
    else this.writer.write(encoded);
    this.checkUnsent();
  }

  // Called by the seat.

  get connectionInfo(): ConnectionInfo {
    const { scheme, certificate, proxyAddress, servername, request } = this.connection;
    const { remoteAddress, arrival } = this.admitted;
    return {
      session: this.id,
      scheme,
      remoteAddress,
      proxyAddress: proxyAddress ?? null,
      listener: arrival.listener,
      servername: servername ?? null,
      request: request ?? null,
      certificate,
    };
  }

  sendMessage(message: WireMessage, encoded: EncodedMessage | null = null): SendOutcome {
    if (this.isOver()) return 'closed';
    const type = serverEventType(message.messageName);
    const isGrant = type === 'EventAck' && !this.isRegistered;
    const isHeld = isGrant && this.host.settings.journal?.requiresDurableAck === true;
    this.write(message, isHeld, encoded);
    this.host.traffic.sent(message.messageName);
    this.#chart.send({ type, message });
    return this.checkUnsent();
  }

  answerError(
    request: WireMessage | null,
    error: ErrorName,
    description: string,
    retryAfter: number | null = null,
  ): void {
    const code = this.host.settings.errorCodes[error];
    const message = eventError(request ? referenceIdOf(request) : null, code, description);
    this.sendMessage(retryAfter === null ? message : { ...message, retryAfter });
  }

  requested(request: ClientRequest<unknown>, reply: TrackedReply): Promise<void> | undefined {
    return this.host.requested(request, reply);
  }

  handlingUntil(done: Promise<void>): void {
    this.#handling += 1;
    void done.then(() => {
      this.#handling -= 1;
      this.resumeReading();
    });
  }

  onRejected(refusal: Refusal): void {
    this.#notification = () => this.host.refused(this, refusal);
  }

  granted(): void {
    this.#registeredAt = Date.now();
    // Validators read it; they are asked again only for the clients of a proxy.
    const { maxFrame, proxyClients } = this.host.settings.limits;
    this.connection.limitFrames?.(maxFrame);
    if (proxyClients === 0 && this.connection.request) this.connection.request = null;
    this.host.granted(this);
    this.#notification = () => this.host.registered(this);
  }

  releaseConnection(reason: DisconnectReason): void {
    this.#clients?.endAll(reason);
    this.pump.close();
    this.writer.close();
    this.admitted.ended(this.unregisteredClient, reason);
    if (reason === 'slow-reader' || reason === 'transport-error') this.connection.destroy();
    else this.connection.close(closeCauses[reason] ?? 'done');
    if (!this.host.over(this)) return;
    this.#notification = () => this.host.disconnected(this, reason, this.failure);
  }

  // Called by the chart's session.

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
    return this.host.settings.redact(message);
  }

  isRead(): boolean {
    return this.host.readsSteps;
  }

  onMoved(from: Configuration): void {
    // A listener of the step may end the session; the end must not be reported before the step.
    if (from === 'connecting') this.host.connected(this);
    const notify = this.#notification;
    this.#notification = null;
    notify?.();
  }

  onStep(step: StepRecord): void {
    // The EventAck leaves after the registration is recorded. The flush cannot begin before the step is made: a validator that decides at
    // once does so in the middle of the step before it.
    const isGranted = step.to === 'registered' && step.from !== 'registered';
    const epoch = isGranted ? this.epoch : null;
    this.host.stepped(epoch === null ? step : { ...step, epoch });
    if (!isGranted || !this.writer.isHeld) return;
    this.writer.flushAfter(this.host.settings.journal?.flushed() ?? Promise.resolve());
  }

  /** The chart itself failed. No deadline runs any more, so the connection must not stay. */
  onFault(error: unknown): void {
    this.host.problem(toError(error));
    this.#seat.settle();
    this.#clients?.endAll('server-closed');
    this.pump.close();
    this.writer.close();
    this.connection.destroy();
    this.#notification = null;
    if (this.host.over(this)) this.host.disconnected(this, 'server-closed', null);
  }

  /** The deadlines of this session, which do not change later. The time that the transport took for its setup counts. */
  #delays(): SeatDelays {
    const { settings } = this.host;
    const passed = performance.now() - this.admitted.acceptedAt;
    // Plain TCP has no setup; then all sessions share one object.
    if (passed < 1) return settings;
    const { registrationTimeout, rejectionTimeout } = settings;
    return { registrationTimeout: Math.max(1, registrationTimeout - passed), rejectionTimeout };
  }
}
