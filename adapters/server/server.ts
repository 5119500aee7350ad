import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { isTransientError } from '../../machines/registration/chart/error-codes.js';
import { eventError } from '../../machines/registration/chart/messages.js';
import type { SeatDelays } from '../../machines/registration/chart/seat.js';
import { ignoreSharedLimits, SharedLimits } from '../directory/limits/shared-limits.js';
import type { DirectoryMember } from '../directory/member.js';
import { type AcceptInfo, type AcceptTarget, connectionOf } from '../net/transports/accept.js';
import type { HttpServer } from '../net/transports/attach.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { Peer } from '../net/transports/peer.js';
import type { Connection, ListenOptions, Rejection } from '../net/transports/transport.js';
import { OptionError, toError } from '../runtime/errors.js';
import { isStepRead, publishStep } from '../runtime/step-channel.js';
import { arrivalOf, rejectAccepted } from './accept.js';
import { AdmittedConnection, type ManagedSession } from './admitted-connection.js';
import type { Arrival } from './arrival.js';
import {
  type Attachment,
  type AttachOptions,
  attachGate,
  type OwnListenOptions,
} from './attach.js';
import { type Audience, LookedUpAudience } from './audience.js';
import { checkedHandler } from './declared-messages.js';
import { AcceptError } from './errors.js';
import { GateEmitter, type ServerEvents, type ViewEvents } from './events.js';
import type { DirectoryStatus, GateView } from './gate-view.js';
import type { Instrumentation } from './instrumentation.js';
import {
  Admission,
  type ConnectionRejection,
  EventLoopBudget,
  rejectionReasons,
  ValidationQueue,
} from './limits/index.js';
import { checkSignal, type ListenerOptions, listenLater } from './listen.js';
import { ListenerGroup, leavesIpv4 } from './listener-group.js';
import { MessageDispatcher } from './message-dispatcher.js';
import type { MessageSchemas, MessagesOf, UndeclaredMessages } from './message-types.js';
import { makeRoom } from './name-policy.js';
import {
  type AnyServerOptions,
  changedOptions,
  type OptionChanges,
  type ServerOptions,
  type ServerSettings,
  settingsFrom,
} from './options.js';
import type { ProxiedClients, ProxyCarrier } from './proxied-clients.js';
import { admittedByProxy, ProxiedSession } from './proxied-session.js';
import { RegisteredNames } from './registered-names.js';
import { type Recheck, revalidate } from './revalidation.js';
import { type GateCounts, ServerCounters } from './server-counters.js';
import type { ServerSession } from './server-session.js';
import { GateSession } from './session.js';
import { checkGroup, SessionGroups } from './session-groups.js';
import type { SessionHost } from './session-host.js';
import type { SessionInfo } from './session-info.js';
import { SessionRegistry } from './session-registry.js';
import { DirectoryNames, type SharedNames } from './shared-names.js';
import { Upkeep } from './upkeep.js';

/** `turnBudget` is divided by this for clients that were sent an EventError. */
const refusedPart = 5;
/** Milliseconds of a turn for the messages of all registered clients that have used up their own share. */
const registeredBudgetMs = 0.5;

/**
 * Starts a gate.
 * @returns the server, once it listens on every endpoint
 * @throws {ListenError} for an endpoint that cannot be listened on; then the open listeners are closed
 * @throws {OptionError} {UnknownOptionError} {EndpointError} for invalid options
 */
export function createServer<const Schemas extends MessageSchemas, Data = undefined>(
  options: ServerOptions<MessagesOf<Schemas>, Data> & { readonly messages: Schemas },
): Promise<GateServer<MessagesOf<Schemas>, Data>>;
/** Starts a gate whose messages are declared by types, or not at all. */
export function createServer<Messages = UndeclaredMessages, Data = undefined>(
  options?: ServerOptions<Messages, Data>,
): Promise<GateServer<Messages, Data>>;
export async function createServer(options: AnyServerOptions = {}): Promise<AnyServer> {
  const server: AnyServer = new GateServer(options);
  await server.open();
  return server;
}

