import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { SessionSummary } from '../../../machines/registration/session/verdict.js';
import type { NodeMessages } from '../../directory/node-messages.js';
import type { GateView } from '../../server/index.js';
import { type EventBatch, EventBatcher } from '../mirror/event-batcher.js';
import { obeyAsk } from '../mirror/session-ask.js';
import type { SessionAsks, SessionNews, WatchSessions, WatchState } from './messages.js';

/** Number of sessions in a message of a snapshot. */
const chunk = 1_000;
/** Maximum number of events in a message: a store may limit the size of messages. */
const maxEvents = 250;
/** Milliseconds after which a watch that was not renewed ends. */
const watchTime = 15_000;
/** Requests to sessions that are executed in one turn of the event loop. */
const asksPerTurn = 20;

/** The summaries and steps that the page of a gate holds. */
export interface HeldSteps {
  summaryOf(session: string): SessionSummary | null;
  /** First and last steps. */
  stepsOf(session: string): readonly StepRecord[];
}

/** Sends the sessions of this gate to the other gates that watch them, and obeys their requests to sessions. */
export class SessionsSent {
  readonly #gate: GateView;
  readonly #messages: NodeMessages;
  /** By the gate that watches. */
  readonly #watches = new Map<string, SentWatch>();
  #timer: NodeJS.Timeout | null = null;
  /** Null while there is no page. */
  held: HeldSteps | null = null;

  constructor(gate: GateView, messages: NodeMessages) {
    this.#gate = gate;
    this.#messages = messages;
    messages.on('watch-sessions', (body, from) => this.#begin(from, body as WatchSessions));
    messages.on('renew-watch', (watch, from) => this.#renew(from, String(watch)));
    messages.on('end-watch', (watch, from) => {
      if (this.#watches.get(from)?.id === watch) this.#end(from);
    });
    messages.on('session-asks', (asks) => this.#obey(asks as SessionAsks));
    messages.on('steps-of', (session) => this.held?.stepsOf(String(session)) ?? []);
  }

  /** Number of gates that watch. */
  get watches(): number {
    return this.#watches.size;
  }

  close(): void {
    for (const node of [...this.#watches.keys()]) this.#end(node);
  }

  #begin(node: string, { watch, steps }: WatchSessions): null {
    this.#end(node);
    const host = {
      gate: this.#gate,
      held: () => this.held,
      send: (news: SessionNews) => this.#messages.deliver(node, 'session-news', news),
    };
    const sent = new SentWatch(watch, steps, host);
    this.#watches.set(node, sent);
    this.#timer ??= setInterval(() => this.#endOld(), watchTime / 3).unref();
    void sent.sendAll();
    return null;
  }

  async #renew(node: string, id: string): Promise<WatchState> {
    const watch = this.#watches.get(node);
    if (watch?.id !== id) return { isKnown: false, seq: 0 };
    return { isKnown: true, seq: await watch.renew() };
  }

  #endOld(): void {
    for (const [node, { renewedAt }] of [...this.#watches]) {
      if (performance.now() - renewedAt > watchTime) this.#end(node);
    }
  }

  #end(node: string): void {
    this.#watches.get(node)?.close();
    this.#watches.delete(node);
    if (this.#watches.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #obey(asks: SessionAsks): Promise<null> {
    for (const [index, [session, ask]] of asks.entries()) {
      if (index > 0 && index % asksPerTurn === 0) await nextTurn();
      obeyAsk(this.#gate, session, ask);
    }
    return null;
  }
}

interface SentWatchHost {
  readonly gate: GateView;
  held(): HeldSteps | null;
  send(news: SessionNews): Promise<void>;
}

/** What one other gate is sent. */
class SentWatch {
  readonly id: string;
  renewedAt = performance.now();
  readonly #steps: boolean;
  readonly #host: SentWatchHost;
  readonly #batcher: EventBatcher;
  #seq = 0;
  #isClosed = false;

  constructor(id: string, steps: boolean, host: SentWatchHost) {
    this.id = id;
    this.#steps = steps;
    this.#host = host;
    this.#batcher = new EventBatcher(host.gate, {
      events: ['connected', 'registered', 'refused', 'disconnected'],
      steps,
      watchesSteps: true,
      send: (batch) => this.#sendBatch(batch),
    });
  }

  /** Sends all sessions. */
  async sendAll(): Promise<void> {
    const ids = this.#host.gate.sessions().map(({ id }) => id);
    for (let at = 0; !this.#isClosed; at += chunk) {
      // Events until now come first: the other gate may take them for old ones otherwise.
      const earlier = this.#batcher.flush();
      const part = ids.slice(at, at + chunk);
      const isLast = at + chunk >= ids.length;
      const sessions = part.flatMap((id) => this.#host.gate.session(id)?.info() ?? []);
      const held = this.#steps ? this.#host.held() : null;
      const summaries = held ? part.flatMap((id) => held.summaryOf(id) ?? []) : [];
      await Promise.all([earlier, this.#send({ kind: 'snapshot', sessions, summaries, isLast })]);
      if (isLast) return;
      await nextTurn();
    }
  }

  /** @returns the number of the last message, with all events until now */
  async renew(): Promise<number> {
    this.renewedAt = performance.now();
    await this.#batcher.flush();
    return this.#seq;
  }

  close(): void {
    this.#isClosed = true;
    this.#batcher.close();
  }

  async #sendBatch({ events, droppedSteps, sessions }: EventBatch): Promise<void> {
    if (this.#isClosed) return;
    if (events.length + sessions.length + droppedSteps === 0) return;
    const sent: Promise<void>[] = [];
    for (let at = 0; at === 0 || at < events.length; at += maxEvents) {
      const part = events.slice(at, at + maxEvents);
      const isLast = at + maxEvents >= events.length;
      sent.push(
        this.#send({
          kind: 'batch',
          events: part,
          droppedSteps: isLast ? droppedSteps : 0,
          sessions: isLast ? sessions : [],
        }),
      );
    }
    await Promise.all(sent);
  }

  #send(news: WithoutNumber<SessionNews>): Promise<void> {
    this.#seq += 1;
    return this.#host.send({ watch: this.id, seq: this.#seq, ...news } as SessionNews);
  }
}

type WithoutNumber<News> = News extends unknown ? Omit<News, 'watch' | 'seq'> : never;
