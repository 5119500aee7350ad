import type { RawData, WebSocket } from 'ws';
import type {
  FeedCluster,
  FeedMessage,
  FeedTotals,
} from '../../machines/registration/session/feed.js';
import type { HeldSession } from './held-sessions.js';
import { ListUpdate } from './list-update.js';
import { readViewerMessage } from './viewer-message.js';
import { Watch } from './watch.js';

/** The feed as a viewer sees it. */
export interface ViewerHost {
  /** Backlog in bytes above which nothing is sent. */
  readonly maxUnsent: number;
  readonly maxWatched: number;
  readonly hello: Extract<FeedMessage, { type: 'hello' }>;
  /** The number of changes of sessions. */
  readonly version: number;
  session(id: string): HeldSession | undefined;
  /** Gets the earlier steps of a session of another gate. Null where none are missing. */
  fill(session: HeldSession): Promise<void> | null;
  /** The gate in its cluster; null without one. */
  readonly cluster: FeedCluster | null;
  changedAfter(version: number): HeldSession[];
  totals(): FeedTotals;
  /** The viewer subscribes to the list. */
  listed(viewer: Viewer): void;
  /** Steps were not sent to a slow viewer. */
  dropped(steps: number): void;
  /** A viewer of the list missed changes and needs an update. */
  behind(): void;
  gone(viewer: Viewer): void;
}

/** The state of the list at a viewer. */
interface Listing {
  /** Everything up to this version was sent. */
  synced: number;
  /** The update in progress, its next page, and its version. */
  update: ListUpdate | null;
  page: number;
  target: number;
  /** Whether the first update is not complete. */
  first: boolean;
  /** Dropped sessions that the viewer may know. */
  removed: string[];
}

/** WebSocket close codes, RFC 6455 section 7.4.1. */
export const closeCodes = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const;

/**
 * One viewer. The feed sends it one message per turn of the event loop, and nothing while its backlog is too large. The next message is
 * made from the sessions in memory at that time.
 */
export class Viewer {
  readonly #socket: WebSocket;
  readonly #host: ViewerHost;
  readonly #watches = new Map<string, Watch>();
  #listing: Listing | null = null;
  #scheduled = false;
  #congested = false;
  #listFirst = false;
  #over = false;
  /** Whether it answered a ping or received data since the last check. */
  #alive = true;

