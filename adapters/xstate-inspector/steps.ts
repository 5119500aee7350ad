/** A step record as an event of the chart, the way the package shows events. */
import {
  clientEventType,
  registrationEdges,
  type StepRecord,
  serverEventType,
  type WireMessage,
} from '../../machines/index.js';

/** An event as viewers see it: the chart's event, and what went over the wire. */
export interface StepEvent {
  readonly type: string;
  readonly direction: 'in' | 'out' | null;
  readonly seq: number;
  /** Redacted. */
  readonly message: WireMessage | null;
  readonly reason: string | null;
}

/** The event of a step in the server's seat. */
export function eventOf(step: StepRecord): StepEvent {
  const { direction, seq, payload, reason } = step;
  return { type: typeOf(step), direction, seq, message: payload, reason };
}

/** A message's event depends on who says it: a client that says EventAck says "anything else". */
function typeOf({ kind, direction, name }: StepRecord): string {
  if (kind === 'lifecycle') return name;
  if (kind === 'timer') return timerEvents.get(name) ?? name;
  return direction === 'in' ? clientEventType(name) : serverEventType(name);
}

/** xstate 4 calls a delay that ran out after the state that waited for it. */
const timerEvents: ReadonlyMap<string, string> = new Map(
  registrationEdges
    .filter(({ timer }) => timer)
    .map(({ event, source }) => [event, `xstate.after(${event})#${source}`]),
);
