/** The tester plays the server: it listens, plays one path on each connection, and judges the client that connects. */
import {
  describeObserved,
  type ObservedArrow,
} from '../../../machines/registration/figures/observed.js';
import { duration } from '../../../machines/text/format.js';
import type { Connection } from '../../net/transports/index.js';
import { selfSigned } from '../../net/transports/self-signed.js';
import { ListenerGroup } from '../../server/listener-group.js';
import { ClientSession } from './client-session.js';
import { IncomingConnections } from './incoming-connections.js';
import { judge, type Violation } from './judge.js';
import {
  type ConformClientOptions,
  type LaunchedClient,
  type Settings,
  settingsOf,
} from './options.js';
import type { ClientPath } from './paths.js';
import { playPath } from './play-path.js';
import { type ClientConformance, type PathRun, resultOf } from './result.js';

/**
 * Judges the client that connects. The client must reconnect when a connection ends, unless `launch` starts it for each path. The
 * function resolves when every path has ended, when the client does not connect within `connectTimeout`, or when the signal aborts.
 * @throws {OptionError} for an invalid option; {EndpointError}; {ListenError} when it cannot listen; every error of `launch`.
 */
export async function conformClient(options: ConformClientOptions): Promise<ClientConformance> {
  const settings = settingsOf(options);
  const run = new Run(settings, options);
  try {
    return await run.run();
  } finally {
    await run.close();
  }
}

/** Milliseconds in which the connection of a client that has exited may still arrive. */
const exitGrace = 500;
/** Milliseconds in which reconnects are counted. */
const countPeriod = 1_000;

const interrupted = 'the run was interrupted';
const tooShort = 'the registration deadline of the played server expired before the path ended';

class Run {
  readonly #settings: Settings;
  readonly #options: ConformClientOptions;
  readonly #listeners = new ListenerGroup();
  readonly #incoming = new IncomingConnections();
  readonly #sessions = new Set<ClientSession>();
  readonly #playing = new Set<Promise<PathRun>>();
  /** Whether new connections are accepted. Between paths they belong to a client that is being stopped. */
  #isOpen = true;
  /** Since when no path is played and no client has connected. */
  #idleSince = performance.now();
  #handshakeError: Error | null = null;
  #client: LaunchedClient | undefined;
  #launchedEnd: { readonly how: string; readonly at: number } | null = null;

  constructor(settings: Settings, options: ConformClientOptions) {
    this.#settings = settings;
    this.#options = options;
    options.signal?.addEventListener('abort', this.#aborted);
  }

  readonly #aborted = () => {
    for (const session of this.#sessions) session.end();
    this.#incoming.wake();
  };

  async run(): Promise<ClientConformance> {
    await this.#listen();
    const runs: Promise<PathRun>[] = [];
    for (const path of this.#settings.paths) {
      const run = this.#options.launch ? await this.#launch(path) : await this.#connect(path);
      runs.push(run.played);
      // Counted connections must not be used for the next path.
      if (path.id === 'storm') await run.played;
    }
    this.#isOpen = false;
    this.#incoming.closeAll();
    const { replyTimeout } = this.#settings;
    const isJudged = (id: string) => id !== 'gives-up-in-time' || replyTimeout !== undefined;
    return resultOf(await Promise.all(runs), isJudged);
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#aborted);
    this.#isOpen = false;
    for (const session of this.#sessions) session.end();
    await this.#listeners.close();
    this.#incoming.closeAll();
    await Promise.all([...this.#sessions].map(({ closed }) => closed));
  }

  async #listen(): Promise<void> {
    const { endpoint, maxFrame, registrationTimeout } = this.#settings;
    const isSecure = endpoint.scheme === 'tls' || endpoint.scheme === 'wss';
    const made = isSecure && !this.#options.tls ? await selfSigned() : null;
    // Without `ca`, which would require a certificate of the client.
    const tls = this.#options.tls ?? (made && { cert: made.cert, key: made.key });
    await this.#listeners.open([endpoint], () => ({
      ...(tls && { tls }),
      maxFrame,
      handshakeTimeout: registrationTimeout,
      onConnection: (connection) => this.#accept(connection),
      onHandshakeFailed: ({ error }) => {
        this.#handshakeError = error;
      },
      // Out of a system resource: the client reconnects, or its path is not played.
      onError: () => {},
    }));
    this.#idleSince = performance.now();
    const [bound = endpoint] = this.#listeners.endpoints;
    this.#options.onListening?.(bound, made?.ca ?? null);
  }

  #accept(connection: Connection): void {
    if (this.#isOpen) this.#incoming.push(connection);
    else connection.destroy();
  }

