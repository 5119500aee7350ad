import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  type DisconnectReason,
  eventError,
  isTransientError,
  type RequestRegisterClient,
  type StepRecord,
} from '../../machines/index.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { Peer } from '../net/transports/peer.js';
import type { Connection, Dismissal, ListenOptions } from '../net/transports/transport.js';
import { errorFrom, OptionError } from '../runtime/errors.js';
import { isStepRead, publishStep } from '../runtime/step-channel.js';
import { Arrival } from './arrival.js';
import { Doors, leavesIpv4 } from './doors.js';
import { AcceptError, OverloadError } from './errors.js';
import {
  Admission,
  DescriptorWatch,
  LagWatch,
  type TurnedAway,
  Turns,
  turnAwayCauses,
  ValidationQueue,
} from './limits/index.js';
import { makeRoom } from './name-policy.js';
import {
  changedOptions,
  type OptionChanges,
  type ServerOptions,
  type ServerSettings,
  settingsFrom,
} from './options.js';
import { RegisteredNames } from './registered-names.js';
import type { ClientRequest, TrackedReply } from './reply.js';
import { Roll } from './roll.js';
import { GateSession, type ServerSession } from './session.js';
import type { SessionHost } from './session-host.js';
import type { Refusal, SessionInfo } from './session-info.js';
import { type GateCounts, Tally } from './tally.js';
import { type Verdict, valid, verdictFrom } from './validator.js';

/** What a server tells those who listen to it. An error of a listener is reported as a problem and has no other effect. */
export interface ServerEvents {
  connected: [session: SessionInfo];
  registered: [session: SessionInfo];
  /** A client that is not registered was sent EventError. */
  refused: [session: SessionInfo, refusal: Refusal];
  disconnected: [session: SessionInfo, reason: DisconnectReason, error: Error | null];
  /** A connection got no place: it never was a session. */
  'turned-away': [peer: Peer & TurnedAway];
  /** A TLS handshake or WebSocket upgrade failed before the client was connected. */
  'handshake-failed': [peer: { remoteAddress: string; remotePort: number; error: Error }];
  step: [step: StepRecord];
  /** Something went wrong and the server went on: a validator that threw, a message handler that failed ... */
  problem: [error: Error];
}

/** The workers of a gate. */
export interface WorkerCounts {
  /** Workers that are configured. */
  readonly wanted: number;
  /** Those that listen. */
  readonly running: number;
  /** Those among them that are not hung. */
  readonly live: number;
  /** Those that have died since the start. */
  readonly deaths: number;
  /** While a worker is missing because it could not be started, the code of the error (`EMFILE`); else null. */
  readonly startError: string | null;
}

/** What can be seen and asked of a gate, wherever its sessions run: in this process, or in those of a cluster. */
export interface GateView {
  readonly endpoints: readonly Endpoint[];
  readonly isClosing: boolean;
  readonly isOverloaded: boolean;
  /** Where the sessions run in workers. */
  readonly workers?: WorkerCounts;
  sessions(): SessionInfo[];
  session(id: string): ServerSession | undefined;
  counts(): GateCounts;
  on<Name extends keyof ServerEvents>(
    name: Name,
    listener: (...what: ServerEvents[Name]) => void,
  ): unknown;
  off<Name extends keyof ServerEvents>(
    name: Name,
    listener: (...what: ServerEvents[Name]) => void,
  ): unknown;
}

type SessionEvent = 'connected' | 'registered' | 'refused' | 'disconnected';

/** Milliseconds that a revalidation takes of a turn of the event loop. */
const revalidationTurn = 5;
/** Milliseconds that a gate stays overloaded after its event loop was held up. */
const overloadTime = 1_000;
/** Clients that were sent an EventError have this part of `turnBudget`. */
const refusedPart = 5;
/** Milliseconds of a turn that the messages of registered clients may take together that have used up their own share. */
const registeredBudget = 0.5;
/** Milliseconds of silence after which a client's system is asked for a sign of life; a connection is so old before its own is. */
const keepAlive = 30_000;

/**
 * Starts a gate.
 * @returns the server, when every endpoint is listened on.
 * @throws {ListenError} when one cannot be (those already open are closed again);
 *   {OptionError} or {EndpointError} for options that cannot be used.
 */
