/** Messages of an inspected app, parsed before anything trusts them. */

/** The states of an actor: a name, or names by region. */
export type StateValue = string | { readonly [region: string]: StateValue };

/** A transition of a machine: id of its state, type of its event (empty for `always`), and its index among those. */
export type TransitionRef = readonly [source: string, event: string, index: number];

export interface SnapshotParts {
  /** `active`, `done`, `error` or `stopped`. */
  readonly status: string;
  /** Null for actors that are not machines. */
  readonly value: StateValue | null;
}

export interface ActorMessage {
  readonly type: 'actor';
  readonly session: string;
  readonly name: string;
  readonly parent: string | null;
  /** The configuration of its machine as JSON; null without one. */
  readonly definition: string | null;
  /** Null when the sender does not tell it. */
  readonly snapshot: SnapshotParts | null;
  /** Version of the sender. */
  readonly version: string | null;
}

export interface EventMessage {
  readonly type: 'event';
  readonly session: string;
  readonly source: string | null;
  readonly event: string;
}

export interface SnapshotMessage {
  readonly type: 'snapshot';
  readonly session: string;
  readonly event: string;
  readonly snapshot: SnapshotParts;
  /** The transitions that were taken; null when the sender does not tell them. */
  readonly transitions: readonly TransitionRef[] | null;
}

/** The sender left out messages. */
export interface GapMessage {
  readonly type: 'gap';
  readonly missing: number;
}

export type AppMessage = ActorMessage | EventMessage | SnapshotMessage | GapMessage;

/** Maximum length of names and types. */
const longestName = 1_000;
/** Maximum number of nested states, and of regions of a state. */
const deepestState = 100;
const mostRegions = 1_000;
const mostTransitions = 1_000;

/** Parses one message. @returns null when it is not one. Never throws. */
export function readMessage(text: string): AppMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  if (value.type === '@ixgate.gap') {
    const { missing } = value;
    return Number.isSafeInteger(missing) && Number(missing) > 0
      ? { type: 'gap', missing: Number(missing) }
      : null;
  }
  const session = nameFrom(value.sessionId);
  if (session === null) return null;
  switch (value.type) {
    case '@xstate.actor':
      return actorFrom(session, value);
    case '@xstate.event': {
      const event = eventType(value.event);
      const source = nameFrom(value.sourceId);
      return event === null ? null : { type: 'event', session, source, event };
    }
    case '@xstate.snapshot': {
      const snapshot = snapshotFrom(value.snapshot);
      const event = eventType(value.event) ?? '';
      const transitions = transitionsFrom(value.transitions);
      return snapshot && { type: 'snapshot', session, event, snapshot, transitions };
    }
    default:
      return null;
  }
}

function actorFrom(session: string, value: Record<string, unknown>): ActorMessage {
  const { definition } = value;
  return {
    type: 'actor',
    session,
    name: nameFrom(value.name) ?? session,
    parent: nameFrom(value.parentId),
    definition: typeof definition === 'string' ? definition : null,
    snapshot: snapshotFrom(value.snapshot),
    version: nameFrom(value._version),
  };
}

function snapshotFrom(value: unknown): SnapshotParts | null {
  if (!isRecord(value)) return null;
  const status = nameFrom(value.status) ?? 'active';
  return { status, value: isStateValue(value.value, deepestState) ? value.value : null };
}

function isStateValue(value: unknown, depth: number): value is StateValue {
  if (typeof value === 'string') return value.length <= longestName;
  if (depth === 0 || !isRecord(value)) return false;
  const regions = Object.values(value);
  return regions.length <= mostRegions && regions.every((one) => isStateValue(one, depth - 1));
}

function transitionsFrom(value: unknown): readonly TransitionRef[] | null {
  if (!Array.isArray(value) || value.length > mostTransitions) return null;
  return value.every(isTransition) ? value : null;
}

function isTransition(value: unknown): value is TransitionRef {
  if (!Array.isArray(value)) return false;
  const [source, event, index] = value;
  return typeof source === 'string' && typeof event === 'string' && Number.isSafeInteger(index);
}

function eventType(event: unknown): string | null {
  return isRecord(event) ? nameFrom(event.type) : null;
}

function nameFrom(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, longestName) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