type AnyServer = GateServer<UndeclaredMessages, unknown>;

/** A gate: it listens, registers clients and passes their messages to the service. Created by `createServer`. */
export class GateServer<Messages = UndeclaredMessages, Data = undefined>
  extends GateEmitter<ServerEvents<Data>>
  implements GateView, AsyncDisposable
{
  /** As given, with the changes of `reconfigure`. */
  #options: AnyServerOptions;
  #settings: ServerSettings;
  readonly #listeners = new ListenerGroup();
  readonly #names = new RegisteredNames();
  readonly #groups = new SessionGroups();
  readonly #dispatcher: MessageDispatcher;
  readonly #admission: Admission;
  readonly #validations: ValidationQueue;
  readonly #unregisteredBudget: EventLoopBudget;
  readonly #refusedBudget: EventLoopBudget;
  /** Unregistered sessions whose client was sent an EventError, oldest first. */
  readonly #misbehaving = new Set<ManagedSession>();
  readonly #registeredBudget = new EventLoopBudget(registeredBudgetMs);
  readonly #counters = new ServerCounters();
  readonly #host: SessionHost;
  /** Null until the gate is open. */
  #upkeep: Upkeep | null = null;
  /** The prefix of the ids of this server's sessions. */
  readonly #run = randomUUID().slice(0, 8);
  readonly #registry = new SessionRegistry(this.#run);
  /** The names of its cluster; null without a directory. */
  #directoryNames: DirectoryNames | null = null;
  /** The counts that it shares with the other gates of its cluster; null without one, and where they are not shared. */
  #sharedLimits: SharedLimits | null = null;
  /** Names shared with other workers; null in a gate of one process. */
  readonly #workerNames: SharedNames | null;
  #count = 0;
  /** Number of sessions that proxies carry. */
  #carried = 0;
  #instrumentation: Instrumentation | null = null;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | null = null;
  #wake: (() => void) | null = null;

  /** @internal @param workerNames names shared with other workers of the gate. @default none */
  constructor(given: ServerOptions<Messages, Data>, workerNames: SharedNames | null = null) {
    super();
    this.#workerNames = workerNames;
    // The types of messages and of data matter to the service only.
    const options = given as unknown as AnyServerOptions;
    const settings = settingsFrom(options);
    const { limits, random } = settings;
    this.#options = options;
    this.#declareMessages(settings);
    this.#settings = settings;
    this.#admission = new Admission({
      limits,
      random,
      makeRoom: () => this.#evictMisbehavingClient(),
    });
    this.#validations = new ValidationQueue(limits.maxValidations);
    this.#unregisteredBudget = new EventLoopBudget(limits.turnBudget);
    this.#refusedBudget = new EventLoopBudget(limits.turnBudget / refusedPart);
    this.#host = this.#createSessionHost();
    this.#dispatcher = new MessageDispatcher(this.#host);
  }

  /** @internal */
  async open(): Promise<void> {
    const { signal } = this.#options;
    checkSignal(signal);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    try {
      await this.#open();
    } catch (error) {
      await this.#leaveCluster();
      signal?.removeEventListener('abort', this.#onAbort);
      throw signal?.aborted ? signal.reason : error;
    }
    if (!signal?.aborted) return;
    await this.close();
    throw signal.reason;
  }

  readonly #onAbort = () => void this.close();

  async #open(): Promise<void> {
    await this.#joinCluster();
    await this.#listeners.open(this.#settings.listen, (arrival) => this.#listenOptions(arrival));
    const settings = () => this.#settings;
    this.#upkeep = new Upkeep({
      get settings() {
        return settings();
      },
      admission: this.#admission,
      registry: this.#registry,
      counters: this.#counters,
      problem: (error) => this.#problem(error),
    });
  }

  async #joinCluster(): Promise<void> {
    const { directory } = this.#settings;
    if (directory === null) return;
    const settings = () => this.#settings;
    this.#directoryNames = await DirectoryNames.open(directory, {
      get settings() {
        return settings();
      },
      loseName: (id, reason) => this.loseName(id, reason),
      makeRoomAmong: (sessions) => this.makeRoomAmong(sessions),
      changed: (state) => {
        this.#sharedLimits?.memberChanged(state);
        this.#tell('directory', state);
      },
      problem: (error) => this.#problem(error),
    });
    const { member } = this.#directoryNames;
    if (directory.shareLimits) this.#shareLimits(member);
    else ignoreSharedLimits(member);
  }

  #shareLimits(member: DirectoryMember): void {
    const admission = this.#admission;
    const limits = new SharedLimits({
      member,
      host: {
        countOthers: (changes) => admission.countOthers(changes),
        penalties: () => admission.penalties(),
        learnPenalties: (penalties) => admission.learnPenalties(penalties),
        problem: (error) => this.#problem(error),
      },
    });
    admission.onSourceChange = (change) => limits.counted(change);
    this.#sharedLimits = limits;
  }

  async #leaveCluster(): Promise<void> {
    await this.#sharedLimits?.close();
    await this.#directoryNames?.close();
  }

  /** The gate in its cluster; null without a directory. */
  get directory(): DirectoryStatus | null {
    return this.#directoryNames?.status ?? null;
  }

  /** @internal Its membership of the cluster, for messages to the other gates. */
  get member(): DirectoryMember | null {
    return this.#directoryNames?.member ?? null;
  }

  /** The endpoints, with the ports that the system chose. */
  get endpoints(): readonly Endpoint[] {
    return this.#listeners.endpoints;
  }

  /** The deadlines in force, in milliseconds. */
  get delays(): SeatDelays {
    const { registrationTimeout, rejectionTimeout } = this.#settings;
    return { registrationTimeout, rejectionTimeout };
  }

  /** @internal The counts of sources, which the workers of a cluster exchange. */
  get admission(): Admission {
    return this.#admission;
  }

  /** @internal The durations that it counts, for histograms of other libraries. */
  get durations(): Pick<ServerCounters, 'registrationDurations' | 'validationDurations'> {
    return this.#counters;
  }

  /** @internal Traces its sessions; null stops that. @returns false when another instrumentation does that already */
  instrument(instrumentation: Instrumentation | null): boolean {
    if (instrumentation !== null && this.#instrumentation !== null) return false;
    this.#instrumentation = instrumentation;
    return true;
  }

  #declareMessages({ declared, on }: ServerSettings): void {
    this.#counters.traffic.declare([...(declared?.keys() ?? []), ...(on?.keys() ?? [])]);
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** Whether new connections are rejected until `setDraining(false)`. */
  get isDraining(): boolean {
    return this.#admission.draining;
  }

  /**
   * Drains the gate, or takes it back. A draining gate listens and rejects new connections with EventError shutting-down (HTTP 503 for
   * WebSockets), and new clients of proxies as well. Open connections stay, and their clients may register.
   */
  setDraining(isDraining: boolean): void {
    this.#admission.draining = isDraining;
  }

  /** Whether the event loop was delayed in the last second, so that new connections are rejected. */
  get isOverloaded(): boolean {
    return this.#admission.overloaded;
  }

  /**
   * Changes options while the server runs, except `listen` and `random`. An option that is left out or undefined keeps its value; null
   * restores the default. Running deadlines and open connections stay; new values apply from now on.
   * @throws {OptionError} {UnknownOptionError} or the TLS error for an invalid certificate; then nothing has changed
   */
  reconfigure(changes: OptionChanges<Messages, Data>): void {
    const { listen, random, signal, directory, tls: before } = this.#options;
    const given = changes as unknown as OptionChanges<UndeclaredMessages, unknown>;
    const options = { ...changedOptions(this.#options, given), listen, random, signal, directory };
    checkSameSni(before, options.tls);
    const { tls } = this.#settings;
    const settings = settingsFrom(options);
    if (settings.tls && !sameFiles(settings.tls, tls)) this.#listeners.renewTls(settings.tls);
    const { limits } = settings;
    this.#options = options;
    this.#settings = settings;
    this.#declareMessages(settings);
    if (!this.isClosing) this.#upkeep?.startPinging();
    this.#admission.limits = limits;
    this.#validations.max = limits.maxValidations;
    this.#unregisteredBudget.budget = limits.turnBudget;
    this.#refusedBudget.budget = limits.turnBudget / refusedPart;
    this.#registry.each((session) => session.limitFrames());
  }

  /**
   * Listens on one more endpoint, e.g. when the service is ready.
   * @returns the endpoint, with the port that the system chose
   * @throws {ListenError} {EndpointError} {OptionError} {UnknownOptionError}, and the reason of `signal`
   */
  listen(endpoint: string | Endpoint, options: ListenerOptions = {}): Promise<Endpoint> {
    const optionsFor = (arrival: Arrival, own: OwnListenOptions) =>
      this.#listenOptions(arrival, own);
    return listenLater(endpoint, options, this.#settings, this.#listeners, optionsFor);
  }

  /**
   * Takes the WebSocket upgrades of one path of an HTTP server. Its routes, and its upgrades of other paths, work as before: a path without
   * another listener is answered by the routes. A connection requests its slot before the upgrade; without a slot it gets HTTP 503, as
   * after `close`. Close the gate before the server, which waits for its connections.
   * @throws {OptionError} {UnknownOptionError} for invalid arguments, and for a path that is attached already
   */
  attach(server: HttpServer, options: AttachOptions): Attachment {
    return attachGate(server, options, (listener, own) => this.#listenOptions({ listener }, own));
  }

  /**
   * Accepts a connection that the service opened or accepted itself. The server owns it from now on, and may reject it like any other. A
   * WebSocket is accepted in the tick in which it opens, or it is paused until then. The registration deadline runs from the call.
   * @returns the session; null when the connection got no slot, or when the client has left
   * @throws {OptionError} for any other target, and for invalid info
   */
  accept(target: AcceptTarget, info: AcceptInfo = {}): ServerSession<Data | undefined> | null {
    const arrival = arrivalOf(info);
    const { maxFrameUnregistered } = this.#settings.limits;
    const connection = connectionOf(target, info, maxFrameUnregistered);
    if (connection === null) return null;
    const { remoteAddress = connection.remoteAddress } = info;
    const remotePort = arrival.remotePort ?? connection.remotePort;
    const admitted = this.#admit({ remoteAddress, remotePort }, arrival);
    if (admitted instanceof AdmittedConnection) return this.#begin(connection, admitted);
    rejectAccepted(connection, admitted);
    return null;
  }

  /** @internal Makes room for one more session of a name, by the name policy. @returns whether a session was replaced */
  makeRoom(clientName: string): boolean | Promise<boolean> {
    const holders = this.#names.of(clientName).flatMap(({ session }) => session ?? []);
    return makeRoom(this.#settings.namePolicy, holders);
  }

  /** @internal Makes room among the registered sessions with these ids. */
  makeRoomAmong(ids: readonly string[]): boolean | Promise<boolean> {
    const sessions = ids.flatMap((id) => this.#registry.get(id) ?? []);
    const holders = sessions.filter(({ isRegistered }) => isRegistered);
    return makeRoom(this.#settings.namePolicy, holders);
  }

  /** @internal Ends a session that has lost its name. */
  loseName(id: string, reason: 'replaced' | 'directory-lost'): void {
    const session = this.#registry.get(id);
    if (reason === 'replaced') session?.replace(false);
    else session?.loseDirectory();
  }

  /**
   * Checks the registered clients again. Invalid clients get EventError registration-revoked and are disconnected. It yields to other
   * work every 5 ms. When `recheck` throws, the client stays, and the error is reported as a problem.
   * @returns the number of disconnected clients
   */
  revalidate(recheck: Recheck): Promise<number> {
    const problem = (error: Error) => this.#problem(error);
    return revalidate(this.#registry.sessions(), recheck, problem);
  }

  /** Snapshots of the live sessions, oldest first. */
  sessions(): SessionInfo[] {
    return this.#registry.sessions().map((session) => session.info());
  }

  /** A live session, by its id. */
  session(id: string): ServerSession<Data | undefined> | undefined {
    return this.#registry.get(id) as ServerSession<Data | undefined> | undefined;
  }

  /**
   * The registered sessions of a client name: usually one, at most the cap of the verdict. The lookup costs the same in any gate.
   * @throws {OptionError} for a name that is not a text
   */
  named(clientName: string): Audience<Data> {
    if (typeof clientName !== 'string') throw new OptionError('clientName', clientName, 'a text');
    return this.#audience(
      () => this.#names.of(clientName).flatMap(({ session }) => session ?? []),
      () => this.#names.count(clientName),
    );
  }

  /** The members of a group; see `session.join`. @throws {OptionError} for an invalid name */
  group(name: string): Audience<Data> {
    checkGroup(name);
    return this.#audience(
      () => this.#groups.of(name),
      () => this.#groups.size(name),
    );
  }

  /**
   * The registered sessions that a predicate selects. Each use of the audience calls the predicate for every registered session.
   * @throws {OptionError} for anything but a function
   */
  where(predicate: (session: ServerSession<Data>) => boolean): Audience<Data> {
    checkedHandler('predicate', predicate);
    return this.#audience(() =>
      this.#registry
        .sessions()
        .filter((one) => one.isRegistered && predicate(one as ServerSession<Data>)),
    );
  }

  #audience(sessions: () => ManagedSession[], size?: () => number): Audience<Data> {
    return new LookedUpAudience(sessions, () => this.#settings, size) as Audience<Data>;
  }

  /** The totals since the start and the current numbers. */
  counts(): GateCounts {
    return {
      ...this.#counters.totals(),
      open: this.#admission.open,
      unregistered: this.#admission.unregistered,
      registered: this.#names.size,
      carried: this.#carried,
      validationsRunning: this.#validations.running,
      validationsWaiting: this.#validations.waiting,
    };
  }

  /**
   * Stops accepting and sends every client EventError shutting-down. Unregistered clients are disconnected at once. Registered clients
   * may leave by themselves; after `drainMs` milliseconds (default 0) they are disconnected. A second call disconnects them now.
   * @returns a promise that resolves when every connection is gone
   */
  close({ drainMs = 0 }: { drainMs?: number } = {}): Promise<void> {
    if (this.#closing) {
      for (const session of this.#registry.sessions()) session.drained();
      return this.#closing;
    }
    this.#closing = this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#admission.closing = true;
    const closed = this.#listeners.close();
    for (const session of this.#registry.sessions()) session.shutDown();
    if (drainMs > 0) await this.#until(() => this.#registry.live === 0, drainMs);
    for (const session of this.#registry.sessions()) session.drained();
    // A closed connection lingers for at most a second, then destroys itself.
    await this.#until(() => this.#registry.size === 0, 2_000);
    for (const session of this.#registry.all()) session.destroy();
    await closed;
    await this.#leaveCluster();
    this.#upkeep?.close();
  }

  /** Resolves when `done` is true, checked whenever a session or a connection ends, or after `ms`. */
  async #until(done: () => boolean, ms: number): Promise<void> {
    if (done()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!done()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** The options of the listeners. Getters read the settings in force. */
  #listenOptions(
    arrival: Arrival,
    { trusted, allowOrigin, allowedHosts, proxyProtocol }: OwnListenOptions = {},
  ): ListenOptions<AdmittedConnection> {
    const settings = () => this.#settings;
    const { tls, socketMode } = this.#settings;
    return {
      ...(tls && { tls }),
      ...(socketMode !== undefined && { socketMode }),
      get maxFrame() {
        return settings().limits.maxFrameUnregistered;
      },
      get allowOrigin() {
        return allowOrigin ?? settings().allowOrigin;
      },
      get allowedHosts() {
        return allowedHosts ?? settings().allowedHosts;
      },
      ipv6Only: (endpoint) => leavesIpv4(endpoint, this.#settings.listen),
      defersKeepAlive: true,
      get handshakeTimeout() {
        return settings().registrationTimeout;
      },
      get proxyProtocol() {
        return proxyProtocol ?? settings().proxyProtocol;
      },
      trusts: (remoteAddress) => (trusted ?? this.#settings.trusted).has(remoteAddress),
      admit: (peer, acceptedAt) => this.#admit(peer, arrival, acceptedAt),
      onConnection: (connection, admitted) => this.#begin(connection, admitted),
      onHandshakeFailed: (failure, admitted) => {
        admitted?.handshakeFailed(failure.error);
        this.#tell('handshake-failed', failure);
      },
      onForgedAddress: (forgery) => this.#tell('forged-address', forgery),
      onError: (error) => this.#problem(new AcceptError(error)),
    };
  }

  #admit(
    { remoteAddress, remotePort }: Peer,
    arrival: Arrival,
    acceptedAt?: number,
  ): AdmittedConnection | Rejection {
    const admission = this.#admission;
    const admitted = admission.admit(remoteAddress, acceptedAt);
    if (!('reason' in admitted)) {
      return new AdmittedConnection(remoteAddress, arrival, admitted, admission, this.#counters);
    }
    this.#counters.countRejection(admitted.reason);
    this.#tell('connection-rejected', { remoteAddress, remotePort, ...admitted });
    return this.#rejection(admitted);
  }

  /** Disconnects an unregistered client that was sent an EventError, so that a new one can connect. @returns whether there was one */
  #evictMisbehavingClient(): boolean {
    const [first] = this.#misbehaving;
    if (!first) return false;
    this.#misbehaving.delete(first);
    this.#counters.limits.maxUnregistered += 1;
    first.finish('too-many-errors');
    return true;
  }

  #rejection({ reason, retryAfter }: ConnectionRejection): Rejection {
    const { codec, errorCodes } = this.#settings;
    const isStop = reason === 'closing' || reason === 'draining';
    const name = isStop ? 'shutting-down' : 'server-busy';
    const text = reason === 'closing' ? 'the server is shutting down' : rejectionReasons[reason];
    const message = eventError(null, errorCodes[name], text);
    const after = retryAfter === null ? {} : { retryAfter };
    return { notice: codec.encode({ ...message, ...after }, 'stream'), retryAfter };
  }

  #begin(connection: Connection, admitted: AdmittedConnection): ServerSession<Data | undefined> {
    this.#count += 1;
    const session = new GateSession(this.#run, this.#count, connection, admitted, this.#host);
    this.#registry.add(session);
    session.start();
    if (this.#closing) session.shutDown();
    return session as ServerSession<Data | undefined>;
  }

  #openProxied(
    clients: ProxiedClients,
    carrier: ProxyCarrier,
    proxyClientId: number,
  ): ProxiedSession {
    this.#count += 1;
    const id = { run: this.#run, number: this.#count, proxyClientId };
    const admitted = admittedByProxy(carrier.admitted);
    const session = new ProxiedSession(id, clients, carrier as GateSession, admitted, this.#host);
    this.#registry.add(session);
    this.#carried += 1;
    return session;
  }

  /** The host of the sessions. Events are only built where they have listeners. */
  #createSessionHost(): SessionHost {
    const settings = () => this.#settings;
    const instrumentation = () => this.#instrumentation;
    const sharedNames = () => this.#workerNames ?? this.#directoryNames;
    const readsSteps = () =>
      this.#settings.journal !== null ||
      this.#instrumentation !== null ||
      isStepRead() ||
      this.listenerCount('step') > 0;
    return {
      get settings() {
        return settings();
      },
      admission: this.#admission,
      groups: this.#groups,
      openProxied: (clients, carrier, proxyClientId) =>
        this.#openProxied(clients, carrier, proxyClientId),
      validations: this.#validations,
      unregisteredBudget: this.#unregisteredBudget,
      refusedBudget: this.#refusedBudget,
      registeredBudget: this.#registeredBudget,
      claim: (clientName, cap) =>
        cap === undefined ||
        this.#settings.namePolicy === 'allow' ||
        this.#names.count(clientName) < cap,
      get sharedNames() {
        return sharedNames();
      },
      makeRoom: (clientName) => this.makeRoom(clientName),
      get instrumentation() {
        return instrumentation();
      },
      connected: (one) => {
        this.#trace((tracing) => tracing.begin(one, one.connectionInfo));
        this.#tell('connected', one);
      },
      granted: (one) => {
        this.#misbehaving.delete(one);
        this.#counters.registrationDurations.add(one.elapsed);
        one.admitted.registered();
        this.#names.add(one.clientName, one.admitted);
      },
      registered: (one) => {
        this.#trace((tracing) => tracing.registered(one));
        this.#tell('registered', one);
      },
      refused: (one, refusal) => {
        this.#counters.errors[refusal.errorName ?? 'other'] += 1;
        const isEvictable = one.carrier === null && !isTransientError(refusal.errorName);
        if (isEvictable && !one.isOver()) this.#misbehaving.add(one);
        this.#trace((tracing) => tracing.refused(one, refusal));
        this.#tell('refused', one, refusal);
      },
      over: (one) => {
        if (!this.#registry.over(one)) return false;
        if (one.carrier !== null) this.#carried -= 1;
        this.#misbehaving.delete(one);
        if (one.wasRegistered) this.#names.remove(one.clientName, one.admitted);
        if (one.holdsName) this.#host.sharedNames?.release(one);
        one.leaveGroups();
        return true;
      },
      disconnected: (one, reason, error) => {
        this.#trace((tracing) => tracing.end(one, reason, error));
        this.#tell('disconnected', one, reason, error);
        this.#wake?.();
      },
      closed: (one) => {
        this.#registry.remove(one);
        one.admitted.release();
        this.#wake?.();
      },
      requested: (request, reply) => this.#dispatcher.dispatch(request, reply),
      get readsSteps() {
        return readsSteps();
      },
      stepped: (step) => {
        this.#settings.journal?.record(step);
        publishStep(step);
        this.#trace((tracing) => tracing.stepped(step));
        this.#tell('step', step);
      },
      traffic: this.#counters.traffic,
      validated: (outcome, milliseconds) => {
        this.#counters.validations[outcome] += 1;
        this.#counters.validationDurations.add(milliseconds);
      },
      recordLimitHit: (limit) => {
        this.#counters.limits[limit] += 1;
      },
      problem: (error) => this.#problem(error),
    };
  }

  #trace(call: (instrumentation: Instrumentation) => void): void {
    if (this.#instrumentation === null) return;
    try {
      call(this.#instrumentation);
    } catch (error) {
      this.#problem(toError(error));
    }
  }

  #problem(error: Error): void {
    this.#counters.problems += 1;
    if (this.listenerCount('problem') === 0) this.#warn(error);
    this.#tell('problem', error);
  }

  /** Without a listener a problem becomes a process warning, at most one per second. */
  #warn(error: Error): void {
    const now = performance.now();
    if (now - this.#warnedAt < 1_000) return;
    this.#warnedAt = now;
    process.emitWarning(error);
  }

  #tell<Name extends keyof ViewEvents>(name: Name, ...what: ViewEvents[Name]): void {
    if (this.listenerCount(name) === 0) return;
    try {
      // The overloads of EventEmitter do not accept a name that is a type parameter.
      (this as unknown as EventEmitter).emit(name, ...what);
    } catch (error) {
      if (name === 'problem') process.emitWarning(error as Error);
      else this.#problem(toError(error));
    }
  }
}

/** @throws {OptionError} */
function checkSameSni(before: ServerOptions['tls'], after: ServerOptions['tls']): void {
  if (!after || !before || before.SNICallback === after.SNICallback) return;
  throw new OptionError('tls.SNICallback', 'another function', 'the function of the start');
}

function sameFiles(one: NonNullable<ServerSettings['tls']>, other: ServerSettings['tls']): boolean {
  return (['cert', 'key', 'ca'] as const).every((part) => one[part] === other?.[part]);
}
