/**
 * The tester in the server's place: it listens, plays the server along the paths, one a connection, and judges whatever client
 * comes.
 */
import { describeObserved, duration, type ObservedArrow } from '../../../machines/index.js';
import type { Connection } from '../../net/transports/index.js';
import { selfSigned } from '../../net/transports/self-signed.js';
import { ListenerGroup } from '../../server/listener-group.js';
import { Arrivals } from './arrivals.js';
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
import { Visit } from './visit.js';

/**
 * Judges the client that connects. The client is to come again by itself whenever a connection is over, or is launched for each
 * path. It resolves when every path is over, when the client stays away for longer than `patience`, or when the signal aborts.
 * @throws {OptionError} naming the option; {EndpointError}; {ListenError} when it cannot listen; whatever `launch` throws.
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

/** What is between a client that has ended and its connection, where it had made one. */
const lastConnection = 500;
const countedFor = 1_000;

const interrupted = 'it was interrupted';
const tooShort = 'the registration deadline of the played server came before the path was over';

class Run {
  readonly #settings: Settings;
  readonly #options: ConformClientOptions;
  readonly #doors = new ListenerGroup();
  readonly #arrivals = new Arrivals();
  readonly #visits = new Set<Visit>();
  readonly #playing = new Set<Promise<PathRun>>();
  /** Whether connections are waited for; those that come meanwhile belong to a client that is being stopped. */
  #isOpen = true;
  /** Since when nothing is played and nobody has come. */
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
    for (const visit of this.#visits) visit.end();
    this.#arrivals.wake();
  };

  async run(): Promise<ClientConformance> {
    await this.#listen();
    const runs: Promise<PathRun>[] = [];
    for (const path of this.#settings.paths) {
      const run = this.#options.launch ? await this.#launched(path) : await this.#reached(path);
      runs.push(run.played);
      // Whoever is counted must not be taken for the next path's.
      if (path.id === 'storm') await run.played;
    }
    this.#isOpen = false;
    this.#arrivals.turnAway();
    const { replyTimeout } = this.#settings;
    const isJudged = (id: string) => id !== 'gives-up-in-time' || replyTimeout !== undefined;
    return resultOf(await Promise.all(runs), isJudged);
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#aborted);
    this.#isOpen = false;
    for (const visit of this.#visits) visit.end();
    await this.#doors.close();
    this.#arrivals.turnAway();
    await Promise.all([...this.#visits].map(({ gone }) => gone));
  }

  async #listen(): Promise<void> {
    const { endpoint, maxFrame, registrationTimeout } = this.#settings;
    const isSecure = endpoint.scheme === 'tls' || endpoint.scheme === 'wss';
    const made = isSecure && !this.#options.tls ? await selfSigned() : null;
    // Not its `ca`: that would ask the client for a certificate too.
    const tls = this.#options.tls ?? (made && { cert: made.cert, key: made.key });
    await this.#doors.open([endpoint], {
      ...(tls && { tls }),
      maxFrame,
      handshakeTimeout: registrationTimeout,
      onConnection: (connection) => this.#arrived(connection),
      onHandshakeFailed: ({ error }) => {
        this.#handshakeError = error;
      },
      // The system is short of something: who could not be accepted comes again, or is not reached.
      onError: () => {},
    });
    this.#idleSince = performance.now();
    const [bound = endpoint] = this.#doors.endpoints;
    this.#options.onListening?.(bound, made?.ca ?? null);
  }

  #arrived(connection: Connection): void {
    if (this.#isOpen) this.#arrivals.push(connection);
    else connection.destroy();
  }