export async function createServer(options: ServerOptions = {}): Promise<GateServer> {
  const server = new GateServer(options);
  await server.open();
  return server;
}

/** A gate: listens, registers, and hands on what registered clients say. Made by `createServer`. */
export class GateServer extends EventEmitter<ServerEvents> implements GateView, AsyncDisposable {
  /** As they were given, with what `reconfigure` changed. */
  #options: ServerOptions;
  #settings: ServerSettings;
  readonly #doors = new Doors();
  readonly #names = new RegisteredNames();
  readonly #admission: Admission;
  readonly #validations: ValidationQueue;
  readonly #strangerTurns: Turns;
  readonly #refusedTurns: Turns;
  /** Unregistered sessions whose client did something wrong, the first one first. */
  readonly #wrong = new Set<GateSession>();
  readonly #registeredTurns = new Turns(registeredBudget);
  readonly #tally = new Tally();
  readonly #host: SessionHost;
  #lagWatch: LagWatch | null = null;
  #descriptorWatch: DescriptorWatch | null = null;
  #overload: NodeJS.Timeout | undefined;
  #awakening: NodeJS.Timeout | undefined;
  #pinging: NodeJS.Timeout | undefined;
  #isOpen = false;
  /** Tells this server's sessions from another's. */
  readonly #run = randomUUID().slice(0, 8);
  readonly #roll = new Roll(this.#run);
  #count = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | null = null;
  #wake: (() => void) | null = null;

