import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { DisconnectReason, StepRecord } from '../../machines/index.js';
import { IxgateError } from '../errors.js';
import { type Endpoint, formatEndpoint } from '../transports/endpoint.js';
import { transportFor } from '../transports/index.js';
import type { Connection, Listener } from '../transports/transport.js';
import { type ServerOptions, type ServerSettings, settingsFrom } from './options.js';
import { ServerSession } from './session.js';
import type { Refusal, SessionInfo } from './session-info.js';

/** What a server tells those who listen to it. A listener that throws is reported as a problem and harms nobody. */
export interface ServerEvents {
  connected: [session: SessionInfo];
  registered: [session: SessionInfo];
  /** A client that is not registered was sent EventError. */
  refused: [session: SessionInfo, refusal: Refusal];
  disconnected: [session: SessionInfo, reason: DisconnectReason, error: Error | null];
  /** A TLS handshake or WebSocket upgrade failed: nobody was connected. */
  'handshake-failed': [peer: { remoteAddress: string; remotePort: number; error: Error }];
  step: [step: StepRecord];
  /** Something went wrong and the server went on: a validator that threw, a message handler that failed ... */
  problem: [error: Error];
}

/** An endpoint could not be listened on. */
export class ListenError extends IxgateError {
  override readonly name = 'ListenError';
  constructor(endpoint: string, cause: Error) {
    super('LISTEN_FAILED', `cannot listen on ${endpoint}: ${listenProblem(cause)}`, { cause });
  }
}

function listenProblem(cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return 'the port is taken. Stop what listens there, or choose another port';
    case 'EACCES':
      return 'not permitted. Choose a port above 1023';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address';
    default:
      return cause.message;
  }
}

/**
 * Starts a gate.
 * @returns the server, when every endpoint is listened on.
 * @throws {ListenError} when one cannot be (those already open are closed again);
 *   {OptionError} or {EndpointError} for options that cannot be used.
 */
export async function createServer(options: ServerOptions = {}): Promise<GateServer> {
  const server = new GateServer(settingsFrom(options));
  await server.open();
  return server;
}

/** A gate: listens, registers, and hands on what registered clients say. Made by `createServer`. */
export class GateServer extends EventEmitter<ServerEvents> implements AsyncDisposable {
  readonly #settings: ServerSettings;
  readonly #listeners: Listener[] = [];
  readonly #sessions = new Map<string, ServerSession>();
  /** Connections that are still there, those among them whose session is over included. */
  readonly #open = new Set<ServerSession>();
  readonly #registeredByName = new Map<string, number>();
  /** Tells this server's sessions from another's. */
  readonly #run = randomUUID().slice(0, 8);
  #count = 0;
  #closing: Promise<void> | null = null;
  #wake: (() => void) | null = null;

  /** @internal */
  constructor(settings: ServerSettings) {
    super();
    this.#settings = settings;
  }

  /** @internal */
  async open(): Promise<void> {
    const { listen, tls, maxFrame, allowOrigin, registrationTimeout } = this.#settings;
    for (const endpoint of listen) {
      try {
        const listener = await transportFor(endpoint.scheme).listen(endpoint, {
          ...(tls && { tls }),
          maxFrame,
          allowOrigin,
          handshakeTimeout: registrationTimeout,
          onConnection: (connection) => this.accept(connection),
          onHandshakeFailed: (peer) => this.#tell('handshake-failed', peer),
          onError: (error) => this.#tell('problem', error),
        });
        this.#listeners.push(listener);
      } catch (cause) {
        await Promise.all(this.#listeners.map((listener) => listener.close()));
        throw new ListenError(formatEndpoint(endpoint), cause as Error);
      }
    }
  }

  /** Where it listens, with the ports the system chose. */
  get endpoints(): readonly Endpoint[] {
    return this.#listeners.map(({ endpoint }) => endpoint);
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** Takes a connection from elsewhere: an in-process pair, a transport of your own. */
  accept(connection: Connection): void {
    this.#count += 1;
    const session = new ServerSession(`${this.#run}-${this.#count}`, connection, {
      settings: this.#settings,
      claim: (clientName, cap) => this.#claim(clientName, cap),
      connected: (one) => this.#tell('connected', one.info()),
      registered: (one) => this.#registered(one),
      refused: (one, refusal) => this.#tell('refused', one.info(), refusal),
      disconnected: (one, reason, error) => this.#disconnected(one, reason, error),
      closed: (one) => {
        this.#open.delete(one);
        this.#wake?.();
      },
      requested: (request) => void this.#handle(() => this.#settings.onMessage(request)),
      stepped: (step) => this.#tell('step', step),
      problem: (error) => this.#tell('problem', error),
    });
    this.#sessions.set(session.id, session);
    this.#open.add(session);
    session.start();
    if (this.#closing) session.shutDown();
  }

  /** The live sessions, oldest first. */
  sessions(): SessionInfo[] {
    return [...this.#sessions.values()].map((session) => session.info());
  }

  /** One live session, by its id. */
  session(id: string): ServerSession | undefined {
    return this.#sessions.get(id);
  }

  /**
   * Stops accepting, sends every client EventError shutting-down, disconnects the unregistered at once and the registered
   * when they have left or `drainMs` milliseconds have passed (default 0). Resolves when every connection is gone. A second call
   * disconnects the rest now.
   */
  close({ drainMs = 0 }: { drainMs?: number } = {}): Promise<void> {
    if (this.#closing) {
      for (const session of this.#sessions.values()) session.drained();
      return this.#closing;
    }
    this.#closing = this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    const listenersClosed = this.#listeners.map((listener) => listener.close());
    for (const session of this.#sessions.values()) session.shutDown();
    if (drainMs > 0) await this.#until(() => this.#sessions.size === 0, drainMs);
    for (const session of this.#sessions.values()) session.drained();
    // A connection that is closed lingers for a second at most, then destroys itself.
    await this.#until(() => this.#open.size === 0, 2_000);
    for (const session of this.#open) session.destroy();
    await Promise.all(listenersClosed);
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

  #claim(clientName: string, cap: number | undefined): boolean {
    return cap === undefined || (this.#registeredByName.get(clientName) ?? 0) < cap;
  }

  #registered(session: ServerSession): void {
    const info = session.info();
    const name = info.clientName ?? '';
    this.#registeredByName.set(name, (this.#registeredByName.get(name) ?? 0) + 1);
    this.#tell('registered', info);
  }

  #disconnected(session: ServerSession, reason: DisconnectReason, error: Error | null): void {
    if (!this.#sessions.delete(session.id)) return;
    const info = session.info();
    if (info.registeredAt !== null) {
      const name = info.clientName ?? '';
      const left = (this.#registeredByName.get(name) ?? 1) - 1;
      if (left > 0) this.#registeredByName.set(name, left);
      else this.#registeredByName.delete(name);
    }
    this.#tell('disconnected', info, reason, error);
    this.#wake?.();
  }

  /** Runs code of the embedding service: what it throws is a problem, never the end of a connection or the process. */
  async #handle(run: () => void | Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#tell('problem', error instanceof Error ? error : new Error(String(error)));
    }
  }

  #tell<Name extends keyof ServerEvents>(name: Name, ...what: ServerEvents[Name]): void {
    try {
      // EventEmitter's overloads cannot follow a name that is itself a type parameter.
      (this as EventEmitter).emit(name, ...what);
    } catch (error) {
      if (name === 'problem') process.emitWarning(error as Error);
      else this.#tell('problem', error instanceof Error ? error : new Error(String(error)));
    }
  }
}