  constructor(socket: WebSocket, host: ViewerHost) {
    this.#socket = socket;
    this.#host = host;
    socket.on('message', (data, isBinary) => this.#heard(data, isBinary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    // The library closes the connection after an error.
    socket.on('error', () => {});
    socket.on('close', () => this.#end());
    this.#send(JSON.stringify(host.hello));
    if (host.cluster) this.tellCluster(host.cluster);
  }

  /** Sends changes of the list to a viewer that is up to date at version `since`. */
  tell(changes: ListUpdate, since: number): void {
    const listing = this.#listing;
    // A viewer with an update in progress gets the changes after it.
    if (!listing || listing.update || this.#congested) return;
    const update =
      listing.synced >= since
        ? changes
        : new ListUpdate(this.#host.changedAfter(listing.synced), false);
    if (update.isEmpty && listing.removed.length === 0) {
      listing.synced = this.#host.version;
      return;
    }
    this.#begin(listing, update);
  }

  /** The gate in its cluster has changed. */
  tellCluster(cluster: FeedCluster): void {
    const message: FeedMessage = { type: 'cluster', cluster };
    this.#send(JSON.stringify(message));
  }

  /** A session was dropped. */
  removed({ summary, created }: HeldSession): void {
    if (this.#listing && created <= this.#listing.target) {
      this.#listing.removed.push(summary.session);
    }
    if (this.#watches.has(summary.session)) this.#schedule();
  }

  /** A watched session may have new steps. */
  look(): void {
    if (this.#watches.size > 0) this.#schedule();
  }

  /** Closes a viewer that does not answer pings. Called periodically. */
  checkAlive(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
  }

  /** Sends the problem and closes the viewer. */
  refuse(code: string, message: string, closeCode: number = closeCodes.policy): void {
    if (this.#over) return;
    const problem: FeedMessage = { type: 'problem', code, message };
    this.#send(JSON.stringify(problem));
    this.close(closeCode);
  }

  /** The gate shuts down. */
  stopping(): void {
    const message: FeedMessage = { type: 'stopping' };
    this.#send(JSON.stringify(message));
  }

  /** Sends everything that the viewer lacks, including sessions that end with the gate, unless it is slow; then closes it. */
  finish(closeCode: number): void {
    while (!this.#over && this.#socket.bufferedAmount <= this.#host.maxUnsent) {
      const text = this.#nextSteps() ?? this.#nextOfList() ?? this.#lastOfList();
      if (text === null) break;
      this.#send(text);
    }
    this.close(closeCode);
  }

  close(closeCode: number): void {
    this.#socket.close(closeCode);
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#watches.clear();
    this.#listing = null;
    this.#host.gone(this);
  }

  #heard(data: RawData, isBinary: boolean): void {
    if (this.#over) return;
    // The viewer sends requests and does not read the answers.
    if (this.#socket.bufferedAmount > 2 * this.#host.maxUnsent) {
      this.#socket.terminate();
      return;
    }
    const { message, problem } = isBinary
      ? { problem: 'the message is binary; it must be text' }
      : readViewerMessage(String(data));
    if (problem !== undefined) this.refuse('bad-message', problem);
    else if (message?.type === 'list') this.#list();
    else if (message?.type === 'watch') this.#watch(message.session, message.after);
    else if (message?.type === 'unwatch') this.#watches.delete(message.session);
    else this.#pong();
  }

  #pong(): void {
    const message: FeedMessage = { type: 'pong', at: Date.now() };
    this.#send(JSON.stringify(message));
  }

  /** Subscribes to the list; no effect for a viewer that already has it. */
  #list(): void {
    if (this.#listing) return;
    this.#listing = { synced: 0, update: null, page: 0, target: 0, first: true, removed: [] };
    this.#host.listed(this);
    this.#begin(this.#listing, new ListUpdate(this.#host.changedAfter(0), false));
  }

  #begin(listing: Listing, update: ListUpdate): void {
    listing.update = update;
    listing.page = 0;
    listing.target = this.#host.version;
    this.#schedule();
  }

  #watch(id: string, after: number): void {
    const session = this.#host.session(id);
    if (!session) {
      this.#tellUnknown(id);
      return;
    }
    const { maxWatched } = this.#host;
    if (this.#watches.size >= maxWatched && !this.#watches.has(id)) {
      this.refuse('too-many-watched', `at most ${maxWatched} sessions can be watched at once`);
      return;
    }
    const watch = new Watch(session, after);
    this.#watches.set(id, watch);
    const filling = this.#host.fill(session);
    watch.isWaiting = filling !== null;
    void filling?.then(() => {
      watch.isWaiting = false;
      this.#schedule();
    });
    this.#schedule();
  }

  #tellUnknown(session: string): void {
    const message: FeedMessage = { type: 'unknown', session };
    this.#send(JSON.stringify(message));
  }

  #schedule(): void {
    if (this.#scheduled || this.#congested || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#sendNext();
    });
  }

  /** Sends one message per turn of the event loop: the gate serves its clients in between. */
  #sendNext(): void {
    if (this.#over) return;
    if (this.#socket.bufferedAmount > this.#host.maxUnsent) {
      this.#congested = true;
      for (const watch of this.#watches.values()) watch.fellBehind();
      return;
    }
    this.#listFirst = !this.#listFirst;
    const text = this.#listFirst
      ? (this.#nextOfList() ?? this.#nextSteps())
      : (this.#nextSteps() ?? this.#nextOfList());
    if (text === null) return;
    this.#send(text);
    this.#schedule();
  }

  #nextOfList(): string | null {
    const listing = this.#listing;
    if (!listing?.update) return null;
    const { update, page, removed } = listing;
    const sessions = update.text(page);
    const last = page + 1 >= update.pages;
    if (last) {
      listing.update = null;
      listing.synced = listing.target;
      listing.first = false;
      if (listing.synced < this.#host.version) this.#host.behind();
    } else listing.page = page + 1;
    listing.removed = [];
    const complete = !listing.first;
    return `{"type":"sessions","sessions":[${sessions}],"removed":${JSON.stringify(removed)},"complete":${complete},"totals":${JSON.stringify(this.#host.totals())}}`;
  }

  /** The changes since the last update of the list; null without changes. */
  #lastOfList(): string | null {
    const listing = this.#listing;
    if (!listing || listing.synced >= this.#host.version) return null;
    listing.update = new ListUpdate(this.#host.changedAfter(listing.synced), false);
    listing.page = 0;
    listing.target = this.#host.version;
    return this.#nextOfList();
  }

  #nextSteps(): string | null {
    for (const [id, watch] of this.#watches) {
      const message = watch.next();
      if (!message) continue;
      this.#watches.delete(id);
      if (message.type === 'gap' && message.cause === 'slow-viewer') {
        this.#host.dropped(message.to - message.from + 1);
      }
      // Move to the end: other sessions come first.
      if (message.type !== 'unknown') this.#watches.set(id, watch);
      return JSON.stringify(message);
    }
    return null;
  }

  #send(text: string): void {
    this.#socket.send(text, () => this.#sent());
  }

  #sent(): void {
    this.#alive = true;
    if (!this.#congested || this.#socket.bufferedAmount > this.#host.maxUnsent / 2) return;
    this.#congested = false;
    this.#schedule();
    if (this.#listing && this.#listing.synced < this.#host.version) this.#host.behind();
  }
}