  /** A client of one's own for the path; it is stopped with it. */
  async #launched(path: ClientPath): Promise<{ readonly played: Promise<PathRun> }> {
    if (this.#options.signal?.aborted) return await this.#reached(path);
    const [endpoint] = this.#doors.endpoints;
    try {
      this.#launchedEnd = null;
      this.#isOpen = true;
      this.#idleSince = performance.now();
      if (endpoint) this.#client = await this.#options.launch?.(endpoint);
      if (this.#client) void this.#watch(this.#client);
      const run = await this.#reached(path);
      await run.played;
      return run;
    } finally {
      this.#isOpen = false;
      const client = this.#client;
      this.#client = undefined;
      await client?.stop();
      this.#arrivals.turnAway();
    }
  }

  async #watch(client: LaunchedClient): Promise<void> {
    const how = await client.ended;
    if (client !== this.#client) return;
    this.#launchedEnd = { how, at: performance.now() };
    this.#arrivals.wake();
  }

  /** Waits for a connection and begins to play on it. */
  async #reached(path: ClientPath): Promise<{ readonly played: Promise<PathRun> }> {
    const connection = await this.#arrivals.next(() => this.#patienceLeft());
    if (!connection) {
      const run = notReached(path, this.#whyNot());
      this.#options.onPath?.(run);
      return { played: Promise.resolve(run) };
    }
    const played = this.#play(path, connection);
    this.#playing.add(played);
    const over = () => {
      this.#playing.delete(played);
      this.#idleSince = performance.now();
      this.#arrivals.wake();
    };
    // What `onPath` throws is told at the end.
    played.then(over, over);
    return { played };
  }

  #patienceLeft(): number {
    if (this.#options.signal?.aborted) return 0;
    if (this.#playing.size > 0) return Number.POSITIVE_INFINITY;
    const now = performance.now();
    const left = this.#settings.patience - (now - this.#idleSince);
    return this.#launchedEnd ? Math.min(left, lastConnection - (now - this.#launchedEnd.at)) : left;
  }

  #whyNot(): string {
    if (this.#options.signal?.aborted) return 'it was interrupted before';
    const handshake = this.#handshakeError ? ` (${this.#handshakeError.message})` : '';
    const how = this.#launchedEnd?.how;
    if (how !== undefined) return `the client ended before it had connected: ${how}${handshake}`;
    return `the client did not come within ${duration(this.#settings.patience)}${handshake}`;
  }

  async #play(path: ClientPath, connection: Connection): Promise<PathRun> {
    const visit = new Visit(connection, path.id, this.#settings);
    this.#visits.add(visit);
    void visit.gone.then(() => this.#visits.delete(visit));
    const isPlayed = await playPath(path, visit, this.#settings);
    const { tested, violations } = judge(visit.seen, this.#settings);
    const all = [...violations];
    const isCounted = path.id === 'storm' && tested.has('asks-once');
    if (isCounted) {
      const returns = await this.#countReturns();
      if (returns) all.push({ ...returns, index: visit.seen.length - 1 });
    }
    const cutBy = this.#options.signal?.aborted ? interrupted : isPlayed ? null : tooShort;
    const run: PathRun = {
      path,
      verdict: all.length > 0 ? 'violated' : cutBy === null ? 'held' : 'not-reached',
      seen: visit.seen,
      steps: visit.steps,
      tested: isCounted ? new Set([...tested, 'returns-slowly']) : tested,
      violations: all,
      elapsed: visit.seen.at(-1)?.at ?? 0,
      ending: cutBy ?? endingOf(visit.seen.at(-1)),
    };
    this.#options.onPath?.(run);
    return run;
  }

  /** Drops whoever comes within a second. */
  async #countReturns(): Promise<Omit<Violation, 'index'> | null> {
    const { maxReturns } = this.#settings;
    const since = performance.now();
    const left = () => (this.#options.signal?.aborted ? 0 : since + countedFor - performance.now());
    let count = 1;
    for (;;) {
      const connection = await this.#arrivals.next(left);
      if (!connection) break;
      count += 1;
      // Many that are told goodbye would be kept until they have read it.
      if (count <= maxReturns) connection.close('done');
      else connection.destroy();
    }
    if (count <= maxReturns) return null;
    const sentence = `The client came ${count} times within a second in which it was dropped each time; ${maxReturns} times are allowed.`;
    return { requirement: 'returns-slowly', sentence, at: performance.now() - since };
  }
}

function notReached(path: ClientPath, ending: string): PathRun {
  const nothing = { seen: [], steps: [], tested: new Set<never>(), violations: [], elapsed: 0 };
  return { path, verdict: 'not-reached', ...nothing, ending };
}

function endingOf(last: ObservedArrow | undefined): string {
  return last ? describeObserved(last) : 'nothing was seen';
}
