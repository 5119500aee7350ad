/** The page's end of `/feed`: keeps a connection to the gate, comes back when it is lost, and hands on what it says, once a frame. */
import {
  type FeedAccess,
  type FeedMessage,
  feedVersion,
  type SeatDelays,
  type ViewerMessage,
} from '../../../machines/index.js';
import { batchOf, type FeedBatch } from './feed-batch.js';
import { collected, type Frame } from './frame.js';
import { GateWatch } from './gate-watch.js';

/** How it stands with the gate. */
export type Connection =
  /** There is none to talk to: a plain web server or a file serves the page. */
  | { readonly phase: 'none' }
  | { readonly phase: 'connecting' }
  | {
      readonly phase: 'open';
      readonly gate: string;
      /** Differs from one start of the gate to the next. */
      readonly run: string;
      /** Whether the gate is shutting down. */
      readonly stopping: boolean;
      readonly delays: SeatDelays;
      /** Where clients connect. */
      readonly endpoints: readonly string[];
      /** The gate's clock minus this machine's, in milliseconds. */
      readonly ahead: number;
    }
  /** Lost or never had; the next attempt is at `retryAt` by this machine's clock. */
  | {
      readonly phase: 'lost';
      readonly retryAt: number;
      /** Why, where it is known; null when it just cannot be reached. */
      readonly why: string | null;
      /** When the gate was last heard of, by its clock; null when it never was. */
      readonly since: number | null;
    }
  /** The gate asks for its token, at first or when it has another one; nothing is tried before the browser has signed in. */
  | {
      readonly phase: 'locked';
      /** When the connection was lost, by the gate's clock; null when there was none. */
      readonly since: number | null;
    }
  /** The two cannot talk; nothing is tried again. */
  | { readonly phase: 'ended'; readonly problem: string };

export interface FeedClientOptions {
  readonly url: string;
  onConnection(connection: Connection): void;
  onBatch(batch: FeedBatch): void;
  /** What the gate's web server says when the feed does not connect; null when it does not answer either. */
  access(): Promise<FeedAccess | null>;
  /** Whether the browser must sign in before the first attempt. */
  readonly isLocked: boolean;
}

/** Milliseconds before each attempt; the last goes on for ever. */
const backOff = [500, 1_000, 2_000, 3_000, 5_000] as const;

interface Watched {
  watchers: number;
  /** seq of the last step that came, to go on after. */
  last: number;
}

export class FeedClient {
  readonly #options: FeedClientOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #frame: Frame<FeedMessage>;
  #socket: WebSocket | null = null;
  #timer = 0;
  #attempts = 0;
  /** What is known of the gate while there is a connection. */
  #open: Extract<Connection, { phase: 'open' }> | null = null;
  readonly #watch: GateWatch;
  /** When the gate was last heard of, by its clock. */
  #lostAt: number | null = null;
  /** What the gate gave as the reason before it closed. */
  #why: string | null = null;
  #closed = false;
  /** Sessions seen since the list was asked for; null once it was complete. */
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
   * Asks for a session's steps after `after` and those to come.
   * @returns what ends it; the last watcher that leaves ends the subscription.
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

  /** Tries now instead of when the time has come. */
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
    else if (message.type === 'problem') this.#refused(message);
    else this.#frame.add(message);
  }

  #greeted(hello: Extract<FeedMessage, { type: 'hello' }>): void {
    if (hello.version !== feedVersion) {
      this.#end(
        `the gate speaks version ${hello.version} of the feed and this page version ${feedVersion}: reload the page from the gate`,
      );
      return;
    }
    this.#attempts = 0;
    const { gate, run, stopping, delays, at, endpoints } = hello;
    const ahead = at - Date.now();
    this.#open = { phase: 'open', gate, run, stopping, delays, endpoints, ahead };
    this.#options.onConnection(this.#open);
    this.#watch.greeted(ahead);
    this.#listed = new Set();
    this.#say({ type: 'list' });
    for (const [session, { last }] of this.#watched)
      this.#say({ type: 'watch', session, after: last });
  }

  /** Whatever the gate refuses it would refuse again, but for a place among its viewers. */
  #refused({ code, message }: Extract<FeedMessage, { type: 'problem' }>): void {
    if (code === 'too-many-viewers') this.#why = message;
    else this.#end(`the gate refuses: ${message}`);
  }

  #changeOpen(changes: Partial<Extract<Connection, { phase: 'open' }>>): void {
    if (!this.#open) return;
    this.#open = { ...this.#open, ...changes };
    this.#options.onConnection(this.#open);
  }

  /** The page may have slept: what it shows of the time is old, and the gate may be back or gone. */
  #awake(): void {
    this.#changeOpen({});
    this.retry();
  }

  /** The connection is there, or seems to be, and nothing comes: it may never be closed by itself. */
  #silent(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    void this.#lost();
  }

  async #lost(): Promise<void> {
    this.#socket = null;
    // What came before belongs to this connection, not to the list of the next one.
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
    // The feed says no more than that it is closed; why shows in the web pages of the gate.
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