  /** Starts a client for the path and stops it at the end of the path. */
  async #launch(path: ClientPath): Promise<{ readonly played: Promise<PathRun> }> {
    if (this.#options.signal?.aborted) return await this.#connect(path);
    const [endpoint] = this.#listeners.endpoints;
    try {
      this.#launchedEnd = null;
      this.#isOpen = true;
      this.#idleSince = performance.now();
      if (endpoint) this.#client = await this.#options.launch?.(endpoint);
      if (this.#client) void this.#watch(this.#client);
      const run = await this.#connect(path);
      await run.played;
      return run;
    } finally {
      this.#isOpen = false;
      const client = this.#client;
      this.#client = undefined;
      await client?.stop();
      this.#incoming.closeAll();
    }
  }

  async #watch(client: LaunchedClient): Promise<void> {
    const how = await client.ended;
    if (client !== this.#client) return;
    this.#launchedEnd = { how, at: performance.now() };
    this.#incoming.wake();
  }

  /** Waits for a connection and starts to play on it. */
  async #connect(path: ClientPath): Promise<{ readonly played: Promise<PathRun> }> {
    const connection = await this.#incoming.next(() => this.#timeLeft());
    if (!connection) {
      const run = notPlayed(path, this.#whyNotConnected());
      this.#options.onPath?.(run);
      return { played: Promise.resolve(run) };
    }
    const played = this.#play(path, connection);
    this.#playing.add(played);
    const over = () => {
      this.#playing.delete(played);
      this.#idleSince = performance.now();
      this.#incoming.wake();
    };
    // Errors of `onPath` surface at the end of the run.
    played.then(over, over);
    return { played };
  }

  #timeLeft(): number {
    if (this.#options.signal?.aborted) return 0;
    if (this.#playing.size > 0) return Number.POSITIVE_INFINITY;
    const now = performance.now();
    const left = this.#settings.connectTimeout - (now - this.#idleSince);
    return this.#launchedEnd ? Math.min(left, exitGrace - (now - this.#launchedEnd.at)) : left;
  }

  #whyNotConnected(): string {
    if (this.#options.signal?.aborted) return 'the run was interrupted before it';
    const handshake = this.#handshakeError ? ` (${this.#handshakeError.message})` : '';
    const how = this.#launchedEnd?.how;
    if (how !== undefined) return `the client exited before it connected: ${how}${handshake}`;
    return `the client did not connect within ${duration(this.#settings.connectTimeout)}${handshake}`;
  }

  async #play(path: ClientPath, connection: Connection): Promise<PathRun> {
    const session = new ClientSession(connection, path.id, this.#settings);
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
    const isPlayed = await playPath(path, session, this.#settings);
    const { tested, violations } = judge(session.seen, this.#settings);
    const all = [...violations];
    const isCounted = path.id === 'storm' && tested.has('asks-once');
    if (isCounted) {
      const reconnects = await this.#countReconnects();
      if (reconnects) all.push({ ...reconnects, index: session.seen.length - 1 });
    }
    const cutBy = this.#options.signal?.aborted ? interrupted : isPlayed ? null : tooShort;
    const run: PathRun = {
      path,
      verdict: all.length > 0 ? 'fail' : cutBy === null ? 'pass' : 'inconclusive',
      seen: session.seen,
      steps: session.steps,
      tested: isCounted ? new Set([...tested, 'reconnects-slowly']) : tested,
      violations: all,
      elapsed: session.seen.at(-1)?.at ?? 0,
      ending: cutBy ?? endingOf(session.seen.at(-1)),
    };
    this.#options.onPath?.(run);
    return run;
  }

  /** Drops each connection within a second. */
  async #countReconnects(): Promise<Omit<Violation, 'index'> | null> {
    const { maxReconnects } = this.#settings;
    const since = performance.now();
    const left = () =>
      this.#options.signal?.aborted ? 0 : since + countPeriod - performance.now();
    let count = 1;
    for (;;) {
      const connection = await this.#incoming.next(left);
      if (!connection) break;
      count += 1;
      // A normal close keeps the connection until the client has read it: too many of them would use too much memory.
      if (count <= maxReconnects) connection.close('done');
      else connection.destroy();
    }
    if (count <= maxReconnects) return null;
    const sentence = `The client connected ${count} times within a second in which the server dropped each connection; ${maxReconnects} times are allowed.`;
    return { requirement: 'reconnects-slowly', sentence, at: performance.now() - since };
  }
}

function notPlayed(path: ClientPath, ending: string): PathRun {
  const nothing = { seen: [], steps: [], tested: new Set<never>(), violations: [], elapsed: 0 };
  return { path, verdict: 'inconclusive', ...nothing, ending };
}

function endingOf(last: ObservedArrow | undefined): string {
  return last ? describeObserved(last) : 'nothing was observed';
}
