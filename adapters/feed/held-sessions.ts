import type { Configuration } from '../../machines/registration/chart/configurations.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { FeedTotals } from '../../machines/registration/session/feed.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import {
  advanceSummary,
  type RunningSummary,
  type SessionSummary,
  type SessionVerdict,
  startSummary,
} from '../../machines/registration/session/verdict.js';
import { Fifo } from '../runtime/collections/fifo.js';
import { StepHistory } from './step-history.js';

/** Limits of the sessions and steps in memory. */
export interface HoldingLimits {
  /** Live and ended sessions. Live sessions are never dropped. @default 50000 */
  readonly sessions: number;
  /** Steps of all sessions. @default 200000 */
  readonly steps: number;
  /** Estimated bytes of all steps. @default 67108864 (64 MiB) */
  readonly bytes: number;
  /** Steps of one session: its first 50 (at most half of them) and its last. @default 2000 */
  readonly stepsOfSession: number;
}

export const defaultLimits: HoldingLimits = {
  sessions: 50_000,
  steps: 200_000,
  bytes: 67_108_864,
  stepsOfSession: 2_000,
};

/** A session in memory. */
export interface HeldSession {
  readonly summary: RunningSummary;
  history: StepHistory;
  /** Whether earlier steps of it may be at another gate. */
  isPartial: boolean;
  /** The version at which it was created. */
  readonly created: number;
  /** The version of its last change. */
  changed: number;
  /** Whether it was dropped. */
  removed: boolean;
  /** Whether it is in the next update of the list. */
  noted: boolean;
}

/**
 * The sessions of a gate with their first and last steps, made from step records. Beyond the limits, sessions and steps are dropped,
 * starting with the sessions that ended first. The totals include dropped sessions.
 */
export class HeldSessions {
  readonly #limits: HoldingLimits;
  readonly #live = new Map<string, HeldSession>();
  readonly #ended = new Map<string, HeldSession>();
  /** Ended sessions in the order in which they ended: the next to be dropped. */
  readonly #endedOrder = new Fifo<HeldSession>();
  /** Sessions whose steps are dropped next: ended sessions, then live ones. Some may have no steps left. */
  readonly #endedSteps = new Fifo<HeldSession>();
  readonly #liveSteps = new Fifo<HeldSession>();
  readonly #byVerdict = new Map<SessionVerdict, number>();
  readonly #byState = new Map<Configuration, number>();
  readonly #onRemoved: (session: HeldSession) => void;
  #steps = 0;
  #bytes = 0;
  #accepted = 0;
  #version = 0;

  constructor(limits: HoldingLimits, onRemoved: (session: HeldSession) => void) {
    this.#limits = limits;
    this.#onRemoved = onRemoved;
  }

