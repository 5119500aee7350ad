/** The page's end of `/feed`: holds a connection to the gate, reconnects, and delivers the messages once per frame. */
import {
  type FeedAccess,
  type FeedCluster,
  type FeedMessage,
  feedVersion,
  type SeatDelays,
  type ViewerMessage,
} from '../../../machines/index.js';
import { batchOf, type FeedBatch } from './feed-batch.js';
import { collected, type Frame } from './frame.js';
import { GateWatch } from './gate-watch.js';

/** The state of the connection to the gate. */
export type Connection =
  /** There is no gate: the page comes from a plain web server or a file. */
  | { readonly phase: 'none' }
  | { readonly phase: 'connecting' }
  | {
      readonly phase: 'open';
      readonly gate: string;
      /** Differs for each start of the gate. */
      readonly run: string;
      /** Whether the gate is shutting down. */
      readonly stopping: boolean;
      readonly delays: SeatDelays;
      /** Where clients connect. */
      readonly endpoints: readonly string[];
      /** The gate's clock minus this machine's, in milliseconds. */
      readonly ahead: number;
      /** The gate in its cluster; null without one. */
      readonly cluster: FeedCluster | null;
    }
  /** Lost, or never established. The next attempt is at `retryAt` by this machine's clock. */
  | {
      readonly phase: 'lost';
      readonly retryAt: number;
      /** The reason, if known; null when the gate cannot be reached. */
      readonly why: string | null;
      /** The time of the last message, by the gate's clock; null when there was none. */
      readonly since: number | null;
    }
  /** The gate asks for its token. The page does not retry until the browser has signed in. */
  | {
      readonly phase: 'locked';
      /** When the connection was lost, by the gate's clock; null when there was none. */
      readonly since: number | null;
    }
  /** Gate and page are incompatible, or the gate rejects the page. The page does not retry. */
  | { readonly phase: 'ended'; readonly problem: string };

export interface FeedClientOptions {
  readonly url: string;
  onConnection(connection: Connection): void;
  onBatch(batch: FeedBatch): void;
  /** Asks the gate's web server why the feed does not connect; null when it does not answer either. */
  access(): Promise<FeedAccess | null>;
  /** Whether the browser must sign in before the first attempt. */
  readonly isLocked: boolean;
}

/** Milliseconds before each attempt; the last value repeats. */
const backOff = [500, 1_000, 2_000, 3_000, 5_000] as const;

interface Watched {
  watchers: number;
  /** seq of the last received step. */
  last: number;
}

export class FeedClient {
  readonly #options: FeedClientOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #frame: Frame<FeedMessage>;
  #socket: WebSocket | null = null;
  #timer = 0;
  #attempts = 0;
  /** The open connection, or null. */
  #open: Extract<Connection, { phase: 'open' }> | null = null;
  readonly #watch: GateWatch;
  /** The time of the last message, by the gate's clock. */
  #lostAt: number | null = null;
  /** The reason that the gate sent before it closed. */
  #why: string | null = null;
  #closed = false;
  /** Sessions since the request for the list; null once the list is complete. */
  #listed: Set<string> | null = null;

