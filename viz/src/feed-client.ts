/** The page's end of `/inspect`: keeps a connection to the gate, comes back when it is lost, and hands on what it says, once a frame. */
import {
  type FeedAccess,
  type FeedMessage,
  type FeedTotals,
  feedVersion,
  type SeatDelays,
  type SessionSummary,
  type StepRecord,
  type ViewerMessage,
} from '../../machines/index.js';
import { collected, type Frame } from './frame.js';

/** How it stands with the gate. */
export type Connection =
  /** There is none to talk to: a plain web server or a file serves the page. */
  | { readonly phase: 'none' }
  | { readonly phase: 'connecting' }
  | {
      readonly phase: 'open';
      readonly gate: string;
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
      /** When the connection was lost, by the gate's clock; null when there was none. */
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

/** What came since the last frame, in order. */
export interface FeedBatch {
  readonly sessions: readonly SessionSummary[];
  readonly removed: readonly string[];
  readonly totals: FeedTotals | null;
  /** Every session the gate holds, once its list is complete after a (re)connect; else null. */
  readonly listed: ReadonlySet<string> | null;
  readonly steps: readonly StepRecord[];
  readonly gaps: readonly Extract<FeedMessage, { type: 'gap' }>[];
  readonly unknown: readonly string[];
}

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
  /** The gate's clock minus this machine's, while there is a connection, and when the last one was lost, by the gate's clock. */
  #ahead: number | null = null;
  #lostAt: number | null = null;
  /** What the gate gave as the reason before it closed. */
  #why: string | null = null;
  #closed = false;
  /** Sessions seen since the list was asked for; null once it was complete. */
  #listed: Set<string> | null = null;

  constructor(options: FeedClientOptions) {
    this.#options = options;
    this.#frame = collected((messages) => this.#handOn(messages));
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
    this.#frame.cancel();
    this.#socket?.close();
  }

  #connect(): void {
    if (this.#attempts === 0) this.#options.onConnection({ phase: 'connecting' });
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#heard(socket, String(data));
    socket.onclose = () => {
      if (this.#socket === socket) void this.#lost();
    };
  }

  #heard(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    const message = JSON.parse(text) as FeedMessage;
    if (message.type === 'hello') this.#greeted(message);
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
    const { gate, delays, at, endpoints } = hello;
    const ahead = at - Date.now();
    this.#ahead = ahead;
    this.#options.onConnection({
      phase: 'open',
      gate,
      delays,
      endpoints,
      ahead,
    });
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

  async #lost(): Promise<void> {
    this.#socket = null;
    this.#listed = null;
    if (this.#ahead !== null) this.#lostAt = Date.now() + this.#ahead;
    this.#ahead = null;
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
    const access = await this.#options.access();
    if (this.#socket || this.#closed) return;
    if (access === 'token-needed') {
      clearTimeout(this.#timer);
      this.#options.onConnection({ phase: 'locked', since: this.#lostAt });
    } else if (access === 'origin-refused') {
      this.#end(
        `the gate does not know this address: start it with --admin-public-url ${pageUrl()} (docs/operate.md)`,
      );
    } else if (access === 'granted' && this.#attempts > 1) {
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
    const summaries = new Map<string, SessionSummary>();
    const removed = new Set<string>();
    const steps: StepRecord[] = [];
    const gaps: Extract<FeedMessage, { type: 'gap' }>[] = [];
    const unknown: string[] = [];
    let totals: FeedTotals | null = null;
    let listed: ReadonlySet<string> | null = null;
    // Changes that come in the same frame as the end of the list belong to it.
    const all = this.#listed;
    for (const message of messages) {
      if (message.type === 'sessions') {
        for (const summary of message.sessions) {
          summaries.set(summary.session, summary);
          removed.delete(summary.session);
          all?.add(summary.session);
        }
        for (const session of message.removed) {
          removed.add(session);
          all?.delete(session);
        }
        totals = message.totals;
        if (message.complete && this.#listed) {
          listed = this.#listed;
          this.#listed = null;
        }
      } else if (message.type === 'steps') {
        const watched = this.#watched.get(message.session);
        const last = message.steps.at(-1);
        if (watched && last) watched.last = Math.max(watched.last, last.seq);
        for (const step of message.steps) steps.push(step);
      } else if (message.type === 'gap') {
        const watched = this.#watched.get(message.session);
        if (watched) watched.last = Math.max(watched.last, message.to);
        gaps.push(message);
      } else if (message.type === 'unknown') unknown.push(message.session);
    }
    const sessions = [...summaries.values()];
    this.#options.onBatch({
      sessions,
      removed: [...removed],
      totals,
      listed,
      steps,
      gaps,
      unknown,
    });
  }
}

/** The address of the page, without the view. */
function pageUrl(): string {
  return location.href.replace(/[^/]*([?#].*)?$/, '');
}
