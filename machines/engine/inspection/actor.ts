/** One actor of an inspected app. */
import type { Definition } from './definition.js';
import type { LadderEvent, Outcome } from './ladder.js';
import type { SnapshotParts, StateValue } from './messages.js';

/** Maximum number of events that an actor has got and not taken. */
const mostPending = 100;
/** Number of last events of each actor. */
const lastEvents = 10;

/** An event of an actor without its data, which only the ladder holds. */
export interface LastEvent {
  /** In the ladder. */
  readonly number: number;
  readonly type: string;
  readonly at: number;
  readonly source: string | null;
  /** Null while the actor has not taken it. */
  outcome: Pick<Outcome, 'transitions' | 'guessed'> | null;
}

export class InspectedActor {
  /** Session id: unique in its app. */
  readonly session: string;
  name: string;
  /** Session id of the parent; null for a root, or when it is not known. */
  parent: string | null = null;
  /** Null for actors without a machine, and when the app has not sent it. */
  definition: Definition | null = null;
  status = 'active';
  /** Null for actors that are not machines, and before the first snapshot. */
  state: StateValue | null = null;
  /** The message with the live snapshot, as JSON; null before the first one, and when it is too large to be held. */
  snapshot: string | null = null;
  /** The last events that it got, the oldest first. */
  readonly last: LastEvent[] = [];
  /** The events that it has got and not taken, the oldest first. */
  readonly #pending: Pick<LastEvent, 'number' | 'type'>[] = [];

  constructor(session: string) {
    this.session = session;
    this.name = session;
  }

  get isActive(): boolean {
    return this.status === 'active';
  }

  /** Bytes that are held of it. */
  get bytes(): number {
    return 500 + (this.snapshot?.length ?? 0);
  }

  /**
   * A message that defines it, as JSON: without a snapshot where a held event tells it.
   * @param forgotten number of the newest event that its ladder does not hold; 0 if it holds all
   */
  definedText(version: string | null, forgotten: number): string {
    const start = JSON.stringify({
      type: '@xstate.actor',
      sessionId: this.session,
      name: this.name,
      parentId: this.parent ?? undefined,
      _version: version ?? undefined,
    }).slice(0, -1);
    const definition = this.definition ? `,"definition":${this.definition.quoted}` : '';
    const isTold = this.last.some(({ number, outcome }) => number > forgotten && outcome !== null);
    const snapshot = isTold ? null : this.#snapshotText();
    return `${start}${definition}${snapshot === null ? '' : `,"snapshot":${snapshot}`}}`;
  }

  /** Its live snapshot as JSON; without a context where it is too large to be held. */
  #snapshotText(): string | null {
    const whole = this.snapshot === null ? null : (JSON.parse(this.snapshot) as object);
    if (whole && 'snapshot' in whole) return JSON.stringify(whole.snapshot);
    if (this.state === null && this.isActive) return null;
    return JSON.stringify({ status: this.status, value: this.state ?? undefined });
  }

  got({ number, type, at, source }: LadderEvent): void {
    this.last.push({ number, type, at, source, outcome: null });
    if (this.last.length > lastEvents) this.last.shift();
    this.#pending.push({ number, type });
    if (this.#pending.length > mostPending) this.#pending.shift();
  }

  /**
   * The number of the oldest event of a type that it has not taken; null without one. Older events of other types had no effect that
   * was sent.
   */
  taken(type: string): number | null {
    const index = this.#pending.findIndex((one) => one.type === type);
    if (index === -1) return null;
    return this.#pending.splice(0, index + 1).at(-1)?.number ?? null;
  }

  /** The outcome of an event. */
  did(event: number, { transitions, guessed }: Outcome): void {
    const last = this.last.find(({ number }) => number === event);
    if (last) last.outcome = { transitions, guessed };
  }

  show({ status, value }: SnapshotParts, message: string, mayHold: boolean): void {
    this.status = status;
    if (value !== null) this.state = value;
    this.snapshot = mayHold ? message : null;
  }
}