  constructor(options: FeedClientOptions) {
    this.#options = options;
    this.#frame = collected((messages) => this.#handOn(messages));
    this.#watch = new GateWatch({
      ping: () => this.#say({ type: 'ping' }),
      silent: () => this.#silent(),
      corrected: (ahead) => this.#changeOpen({ ahead }),
      awake: () => this.#awake(),
    });
    if (options.isLocked) options.onConnection({ phase: 'locked', since: null });
    else this.#connect();
  }

  /**
   * Subscribes to a session's steps after `after`.
   * @returns a function that unsubscribes; the last watcher ends the subscription.
   */
  watch(session: string, after: number): () => void {
    const known = this.#watched.get(session);
    if (known) known.watchers += 1;
    else {
      this.#watched.set(session, { watchers: 1, last: after });
      this.#say({ type: 'watch', session, after });
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const watched = this.#watched.get(session);
      if (!watched) return;
      watched.watchers -= 1;
      if (watched.watchers > 0) return;
      this.#watched.delete(session);
      this.#say({ type: 'unwatch', session });
    };
  }

  isWatching(session: string): boolean {
    return this.#watched.has(session);
  }

  /** Connects now instead of after the delay. */
  retry(): void {
    if (this.#socket || this.#closed) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
    this.#frame.cancel();
    this.#socket?.close();
  }

  #connect(): void {
    if (this.#attempts === 0) this.#options.onConnection({ phase: 'connecting' });
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    this.#watch.start();
    socket.onmessage = ({ data }) => this.#heard(socket, String(data));
    socket.onclose = () => {
      if (this.#socket === socket) void this.#lost();
    };
  }

  #heard(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    const message = JSON.parse(text) as FeedMessage;
    this.#watch.heard(message.type === 'pong' ? message.at : null);
    if (message.type === 'hello') this.#greeted(message);
    else if (message.type === 'stopping') this.#changeOpen({ stopping: true });
    else if (message.type === 'cluster') this.#changeOpen({ cluster: message.cluster });
    else if (message.type === 'problem') this.#refused(message);
    else this.#frame.add(message);
  }

  #greeted(hello: Extract<FeedMessage, { type: 'hello' }>): void {
    if (hello.version !== feedVersion) {
      this.#end(
        `the gate uses version ${hello.version} of the feed, this page uses version ${feedVersion}: reload the page from the gate`,
      );
      return;
    }
    this.#attempts = 0;
    const { gate, run, stopping, delays, at, endpoints } = hello;
    const ahead = at - Date.now();
    const about = { gate, run, stopping, delays, endpoints };
    this.#open = { phase: 'open', ...about, ahead, cluster: null };
    this.#options.onConnection(this.#open);
    this.#watch.greeted(ahead);
    this.#listed = new Set();
    this.#say({ type: 'list' });
    for (const [session, { last }] of this.#watched)
      this.#say({ type: 'watch', session, after: last });
  }

  /** A rejection is final, except when the gate has too many viewers. */
  #refused({ code, message }: Extract<FeedMessage, { type: 'problem' }>): void {
    if (code === 'too-many-viewers') this.#why = message;
    else this.#end(`the gate refuses: ${message}`);
  }

  #changeOpen(changes: Partial<Extract<Connection, { phase: 'open' }>>): void {
    if (!this.#open) return;
    this.#open = { ...this.#open, ...changes };
    this.#options.onConnection(this.#open);
  }

  /** The page may have been suspended: its times are old, and the state of the gate may have changed. */
  #awake(): void {
    this.#changeOpen({});
    this.retry();
  }

  /** The connection seems open, but no messages arrive. It may never close, so the page closes it. */
  #silent(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    void this.#lost();
  }

  async #lost(): Promise<void> {
    this.#socket = null;
    // These messages belong to this connection, not to the list of the next one.
    this.#frame.flush();
    this.#listed = null;
    if (this.#open) this.#lostAt = this.#watch.lastHeardAt;
    this.#open = null;
    this.#watch.stop();
    if (this.#closed) return;
    const why = this.#why;
    this.#why = null;
    const wait = backOff[Math.min(this.#attempts, backOff.length - 1)] ?? 5_000;
    this.#attempts += 1;
    const retryAt = Date.now() + wait;
    this.#timer = window.setTimeout(() => this.#connect(), wait);
    const lost = { phase: 'lost', retryAt, since: this.#lostAt } as const;
    this.#options.onConnection({ ...lost, why });
    if (why !== null) return;
    // A closed WebSocket gives no reason, so the page asks the gate's web server.
    const attempt = this.#attempts;
    const access = await this.#options.access();
    if (this.#socket || this.#closed || attempt !== this.#attempts) return;
    if (access === 'token-needed') {
      clearTimeout(this.#timer);
      this.#options.onConnection({ phase: 'locked', since: this.#lostAt });
    } else if (access === 'origin-refused') {
      this.#end(
        `the gate does not know this address: start it with --admin-public-url ${pageUrl()} (docs/operate.md)`,
      );
    } else if (access === 'granted' && attempt > 1) {
      const reason =
        'the gate answers, but WebSockets do not reach it: a proxy in between must pass on Upgrade (docs/operate.md)';
      this.#options.onConnection({ ...lost, why: reason });
    }
  }

  #end(problem: string): void {
    this.close();
    this.#options.onConnection({ phase: 'ended', problem });
  }

  #say(message: ViewerMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #handOn(messages: readonly FeedMessage[]): void {
    const batch = batchOf(messages, this.#listed);
    if (batch.listed) this.#listed = null;
    for (const { session, seq } of batch.steps) this.#has(session, seq);
    for (const { session, to } of batch.gaps) this.#has(session, to);
    this.#options.onBatch(batch);
  }

  #has(session: string, seq: number): void {
    const watched = this.#watched.get(session);
    if (watched) watched.last = Math.max(watched.last, seq);
  }
}

/** The address of the page, without the view. */
function pageUrl(): string {
  return location.href.replace(/[^/]*([?#].*)?$/, '');
}
