import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { DisconnectReason, SeatDelays } from '../../machines/registration/chart/seat.js';
import { type FeedCluster, feedVersion } from '../../machines/registration/session/feed.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { SessionSummary } from '../../machines/registration/session/verdict.js';
import { type Endpoint, formatEndpoint } from '../net/transports/endpoint.js';
import { version } from '../runtime/version.js';
import { ViewerGuard, viewerSocketOptions } from '../web/viewer-guard.js';
import {
  defaultLimits,
  type HeldSession,
  HeldSessions,
  type HoldingLimits,
} from './held-sessions.js';
import { ListUpdate } from './list-update.js';
import type { OtherSessions, OtherSessionsReader } from './other-sessions.js';
import { Throttle } from './throttle.js';
import { closeCodes, Viewer, type ViewerHost } from './viewer.js';

type Stepped = (step: StepRecord) => void;
/** A session has ended; its last step follows immediately, or never. */
type Disconnected = (session: { readonly id: string }, reason: DisconnectReason) => void;

/** The source of a feed: a gate or a tap. */
export interface FeedSource extends Partial<OtherSessions> {
  readonly endpoints: readonly Endpoint[];
  on(event: 'step', listener: Stepped): unknown;
  on(event: 'disconnected', listener: Disconnected): unknown;
  off(event: 'step', listener: Stepped): unknown;
  off(event: 'disconnected', listener: Disconnected): unknown;
  /** The gate in its cluster; null or left out without one. */
  readonly directory?: GateDirectory | null;
}

/** A gate in its cluster. */
interface GateDirectory {
  readonly node: string;
  readonly cluster: string;
  readonly address: string;
  readonly state: 'live' | 'lost';
}

export interface FeedOptions {
  /** Name and version of the gate, e.g. `ixgate 0.1.0`. */
  readonly gate: string;
  /** The gate's deadlines; read for each viewer. */
  readonly delays: SeatDelays;
  /** @default see HoldingLimits */
  readonly limits?: Partial<HoldingLimits> | undefined;
  /** Maximum number of viewers. @default 32 */
  readonly maxViewers?: number | undefined;
  /** Maximum number of sessions that one viewer watches. @default 64 */
  readonly maxWatched?: number | undefined;
  /** Backlog in bytes from which a viewer counts as slow. @default 1048576 */
  readonly maxUnsent?: number | undefined;
}

/** Milliseconds between two updates of the list: ten per second. */
const listInterval = 100;
/** Milliseconds between two checks for steps of watched sessions. */
const stepsInterval = 20;
/** Milliseconds between two pings of viewers. */
const aliveInterval = 30_000;
/** Maximum size of a viewer's message in bytes. */
const longestMessage = 4_096;
/**
 * Rate limit for frames of one viewer. The page sends two for each selected session: about 60 per second while a cursor key is pressed,
 * and 65 when it reconnects and watches 64 sessions.
 */
const viewerFrames = { perSecond: 200, burst: 500 };

/** Most steps of a session that another gate gets, and their estimated bytes: a store may limit the size of messages. */
const sentSteps = {
  first: { count: 50, weight: 65_536 },
  last: { count: 400, weight: 262_144 },
};

/**
 * The feed of a gate: its sessions and their latest steps, over WebSocket (docs/feed.md). It keeps step records of the gate and
 * serializes them only when a viewer asks. The gate never waits for a viewer.
 */
export class SessionFeed implements AsyncDisposable {
  readonly #gate: FeedSource;
  readonly #options: FeedOptions;
  readonly #sessions: HeldSessions;
  /** The name of the gate in its cluster. */
  readonly #node: string | undefined;
  readonly #viewers = new Set<Viewer>();
  readonly #listViewers = new Set<Viewer>();
  readonly #upgrades = new WebSocketServer(viewerSocketOptions(longestMessage));
  readonly #guard = new ViewerGuard(viewerFrames);
  readonly #listPace = new Throttle(listInterval, () => this.#tellList());
  readonly #stepsPace = new Throttle(stepsInterval, () => this.#tellSteps());
  readonly #host: ViewerHost;
  /** Stops reading the sessions of the other gates; null while there are no viewers. */
  #stopReading: (() => void) | null = null;
  /** The other gates that do not answer. */
  #unreachable: readonly string[] = [];
  #toldCluster = '';
  /** Sessions that changed since the last update of the list; collected only while viewers have the list. */
  #changes: HeldSession[] = [];
  /** The version of the last update. */
  #toldVersion = 0;
  #told: ListUpdate | null = null;
  #aliveTimer: NodeJS.Timeout | null = null;
  readonly #run = randomUUID();
  #dropped = 0;
  #isStopping = false;
  #closed = false;

