import type { RawData, WebSocket } from 'ws';
import type { FeedMessage, FeedTotals } from '../../machines/index.js';
import type { HeldSession } from './held-sessions.js';
import { ListUpdate } from './list-update.js';
import { readViewerMessage } from './viewer-message.js';
import { Watch } from './watch.js';

/** What a viewer needs of its feed. */
export interface ViewerHost {
  /** Bytes that may wait to be written to one viewer; while more do, nothing is added. */
  readonly maxUnsent: number;
  readonly maxWatched: number;
  readonly hello: Extract<FeedMessage, { type: 'hello' }>;
  /** Counts changes of sessions. */
  readonly version: number;
  session(id: string): HeldSession | undefined;
  changedAfter(version: number): HeldSession[];
  totals(): FeedTotals;
  /** The viewer wants the list from now on. */
  listed(viewer: Viewer): void;
  /** So many steps are not sent to a viewer, because it was slow. */
  dropped(steps: number): void;
  /** A viewer of the list missed changes and can take them again. */
  behind(): void;
  gone(viewer: Viewer): void;
}

/** How far a viewer has the list. */
interface Listing {
  /** Everything up to this version was sent. */
  synced: number;
  /** What is being sent, its next page, and the version up to which it tells. */
  update: ListUpdate | null;
  page: number;
  target: number;
  /** No page was the last one yet. */
  first: boolean;
  /** Sessions that the viewer may know and that are no longer held. */
  removed: string[];
}

/** WebSocket close codes, RFC 6455 section 7.4.1. */
export const closeCodes = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const;

/**
 * One viewer. It is sent one message at a time, with the gate's own work between them, and nothing at all while too much waits
 * for it: what it gets next is made then, from what is held then.
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
  /** It answered a ping, or took something, since the last look. */
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
  }

  /** Changes of the list that all viewers are told who have everything up to `since`. */
  tell(changes: ListUpdate, since: number): void {
    const listing = this.#listing;
    // One that is still busy with an update is behind after it, and is brought up then.
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

  /** A session is no longer held. */
  removed({ summary, created }: HeldSession): void {
    if (this.#listing && created <= this.#listing.target) {
      this.#listing.removed.push(summary.session);
    }
    if (this.#watches.has(summary.session)) this.#schedule();
  }

  /** Something may have happened in a session that it watches. */
  look(): void {
    if (this.#watches.size > 0) this.#schedule();
  }

  /** Ends those that are no longer there. Called now and then. */
  checkAlive(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
  }

  /** Says why and closes. */
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

  /** Sends what the viewer does not have yet, unless it is slow, and closes. Sessions that end with the gate are among it. */
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
    // The viewer keeps asking and does not read the answers.
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

  /** A viewer that has the list already keeps what it has. */
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
    this.#watches.set(id, new Watch(session, after));
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

  /** One message a turn of the event loop: between two of them the gate serves its clients. */
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

  /** What changed since the last update of the list; null when nothing did. */
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
      // To the end: the others have their turn first.
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