  /** @internal */
  constructor(options: ServerOptions) {
    super();
    const settings = settingsFrom(options);
    const { limits, random } = settings;
    this.#options = options;
    this.#settings = settings;
    this.#admission = new Admission({
      limits,
      random,
      makeRoom: () => this.#endOneThatWasWrong(),
    });
    this.#validations = new ValidationQueue(limits.maxValidations);
    this.#strangerTurns = new Turns(limits.turnBudget);
    this.#refusedTurns = new Turns(limits.turnBudget / refusedPart);
    this.#host = this.#hostOfSessions();
  }

  /** @internal */
  async open(): Promise<void> {
    await this.#doors.open(this.#settings.listen, this.#listenOptions());
    this.#lagWatch = new LagWatch((lag) => this.#lagged(lag));
    this.#isOpen = true;
    this.#startPinging();
    this.#awakening = setInterval(() => this.#keepAwake(), keepAlive).unref();
    this.#descriptorWatch = new DescriptorWatch((error) => this.#problem(new AcceptError(error)));
  }

  /** Where it listens, with the ports the system chose. */
  get endpoints(): readonly Endpoint[] {
    return this.#doors.endpoints;
  }

  /** @internal What is counted of sources; the gates of a cluster tell each other. */
  get admission(): Admission {
    return this.#admission;
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** Whether the event loop was held up a moment ago, so that new connections are turned away. */
  get isOverloaded(): boolean {
    return this.#admission.overloaded;
  }

  /**
   * Changes options while the server runs, all but `listen` and `random`. An option that is left out, or undefined, stays as it is; null
   * restores its default. Running deadlines and open connections stay; new values apply from now on.
   * @throws {OptionError}, {UnknownOptionError}, or the error of TLS for an invalid certificate; then nothing has changed.
   */
  reconfigure(changes: OptionChanges): void {
    const { listen, random } = this.#options;
    const options = { ...changedOptions(this.#options, changes), listen, random };
    const { tls } = this.#settings;
    const settings = settingsFrom(options);
    if (settings.tls && !sameFiles(settings.tls, tls)) this.#doors.renewTls(settings.tls);
    const { limits } = settings;
    this.#options = options;
    this.#settings = settings;
    this.#startPinging();
    this.#admission.limits = limits;
    this.#validations.most = limits.maxValidations;
    this.#strangerTurns.budget = limits.turnBudget;
    this.#refusedTurns.budget = limits.turnBudget / refusedPart;
    this.#roll.each((session) => session.limitFrames());
  }

  /**
   * Takes a connection from elsewhere: an in-process pair, a transport of your own. It may be rejected, as any other.
   * @throws {OptionError} for anything but a Connection, e.g. a socket of node:net.
   */
  accept(connection: Connection): void {
    checkConnection(connection);
    const { remoteAddress, remotePort } = connection;
    const admitted = this.#admit({ remoteAddress, remotePort });
    if (admitted instanceof Arrival) {
      this.#begin(connection, admitted);
      return;
    }
    connection.write(admitted.farewell);
    const nothing = () => {};
    connection.start({
      data: nothing,
      end: nothing,
      drain: nothing,
      fault: nothing,
      closed: nothing,
    });
    connection.close('refused');
  }

  /** @internal Makes room for one more session of a name, by the policy. @returns whether a session was replaced */
  makeRoom(clientName: string): boolean | Promise<boolean> {
    const holders = this.#names.of(clientName).flatMap(({ session }) => session ?? []);
    return makeRoom(this.#settings.namePolicy, holders);
  }

  /** @internal The same among some registered sessions, by their ids. */
  makeRoomAmong(ids: readonly string[]): boolean | Promise<boolean> {
    const sessions = ids.flatMap((id) => this.#roll.get(id) ?? []);
    const holders = sessions.filter(({ isRegistered }) => isRegistered);
    return makeRoom(this.#settings.namePolicy, holders);
  }

  /**
   * Checks the registered clients again and disconnects those that are not valid any more: they get EventError registration-revoked.
   * It gives way to other work every few milliseconds. What `check` throws counts as valid, and is a problem.
   * @returns how many were disconnected
   */
  async revalidate(check: (request: RequestRegisterClient) => Verdict | boolean): Promise<number> {
    let revoked = 0;
    let turnEnds = performance.now() + revalidationTurn;
    for (const session of this.#roll.sessions()) {
      if (performance.now() > turnEnds) {
        await new Promise((resolve) => setImmediate(resolve));
        turnEnds = performance.now() + revalidationTurn;
      }
      const { registration } = session;
      if (!session.isRegistered || registration === null) continue;
      const verdict = this.#checked(registration, check);
      if (verdict.valid) continue;
      session.revoke(verdict.reason);
      revoked += 1;
    }
    return revoked;
  }

  #checked(
    request: RequestRegisterClient,
    check: (request: RequestRegisterClient) => Verdict | boolean,
  ): Verdict {
    try {
      return verdictFrom(check(request));
    } catch (error) {
      this.#problem(errorFrom(error));
      return valid;
    }
  }

  /** The live sessions, oldest first. */
  sessions(): SessionInfo[] {
    return this.#roll.sessions().map((session) => session.info());
  }

  /** One live session, by its id. */
  session(id: string): ServerSession | undefined {
    return this.#roll.get(id);
  }

  /** The sums since the start, and what is there now. */
  counts(): GateCounts {
    const { accepted, problems, outcomes, turnedAway, errors, limits } = this.#tally;
    return {
      accepted,
      problems,
      outcomes: { ...outcomes },
      turnedAway: { ...turnedAway },
      errors: { ...errors },
      limits: { ...limits },
      open: this.#admission.open,
      unregistered: this.#admission.unregistered,
      registered: this.#names.size,
      validationsRunning: this.#validations.running,
      validationsWaiting: this.#validations.waiting,
    };
  }

  /**
   * Stops accepting, sends every client EventError shutting-down, disconnects the unregistered at once and the registered
   * when they have left or `drainMs` milliseconds have passed (default 0). Resolves when every connection is gone. A second call
   * disconnects the rest now.
   */
  close({ drainMs = 0 }: { drainMs?: number } = {}): Promise<void> {
    if (this.#closing) {
      for (const session of this.#roll.sessions()) session.drained();
      return this.#closing;
    }
    this.#closing = this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    this.#admission.closing = true;
    const closed = this.#doors.close();
    for (const session of this.#roll.sessions()) session.shutDown();
    if (drainMs > 0) await this.#until(() => this.#roll.live === 0, drainMs);
    for (const session of this.#roll.sessions()) session.drained();
    // A connection that is closed lingers for a second at most, then destroys itself.
    await this.#until(() => this.#roll.size === 0, 2_000);
    for (const session of this.#roll.all()) session.destroy();
    await closed;
    this.#lagWatch?.close();
    this.#descriptorWatch?.close();
    clearTimeout(this.#overload);
    clearInterval(this.#awakening);
    clearInterval(this.#pinging);
  }

  /** One timer pings the WebSocket clients. It runs often enough that no ping or timeout is more than a fifth late. */
  #startPinging(): void {
    clearInterval(this.#pinging);
    const { wsPing, wsPingTimeout } = this.#settings;
    if (wsPing === 0 || !this.#isOpen || this.isClosing) return;
    const tick = Math.max(10, Math.min(wsPing, wsPingTimeout, 10_000) / 5);
    this.#pinging = setInterval(() => {
      const now = performance.now();
      this.#roll.each((session) => session.ping(now, wsPing, wsPingTimeout));
    }, tick).unref();
  }

  /** A client that vanished without a word is noticed after some minutes, and not never. */
  #keepAwake(): void {
    for (const session of this.#roll.all()) session.keepAwake(keepAlive);
  }

  /** Resolves when `done` holds, looked at each time a session or a connection ends, or after `ms`. */
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

  /** What the listeners ask and tell. What is in force is looked up each time. */
  #listenOptions(): ListenOptions<Arrival> {
    const settings = () => this.#settings;
    const { tls } = this.#settings;
    return {
      ...(tls && { tls }),
      get maxFrame() {
        return settings().limits.maxFrameUnregistered;
      },
      get allowOrigin() {
        return settings().allowOrigin;
      },
      get allowedHosts() {
        return settings().allowedHosts;
      },
      ipv6Only: (endpoint) => leavesIpv4(endpoint, this.#settings.listen),
      keepsAwake: true,
      get handshakeTimeout() {
        return settings().registrationTimeout;
      },
      admit: (peer) => this.#admit(peer),
      onConnection: (connection, arrival) => this.#begin(connection, arrival),
      onHandshakeFailed: (failure, arrival) => {
        arrival.handshakeFailed(failure.error);
        this.#tell('handshake-failed', failure);
      },
      onError: (error) => this.#problem(new AcceptError(error)),
    };
  }

  #admit({ remoteAddress, remotePort }: Peer): Arrival | Dismissal {
    const admitted = this.#admission.admit(remoteAddress);
    if (!('cause' in admitted)) {
      return new Arrival(remoteAddress, admitted, this.#admission, this.#tally);
    }
    this.#tally.turnAway(admitted.cause);
    this.#tell('turned-away', { remoteAddress, remotePort, ...admitted });
    return this.#dismissal(admitted);
  }

  /** A client that did something wrong gives its place to a new one. */
  #endOneThatWasWrong(): boolean {
    const [first] = this.#wrong;
    if (!first) return false;
    this.#wrong.delete(first);
    this.#tally.limits.maxUnregistered += 1;
    first.finish('too-many-errors');
    return true;
  }

  #dismissal({ cause, retryAfter }: TurnedAway): Dismissal {
    const { codec, errorCodes } = this.#settings;
    const name = cause === 'closing' ? 'shutting-down' : 'server-busy';
    const text = cause === 'closing' ? 'the server is shutting down' : turnAwayCauses[cause];
    const message = eventError(null, errorCodes[name], text);
    const after = retryAfter === null ? {} : { retryAfter: Math.ceil(retryAfter) };
    return { farewell: codec.encode({ ...message, ...after }, 'stream'), retryAfter };
  }

  #begin(connection: Connection, arrival: Arrival): void {
    this.#count += 1;
    const session = new GateSession(this.#run, this.#count, connection, arrival, this.#host);
    this.#roll.add(session);
    session.start();
    if (this.#closing) session.shutDown();
  }

  /** What sessions ask and tell. Nothing is put together for listeners that are not there. */
  #hostOfSessions(): SessionHost {
    const settings = () => this.#settings;
    const readsSteps = () =>
      this.#settings.journal !== null || isStepRead() || this.listenerCount('step') > 0;
    return {
      get settings() {
        return settings();
      },
      admission: this.#admission,
      validations: this.#validations,
      strangerTurns: this.#strangerTurns,
      refusedTurns: this.#refusedTurns,
      registeredTurns: this.#registeredTurns,
      claim: (clientName, cap) => cap === undefined || this.#names.count(clientName) < cap,
      makeRoom: (clientName) => this.makeRoom(clientName),
      connected: (one) => this.#tellOf(one, 'connected'),
      granted: (one) => {
        this.#wrong.delete(one);
        one.arrival.registered();
        this.#names.add(one.clientName, one.arrival);
      },
      registered: (one) => this.#tellOf(one, 'registered'),
      refused: (one, refusal) => {
        this.#tally.errors[refusal.errorName ?? 'other'] += 1;
        if (!one.isOver() && !isTransientError(refusal.errorName)) this.#wrong.add(one);
        this.#tellOf(one, 'refused', refusal);
      },
      over: (one) => {
        if (!this.#roll.over(one)) return false;
        this.#wrong.delete(one);
        if (one.wasRegistered) this.#names.remove(one.clientName, one.arrival);
        return true;
      },
      disconnected: (one, reason, error) => {
        this.#tellOf(one, 'disconnected', reason, error);
        this.#wake?.();
      },
      closed: (one) => {
        this.#roll.remove(one);
        one.arrival.release();
        this.#wake?.();
      },
      requested: (request, reply) => void this.#handle(request, reply),
      get readsSteps() {
        return readsSteps();
      },
      stepped: (step) => {
        this.#settings.journal?.record(step);
        publishStep(step);
        this.#tell('step', step);
      },
      met: (limit) => {
        this.#tally.limits[limit] += 1;
      },
      problem: (error) => this.#problem(error),
    };
  }

  #lagged(lag: number): void {
    if (lag < this.#settings.limits.maxLag) return;
    this.#tally.limits.maxLag += 1;
    this.#admission.overloaded = true;
    clearTimeout(this.#overload);
    this.#overload = setTimeout(() => {
      this.#admission.overloaded = false;
    }, overloadTime).unref();
    this.#problem(new OverloadError(lag));
  }

  /**
   * Runs the message handler of the service. An error of it is a problem, never the end of a connection or the process; the client gets
   * internal-error where the handler had not replied.
   */
  async #handle(request: ClientRequest, reply: TrackedReply): Promise<void> {
    try {
      await this.#settings.onMessage(request);
    } catch (error) {
      this.#problem(errorFrom(error));
      if (!reply.isUsed) reply.error('internal-error', 'the service failed; try again later');
    }
  }

  #problem(error: Error): void {
    this.#tally.problems += 1;
    if (this.listenerCount('problem') === 0) this.#warn(error);
    this.#tell('problem', error);
  }

  /** A problem without a listener is a warning of the process, at most one a second. */
  #warn(error: Error): void {
    const now = performance.now();
    if (now - this.#warnedAt < 1_000) return;
    this.#warnedAt = now;
    process.emitWarning(error);
  }

  #tellOf<Name extends SessionEvent>(
    session: GateSession,
    name: Name,
    ...more: ServerEvents[Name] extends [SessionInfo, ...infer More] ? More : never
  ): void {
    if (this.listenerCount(name) === 0) return;
    this.#tell(name, ...([session.info(), ...more] as unknown as ServerEvents[Name]));
  }

  #tell<Name extends keyof ServerEvents>(name: Name, ...what: ServerEvents[Name]): void {
    try {
      // EventEmitter's overloads cannot follow a name that is itself a type parameter.
      (this as EventEmitter).emit(name, ...what);
    } catch (error) {
      if (name === 'problem') process.emitWarning(error as Error);
      else this.#problem(errorFrom(error));
    }
  }
}

/** The methods that every connection has. */
const connectionMethods = ['start', 'write', 'pause', 'resume', 'close', 'destroy'] as const;

/** @throws {OptionError} */
function checkConnection(given: unknown): void {
  const connection = given as Partial<Connection> | null | undefined;
  const isConnection =
    typeof connection === 'object' &&
    connection !== null &&
    connectionMethods.every((name) => typeof connection[name] === 'function') &&
    typeof connection.remoteAddress === 'string' &&
    (connection.framing === 'stream' || connection.framing === 'frame');
  if (isConnection) return;
  const allowed = `a Connection: an object with ${connectionMethods.join(', ')}, remoteAddress and framing`;
  const kind = (Object(given) as object).constructor?.name ?? typeof given;
  throw new OptionError('connection', kind, allowed);
}

function sameFiles(one: NonNullable<ServerSettings['tls']>, other: ServerSettings['tls']): boolean {
  return (['cert', 'key', 'ca'] as const).every((part) => one[part] === other?.[part]);
}