  constructor(gate: FeedSource, options: FeedOptions) {
    this.#gate = gate;
    this.#node = gate.directory?.node;
    this.#options = options;
    this.#sessions = new HeldSessions({ ...defaultLimits, ...definedOf(options.limits) }, (one) => {
      for (const viewer of this.#viewers) viewer.removed(one);
    });
    this.#host = this.#hostOfViewers();
    gate.on('step', this.#stepped);
    gate.on('disconnected', this.#disconnected);
  }

  /** The number of connected viewers. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** The number of steps that were not sent to slow viewers, which got a gap instead. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sessions and steps in memory, and the estimated bytes of the steps. */
  get load(): { readonly sessions: number; readonly steps: number; readonly bytes: number } {
    return { sessions: this.#sessions.size, ...this.#sessions.load };
  }

  /** The summary of a session that is held; null for others. */
  summaryOf(session: string): SessionSummary | null {
    return this.#sessions.get(session)?.summary ?? null;
  }

  /** The first steps of a session that are held, and its last. */
  stepsOf(session: string): readonly StepRecord[] {
    const held = this.#sessions.get(session);
    if (!held) return [];
    const { first, last } = sentSteps;
    const begin = held.history.from(1, first.count, first.weight);
    const next = Math.max((begin.at(-1)?.seq ?? 0) + 1, held.summary.steps - last.count + 1);
    return [...begin, ...held.history.from(next, last.count, last.weight)];
  }

  /** Accepts the WebSocket upgrade of a viewer. The caller has checked its access. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#guard.admits(request, socket)) return;
    this.#upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      const { maxViewers = 32 } = this.#options;
      const full = this.#viewers.size >= maxViewers;
      this.#guard.watch(webSocket, request, (why) => viewer.refuse('too-many-messages', why));
      const viewer = new Viewer(webSocket, this.#host);
      if (this.#closed) viewer.close(closeCodes.goingAway);
      else if (full) {
        const problem = `${maxViewers} viewers are already connected`;
        viewer.refuse('too-many-viewers', problem, closeCodes.tryAgainLater);
      } else this.#add(viewer);
    });
  }

  /** Tells the viewers that the gate shuts down. Call it once. */
  announceStop(): void {
    this.#isStopping = true;
    for (const viewer of this.#viewers) viewer.stopping();
  }

  /** Sends viewers everything until now, closes them, and stops listening to the gate. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopReading?.();
    this.#gate.off('step', this.#stepped);
    this.#gate.off('disconnected', this.#disconnected);
    for (const viewer of this.#viewers) viewer.finish(closeCodes.goingAway);
    this.#listPace.stop();
    this.#stepsPace.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  readonly #stepped = (step: StepRecord): void => {
    this.#changed(this.#sessions.add(step, this.#node));
  };

  readonly #disconnected = ({ id }: { readonly id: string }, reason: DisconnectReason): void => {
    // The last step follows immediately after this event.
    queueMicrotask(() => {
      const session = this.#sessions.ended(id, reason);
      if (session) this.#changed(session);
    });
  };

  readonly #others: OtherSessionsReader = {
    adopted: (summaries) => {
      for (const summary of summaries) this.#adopted(this.#sessions.adopt(summary));
    },
    step: (step, node) => this.#adopted(this.#sessions.addOther(step, node)),
    disconnected: (session, reason) => this.#disconnected({ id: session }, reason),
    forgotten: (sessions) => {
      this.#sessions.forget(sessions);
      if (this.#listViewers.size > 0) this.#listPace.ask();
    },
    unreachable: (nodes) => {
      this.#unreachable = nodes;
      this.#tellCluster();
    },
  };

  #adopted(session: HeldSession | null): void {
    if (session) this.#changed(session);
  }

  /** Gets the earlier steps of a session of another gate. */
  #fill(session: HeldSession): Promise<void> | null {
    const { stepsOf } = this.#gate;
    if (!session.isPartial || !stepsOf) return null;
    return stepsOf
      .call(this.#gate, session.summary.session)
      .then((steps) => this.#sessions.fill(session, steps));
  }

  get #cluster(): FeedCluster | null {
    const { directory } = this.#gate;
    if (!directory) return null;
    const { cluster, node, address, state } = directory;
    return { name: cluster, node, store: address, state, unreachable: this.#unreachable };
  }

  #tellCluster(): void {
    const cluster = this.#cluster;
    const text = JSON.stringify(cluster);
    if (!cluster || text === this.#toldCluster) return;
    this.#toldCluster = text;
    for (const viewer of this.#viewers) viewer.tellCluster(cluster);
  }

  #changed(session: HeldSession): void {
    if (this.#viewers.size > 0) this.#stepsPace.ask();
    if (this.#listViewers.size === 0 || session.noted) return;
    session.noted = true;
    this.#changes.push(session);
    this.#listPace.ask();
  }

  #tellList(): void {
    const changes = this.#changes;
    for (const session of changes) session.noted = false;
    this.#changes = [];
    const since = this.#toldVersion;
    this.#toldVersion = this.#sessions.version;
    this.#told?.forgetTexts();
    this.#told = new ListUpdate(changes, this.#listViewers.size > 1);
    for (const viewer of this.#listViewers) viewer.tell(this.#told, since);
  }

  #tellSteps(): void {
    for (const viewer of this.#viewers) viewer.look();
  }

  #add(viewer: Viewer): void {
    this.#viewers.add(viewer);
    this.#stopReading ??= this.#gate.readOthers?.(this.#others) ?? null;
    this.#aliveTimer ??= setInterval(() => {
      for (const one of this.#viewers) one.checkAlive();
    }, aliveInterval).unref();
  }

  #gone(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    this.#listViewers.delete(viewer);
    if (this.#listViewers.size === 0) this.#stopCollecting();
    if (this.#viewers.size > 0) return;
    this.#stopReading?.();
    this.#stopReading = null;
    if (this.#aliveTimer) clearInterval(this.#aliveTimer);
    this.#aliveTimer = null;
  }

  #stopCollecting(): void {
    this.#listPace.stop();
    for (const session of this.#changes) session.noted = false;
    this.#changes = [];
    this.#told = null;
  }

  #hostOfViewers(): ViewerHost {
    const feed = this;
    const { gate, maxUnsent = 1_048_576, maxWatched = 64 } = this.#options;
    return {
      maxUnsent,
      maxWatched,
      get hello() {
        const endpoints = feed.#gate.endpoints.map(formatEndpoint);
        const at = Date.now();
        const about = { gate, run: feed.#run, stopping: feed.#isStopping };
        const { delays } = feed.#options;
        return { type: 'hello', version: feedVersion, ...about, at, delays, endpoints } as const;
      },
      get version() {
        return feed.#sessions.version;
      },
      session: (id) => this.#sessions.get(id),
      fill: (session) => this.#fill(session),
      get cluster() {
        return feed.#cluster;
      },
      changedAfter: (version) => this.#sessions.changedAfter(version),
      totals: () => this.#sessions.totals(),
      listed: (viewer) => {
        // Changes were not collected while no viewer had the list.
        if (this.#listViewers.size === 0) this.#toldVersion = this.#sessions.version;
        this.#listViewers.add(viewer);
      },
      dropped: (steps) => {
        this.#dropped += steps;
      },
      behind: () => this.#listPace.ask(),
      gone: (viewer) => this.#gone(viewer),
    };
  }
}

/** The feed of a gate with its current deadlines. */
export function feedOf(
  gate: FeedSource & { readonly delays: SeatDelays },
  limits: Partial<HoldingLimits> = {},
): SessionFeed {
  return new SessionFeed(gate, {
    gate: `ixgate ${version()}`,
    get delays() {
      return gate.delays;
    },
    limits,
  });
}

function definedOf<Limits extends object>(limits: Limits | undefined): Limits {
  return Object.fromEntries(
    Object.entries(limits ?? {}).filter(([, value]) => value !== undefined),
  ) as Limits;
}
