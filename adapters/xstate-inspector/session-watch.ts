import type { Configuration } from '../../machines/registration/chart/configurations.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { GateView, SessionInfo } from '../server/index.js';
import { type Rate, TokenBucket } from '../server/limits/index.js';
import { eventOf, type StepEvent } from './steps.js';

/** The "context" of a session's state in xstate, for people. */
export interface SessionContext {
  /** Of the step that led here; null if unknown. */
  readonly seq: number | null;
  readonly clientName: string | null;
  readonly clientType: string | null;
  /** Milliseconds since Connected. */
  readonly elapsed: number;
  /** Milliseconds until the deadline; null without a deadline. */
  readonly deadline: number | null;
  readonly reason: string | null;
}

/** A viewer of sessions. */
export interface SessionViewer {
  register(session: string, configuration: Configuration, context: SessionContext): void;
  step(session: string, event: StepEvent, to: Configuration, context: SessionContext): void;
  stop(session: string): void;
}

/** Rate limit for new sessions per viewer: thousands per second would take too much CPU time. */
export const defaultSessionRate: Rate = { perSecond: 20, burst: 50 };

interface Watcher {
  /** Ids of the selected sessions; null for all. */
  readonly wanted: ReadonlySet<string> | null;
  /** The sessions it sees, each with its latest context. */
  readonly seen: Map<string, SessionContext>;
  /** Rate limit for new sessions. */
  readonly bucket: TokenBucket;
}

/**
 * Shows the sessions of a gate to viewers: the newest ones, then new ones up to a maximum number and rate; or selected ones. Without
 * viewers it does nothing. Viewers see step records, so watching does not change how a session runs.
 */
export class SessionWatch {
  readonly #gate: GateView;
  readonly #maxSessions: number;
  readonly #sessionRate: Rate;
  readonly #watchers = new Map<SessionViewer, Watcher>();

  /**
   * @param maxSessions maximum number of sessions that one viewer sees.
   * @param sessionRate rate limit for new sessions; a viewer does not see further ones.
   */
  constructor(gate: GateView, maxSessions: number, sessionRate: Rate = defaultSessionRate) {
    this.#gate = gate;
    this.#maxSessions = maxSessions;
    this.#sessionRate = sessionRate;
  }

  get viewers(): number {
    return this.#watchers.size;
  }

  add(viewer: SessionViewer, wanted: ReadonlySet<string> | null): void {
    if (this.#watchers.size === 0) {
      this.#gate.on('step', this.#stepped);
      this.#gate.on('disconnected', this.#disconnected);
    }
    const bucket = new TokenBucket(this.#sessionRate, () => performance.now());
    const watcher: Watcher = { wanted, seen: new Map(), bucket };
    this.#watchers.set(viewer, watcher);
    const present = this.#gate.sessions().filter(({ id }) => wanted === null || wanted.has(id));
    for (const info of present.slice(-this.#maxSessions)) {
      const context = contextOfPresent(info);
      watcher.seen.set(info.id, context);
      viewer.register(info.id, info.state, context);
    }
  }

  remove(viewer: SessionViewer): void {
    this.#watchers.delete(viewer);
    if (this.#watchers.size > 0) return;
    this.#gate.off('step', this.#stepped);
    this.#gate.off('disconnected', this.#disconnected);
  }

  sees(viewer: SessionViewer, session: string): boolean {
    return this.#watchers.get(viewer)?.seen.has(session) ?? false;
  }

  readonly #stepped = (step: StepRecord): void => {
    const { session, from, to } = step;
    for (const [viewer, { wanted, seen, bucket }] of this.#watchers) {
      let before = seen.get(session);
      if (!before) {
        // Sessions are shown from their start or not at all.
        const starts = from === 'connecting' && wanted === null;
        if (!starts || seen.size >= this.#maxSessions || !bucket.take()) continue;
        before = this.#contextOf(step, null);
        viewer.register(session, from, before);
      }
      const context = this.#contextOf(step, before);
      seen.set(session, context);
      viewer.step(session, eventOf(step), to, context);
      if (to === 'disconnected' && seen.delete(session)) viewer.stop(session);
    }
  };

  /** A session whose chart failed ends without a step; other sessions take their last step right after this. */
  readonly #disconnected = ({ id }: { readonly id: string }): void => {
    queueMicrotask(() => this.#stop(id));
  };

  #stop(session: string): void {
    for (const [viewer, { seen }] of this.#watchers) {
      if (seen.delete(session)) viewer.stop(session);
    }
  }

  #contextOf(step: StepRecord, before: SessionContext | null): SessionContext {
    const { session, seq, elapsed, deadline, reason } = step;
    // At its last step the gate no longer has the session.
    const { clientName = null, clientType = null } =
      this.#gate.session(session)?.info() ?? before ?? {};
    return { seq, clientName, clientType, elapsed, deadline, reason };
  }
}

function contextOfPresent(info: SessionInfo): SessionContext {
  const { clientName, clientType, connectedAt, deadline } = info;
  const elapsed = Date.now() - connectedAt;
  return { seq: null, clientName, clientType, elapsed, deadline, reason: null };
}