  /** The number of changes. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#live.size + this.#ended.size;
  }

  /** The steps in memory and their estimated bytes. */
  get load(): { readonly steps: number; readonly bytes: number } {
    return { steps: this.#steps, bytes: this.#bytes };
  }

  get(session: string): HeldSession | undefined {
    return this.#live.get(session) ?? this.#ended.get(session);
  }

  /** Sessions that changed after a version: live ones, then ended ones. */
  changedAfter(version: number): HeldSession[] {
    const found: HeldSession[] = [];
    for (const sessions of [this.#live, this.#ended]) {
      for (const session of sessions.values()) if (session.changed > version) found.push(session);
    }
    return found;
  }

  /** Counts of all connections since the start, including dropped sessions. */
  totals(): FeedTotals {
    const counted = <Name extends string>(counts: ReadonlyMap<Name, number>) =>
      Object.fromEntries([...counts].filter(([, count]) => count > 0)) as Record<Name, number>;
    return {
      accepted: this.#accepted,
      byVerdict: counted(this.#byVerdict),
      byState: counted(this.#byState),
    };
  }

  /** Adds a step. @param node the gate of the session in its cluster */
  add(step: StepRecord, node?: string): HeldSession {
    this.#version += 1;
    const session = this.#live.get(step.session) ?? this.#begun(step, node);
    if (session.history.size === 0) this.#queueLive(session);
    const { size, weight } = session.history;
    session.history.push(step);
    this.#steps += session.history.size - size;
    this.#bytes += session.history.weight - weight;
    if (session.changed > 0) this.#advance(session.summary, step);
    session.changed = this.#version;
    if (step.to === 'disconnected') this.#over(session);
    this.#forgetSessions();
    this.#forgetSteps();
    return session;
  }

  /** Adds a step of a session of another gate. @returns null for one that is known already, or whose session is not known yet */
  addOther(step: StepRecord, node: string): HeldSession | null {
    const session = this.#live.get(step.session);
    if (!session) return step.seq === 1 ? this.add(step, node) : null;
    const { summary, history } = session;
    if (step.seq <= summary.steps) return null;
    // Steps were lost: a history has only steps that follow each other.
    if (step.seq > summary.steps + 1 && history.size > 0) this.#clear(session);
    return this.add(step, node);
  }

  /** Takes over a session of another gate, whose steps up to now are there. @returns null for one that has ended here */
  adopt(summary: SessionSummary): HeldSession | null {
    const id = summary.session;
    if (this.#ended.has(id)) return null;
    this.#version += 1;
    const known = this.#live.get(id);
    const session = known ?? this.#hold({ ...summary });
    if (known) {
      const missed = summary.steps > known.summary.steps;
      this.#count(known.summary, -1);
      Object.assign(known.summary, summary, {
        steps: Math.max(summary.steps, known.summary.steps),
      });
      this.#count(known.summary, 1);
      if (missed && known.history.size > 0) this.#clear(known);
    }
    session.isPartial = true;
    session.changed = this.#version;
    this.#forgetSessions();
    return session;
  }

  /** Gives a session of another gate the steps that the other gate holds. */
  fill(session: HeldSession, steps: readonly StepRecord[]): void {
    session.isPartial = false;
    const { summary, history: before } = session;
    const known = steps.filter(({ seq }) => seq <= summary.steps);
    const last = known.at(-1)?.seq ?? 0;
    const later = before.from(last + 1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    // Only steps that follow each other can be joined.
    const isJoined = (later[0]?.seq ?? last + 1) === last + 1;
    const isWhole = (later.at(-1)?.seq ?? last) === summary.steps;
    if (session.removed || known.length === 0 || !isJoined || !isWhole) return;
    const history = new StepHistory(this.#limits.stepsOfSession);
    if (before.size === 0) this.#queueLive(session);
    for (const step of [...known, ...later]) history.push(step);
    this.#steps += history.size - before.size;
    this.#bytes += history.weight - before.weight;
    session.history = history;
    this.#forgetSteps();
  }

  /** Drops live sessions of which nothing is known any more. */
  forget(sessions: readonly string[]): void {
    for (const id of sessions) {
      const session = this.#live.get(id);
      if (!session) continue;
      this.#live.delete(id);
      this.#count(session.summary, -1);
      this.#clear(session);
      session.removed = true;
      this.#onRemoved(session);
    }
  }

  /** Ends a session that the gate reports as disconnected. Its last step has done so already, unless the chart failed. */
  ended(id: string, reason: DisconnectReason): HeldSession | null {
    const session = this.#live.get(id);
    if (!session) return null;
    this.#version += 1;
    const { summary } = session;
    count(this.#byState, summary.state, -1);
    count(this.#byState, 'disconnected', 1);
    summary.state = 'disconnected';
    summary.deadline = null;
    summary.reason = reason;
    session.changed = this.#version;
    this.#over(session);
    return session;
  }

  #begun(step: StepRecord, node: string | undefined): HeldSession {
    const summary = startSummary(step);
    if (node !== undefined) summary.node = node;
    return this.#hold(summary);
  }

  #hold(summary: RunningSummary): HeldSession {
    const session: HeldSession = {
      summary,
      history: new StepHistory(this.#limits.stepsOfSession),
      isPartial: false,
      created: this.#version,
      changed: 0,
      removed: false,
      noted: false,
    };
    this.#live.set(summary.session, session);
    this.#count(summary, 1);
    return session;
  }

  #count({ carrier, verdict, state }: SessionSummary, change: 1 | -1): void {
    // The clients of a proxy share its connection.
    if (carrier === undefined) this.#accepted += change;
    count(this.#byVerdict, verdict, change);
    count(this.#byState, state, change);
  }

  #advance(summary: RunningSummary, step: StepRecord): void {
    const { verdict, state } = summary;
    advanceSummary(summary, step);
    if (summary.verdict !== verdict) {
      count(this.#byVerdict, verdict, -1);
      count(this.#byVerdict, summary.verdict, 1);
    }
    if (summary.state !== state) {
      count(this.#byState, state, -1);
      count(this.#byState, summary.state, 1);
    }
  }

  #over(session: HeldSession): void {
    this.#live.delete(session.summary.session);
    this.#ended.set(session.summary.session, session);
    this.#endedOrder.push(session);
    this.#endedSteps.push(session);
  }

  /** Removes ended sessions from the queue of live ones when there are many. */
  #queueLive(session: HeldSession): void {
    this.#liveSteps.push(session);
    if (this.#liveSteps.size <= 2 * this.#live.size + 1_024) return;
    this.#liveSteps.filter(
      ({ summary, history }) => history.size > 0 && summary.state !== 'disconnected',
    );
    // The session has no step yet.
    this.#liveSteps.push(session);
  }

  #forgetSessions(): void {
    while (this.size > this.#limits.sessions) {
      const oldest = this.#endedOrder.shift();
      if (!oldest) return;
      if (this.#endedSteps.first === oldest) this.#endedSteps.shift();
      this.#ended.delete(oldest.summary.session);
      this.#clear(oldest);
      oldest.removed = true;
      this.#onRemoved(oldest);
    }
  }

  #forgetSteps(): void {
    while (this.#steps > this.#limits.steps || this.#bytes > this.#limits.bytes) {
      const oldest = this.#endedSteps.shift() ?? this.#liveSteps.shift();
      if (!oldest) return;
      this.#clear(oldest);
    }
  }

  #clear({ history }: HeldSession): void {
    this.#steps -= history.size;
    this.#bytes -= history.weight;
    history.clear();
  }
}

function count<Name>(counts: Map<Name, number>, name: Name, change: number): void {
  counts.set(name, (counts.get(name) ?? 0) + change);
}
