import type { DisconnectReason } from '../../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { SessionSummary } from '../../../machines/registration/session/verdict.js';
import type { DirectoryMember } from '../../directory/member.js';
import type { OtherSessionsReader } from '../../feed/index.js';
import type { RemoteSession } from '../mirror/remote-session.js';
import type { SessionAsk } from '../mirror/session-ask.js';
import type { Answers } from './answers.js';
import type { SessionAsks, SessionNews } from './messages.js';
import type { NodeList } from './node-list.js';
import { type MirrorReader, NodeMirror } from './node-mirror.js';

/** Milliseconds between two renewals of the watches. */
const renewInterval = 2_000;
/** Milliseconds after the last need for the sessions until they are not watched any more. */
const lingerTime = 30_000;
/** Maximum number of requests to sessions in a message. */
const maxAsks = 500;

/**
 * The sessions of the other gates. They are watched from the first need until some time after the last one, so that nothing is sent
 * in a cluster that no one looks at.
 */
export class SessionMirrors implements MirrorReader {
  readonly #member: DirectoryMember;
  readonly #list: NodeList;
  readonly #answers: Answers;
  readonly #mirrors = new Map<string, NodeMirror>();
  readonly #readers = new Set<OtherSessionsReader>();
  /** Requests to sessions of a gate that are sent at the end of this turn. */
  readonly #asks = new Map<string, (readonly [string, SessionAsk])[]>();
  #neededAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(member: DirectoryMember, list: NodeList, answers: Answers) {
    this.#member = member;
    this.#list = list;
    this.#answers = answers;
    member.messages.on('session-news', (news, from) => {
      this.#mirrors.get(from)?.receive(news as SessionNews);
    });
  }

  /** Whether other gates are watched. */
  get isWatching(): boolean {
    return this.#timer !== null;
  }

  /** Brings the sessions up to date. @returns the names of the gates that do not answer, sorted */
  async look(): Promise<string[]> {
    this.#need();
    await this.#refresh(true);
    return this.unreachable;
  }

  /** Watches the sessions and their steps until the returned function is called. */
  read(reader: OtherSessionsReader): () => void {
    this.#readers.add(reader);
    this.#need();
    void this.#refresh(false);
    return () => {
      this.#readers.delete(reader);
      this.#neededAt = performance.now();
    };
  }

  get unreachable(): string[] {
    const silent = [...this.#mirrors.values()].filter(({ isSilent }) => isSilent);
    return silent.map(({ node }) => node).sort();
  }

  get sessions(): RemoteSession[] {
    return [...this.#mirrors.values()].flatMap(({ sessions }) => [...sessions.values()]);
  }

  session(id: string): RemoteSession | undefined {
    for (const { sessions } of this.#mirrors.values()) {
      const session = sessions.get(id);
      if (session) return session;
    }
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  adopted(summaries: readonly SessionSummary[]): void {
    for (const reader of this.#readers) reader.adopted(summaries);
  }

  step(step: StepRecord, node: string): void {
    for (const reader of this.#readers) reader.step(step, node);
  }

  disconnected(session: string, reason: DisconnectReason): void {
    for (const reader of this.#readers) reader.disconnected(session, reason);
  }

  forgotten(sessions: readonly string[]): void {
    for (const reader of this.#readers) reader.forgotten(sessions);
  }

  #need(): void {
    if (this.#isClosed) return;
    this.#neededAt = performance.now();
    this.#timer ??= setInterval(() => this.#tick(), renewInterval).unref();
  }

  #tick(): void {
    const isNeeded = this.#readers.size > 0 || performance.now() - this.#neededAt < lingerTime;
    if (isNeeded) void this.#refresh(false);
    else this.#stop();
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    for (const mirror of this.#mirrors.values()) mirror.close(true);
    this.#mirrors.clear();
  }

  /** @param isAwaited whether silent gates are not waited for: they would delay every answer */
  async #refresh(isAwaited: boolean): Promise<void> {
    const others = await this.#list.others();
    if (!this.isWatching) return;
    for (const [node, mirror] of [...this.#mirrors]) {
      if (others.includes(node)) continue;
      this.#mirrors.delete(node);
      mirror.close(false);
    }
    const work = others.map((node) => {
      const mirror = this.#mirrors.get(node) ?? this.#mirror(node);
      const wasSilent = mirror.isSilent;
      const refreshed = mirror.refresh();
      return isAwaited && wasSilent ? null : refreshed;
    });
    await Promise.all(work);
    this.#tellUnreachable();
  }

  #mirror(node: string): NodeMirror {
    const { messages } = this.#member;
    const readers = this.#readers;
    const mirror = new NodeMirror(node, {
      messages,
      reader: this,
      get wantsSteps() {
        return readers.size > 0;
      },
      ask: (session, ask) => this.#ask(node, session, ask),
    });
    this.#mirrors.set(node, mirror);
    return mirror;
  }

  #tellUnreachable(): void {
    const { unreachable } = this;
    for (const reader of this.#readers) reader.unreachable(unreachable);
  }

  #ask(node: string, session: string, ask: SessionAsk): void {
    const before = this.#asks.get(node);
    if (before && before.length < maxAsks) {
      before.push([session, ask]);
      return;
    }
    if (before) this.#sendAsks(node, before);
    const asks: (readonly [string, SessionAsk])[] = [[session, ask]];
    this.#asks.set(node, asks);
    this.#answers.track(
      new Promise<void>((resolve) => {
        setImmediate(() => {
          if (this.#asks.get(node) === asks) this.#sendAsks(node, asks);
          resolve();
        });
      }),
    );
  }

  #sendAsks(node: string, asks: SessionAsks): void {
    this.#asks.delete(node);
    this.#answers.send(node, 'session-asks', asks);
  }
}
