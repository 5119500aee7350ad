import { randomUUID } from 'node:crypto';
import type { DisconnectReason } from '../../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { SessionSummary } from '../../../machines/registration/session/verdict.js';
import type { NodeMessages } from '../../directory/node-messages.js';
import type { OtherSessionsReader } from '../../feed/index.js';
import type { SessionInfo } from '../../server/index.js';
import { RemoteSession } from '../mirror/remote-session.js';
import type { SerializedEvent } from '../mirror/serialized.js';
import type { SessionAsk } from '../mirror/session-ask.js';
import type { SessionNews, WatchSessions, WatchState } from './messages.js';
import { summaryOf } from './session-summary.js';

/** Milliseconds without news after which a snapshot counts as lost. */
const snapshotTimeout = 2_000;

/** Gets what a mirror receives. */
export type MirrorReader = Omit<OtherSessionsReader, 'unreachable'>;

export interface NodeMirrorHost {
  readonly messages: NodeMessages;
  readonly reader: MirrorReader;
  /** Whether steps are needed. */
  readonly wantsSteps: boolean;
  ask(session: string, ask: SessionAsk): void;
}

/** The sessions of another gate, as it reports them. */
export class NodeMirror {
  readonly node: string;
  readonly #host: NodeMirrorHost;
  readonly #sessions = new Map<string, RemoteSession>();
  #watch: ReceivedWatch | null = null;
  #refreshing: Promise<void> | null = null;
  /** Whether it did not answer the last time. */
  isSilent = false;

  constructor(node: string, host: NodeMirrorHost) {
    this.node = node;
    this.#host = host;
  }

  get sessions(): ReadonlyMap<string, RemoteSession> {
    return this.#sessions;
  }

  /** Makes the sessions those that the gate has now. It never rejects: a gate that does not answer is `isSilent` then. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh()
      .then(
        () => {
          this.isSilent = false;
        },
        () => {
          this.isSilent = true;
        },
      )
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  /** Takes what the gate has sent. */
  receive(news: SessionNews): void {
    const watch = this.#watch;
    if (watch?.id !== news.watch || watch.isBroken) return;
    if (!watch.heard(news.seq)) {
      void this.refresh();
      return;
    }
    if (news.kind === 'batch') {
      for (const event of news.events) this.#happened(event);
      // The events have older states: restore the newest.
      for (const info of news.sessions) this.#sessions.get(info.id)?.update(info);
      return;
    }
    this.#adopt(news.sessions, news.summaries, watch);
    if (!news.isLast) return;
    const seen = watch.complete();
    this.#forget([...this.#sessions.keys()].filter((id) => !seen.has(id)));
  }

  /** Ends the watch. @param isLive whether the gate still lives, so that it gets a message */
  close(isLive: boolean): void {
    if (this.#watch && !this.#watch.isBroken && isLive)
      this.#host.messages.tell(this.node, 'end-watch', this.#watch.id);
    this.#watch?.fail();
    this.#watch = null;
    this.#forget([...this.#sessions.keys()]);
  }

  async #refresh(): Promise<void> {
    const { messages, wantsSteps } = this.#host;
    const watch = this.#watch;
    if (!watch || watch.isBroken || (wantsSteps && !watch.steps)) return this.#begin(wantsSteps);
    const answer = await messages.ask(this.node, 'renew-watch', watch.id);
    const { isKnown, seq } = answer as WatchState;
    if (!isKnown || seq > watch.seq) return this.#begin(wantsSteps);
    await watch.completed;
  }

  /** @param attempts number of snapshots that may get lost */
  async #begin(steps: boolean, attempts = 2): Promise<void> {
    this.#watch?.fail();
    const watch = new ReceivedWatch(steps);
    this.#watch = watch;
    const asked: WatchSessions = { watch: watch.id, steps };
    try {
      await this.#host.messages.ask(this.node, 'watch-sessions', asked);
    } catch (error) {
      watch.fail();
      throw error;
    }
    await watch.completed.catch((error: unknown) => {
      // Closed meanwhile, or out of attempts.
      if (this.#watch !== watch || attempts === 1) throw error;
      return this.#begin(steps, attempts - 1);
    });
  }

  #adopt(
    sessions: readonly SessionInfo[],
    summaries: readonly SessionSummary[],
    watch: ReceivedWatch,
  ): void {
    for (const info of sessions) {
      watch.saw(info.id);
      this.#sessionOf(info);
    }
    if (!watch.steps) return;
    const held = new Map(summaries.map((summary) => [summary.session, summary]));
    this.#host.reader.adopted(
      sessions.map((info) => ({ ...(held.get(info.id) ?? summaryOf(info)), node: this.node })),
    );
  }

  #happened([name, first, ...rest]: SerializedEvent): void {
    const { reader } = this.#host;
    if (name === 'step') {
      const step = first as StepRecord;
      this.#sessions.get(step.session)?.stepped(step);
      reader.step(step, this.node);
      return;
    }
    const info = first as SessionInfo;
    if (name === 'disconnected') {
      this.#sessions.delete(info.id);
      reader.disconnected(info.id, rest[0] as DisconnectReason);
      return;
    }
    this.#watch?.saw(info.id);
    this.#sessionOf(info);
  }

  #sessionOf(info: SessionInfo): void {
    const known = this.#sessions.get(info.id);
    if (known) known.update(info);
    else {
      const ask = (session: string, asked: SessionAsk) => this.#host.ask(session, asked);
      this.#sessions.set(info.id, new RemoteSession(this.node, info, ask));
    }
  }

  #forget(sessions: readonly string[]): void {
    if (sessions.length === 0) return;
    for (const id of sessions) this.#sessions.delete(id);
    this.#host.reader.forgotten(sessions);
  }
}

/** A watch of another gate: what it has sent so far. */
class ReceivedWatch {
  readonly id = randomUUID();
  readonly steps: boolean;
  /** Number of the last message. */
  seq = 0;
  /** Whether a message was lost, or the watch has ended. */
  isBroken = false;
  /** The sessions that were reported until the snapshot was complete. */
  #seen = new Set<string>();
  /** Resolves when all sessions have been reported; rejects when they do not come. */
  readonly completed: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(steps: boolean) {
    this.steps = steps;
    this.completed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.completed.catch(() => {});
    this.#wait();
  }

  /** @returns false when messages before this one were lost */
  heard(seq: number): boolean {
    if (seq !== this.seq + 1) {
      this.fail();
      return false;
    }
    this.seq = seq;
    if (this.#timer) this.#wait();
    return true;
  }

  /** A session was reported. */
  saw(session: string): void {
    if (this.#timer) this.#seen.add(session);
  }

  /** The snapshot is complete. @returns the sessions that were reported */
  complete(): ReadonlySet<string> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#resolve();
    const seen = this.#seen;
    this.#seen = new Set();
    return seen;
  }

  fail(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.isBroken = true;
    this.#reject(new Error('the list of sessions is incomplete'));
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail(), snapshotTimeout);
  }
}
