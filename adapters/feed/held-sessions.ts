import type { Configuration } from '../../machines/registration/chart/configurations.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { FeedTotals } from '../../machines/registration/session/feed.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import {
  advanceSummary,
  type RunningSummary,
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
  readonly history: StepHistory;
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

  /** Adds a step. */
  add(step: StepRecord): HeldSession {
    this.#version += 1;
    const session = this.#live.get(step.session) ?? this.#begun(step);
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

  #begun(step: StepRecord): HeldSession {
    const session: HeldSession = {
      summary: startSummary(step),
      history: new StepHistory(this.#limits.stepsOfSession),
      created: this.#version,
      changed: 0,
      removed: false,
      noted: false,
    };
    this.#live.set(step.session, session);
    // The clients of a proxy share its connection.
    if (step.carrier === undefined) this.#accepted += 1;
    count(this.#byVerdict, session.summary.verdict, 1);
    count(this.#byState, session.summary.state, 1);
    return session;
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
