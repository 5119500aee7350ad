/** A step record as an event of the chart, the way the package shows events. */
import { registrationEdges } from '../../machines/registration/chart/edges.js';
import {
  clientEventType,
  serverEventType,
} from '../../machines/registration/chart/message-events.js';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { StepRecord } from '../../machines/registration/session/step.js';

/** An event for viewers: the event of the chart and the message on the wire. */
export interface StepEvent {
  readonly type: string;
  readonly direction: 'in' | 'out' | null;
  readonly seq: number;
  /** Redacted. */
  readonly message: WireMessage | null;
  readonly reason: string | null;
}

/** The event of a step at the server. */
export function eventOf(step: StepRecord): StepEvent {
  const { direction, seq, payload, reason } = step;
  return { type: typeOf(step), direction, seq, message: payload, reason };
}

/** The event of a message depends on its sender: EventAck from a client is OtherMessage. */
function typeOf({ kind, direction, name }: StepRecord): string {
  if (kind === 'lifecycle') return name;
  if (kind === 'timer') return timerEvents.get(name) ?? name;
  return direction === 'in' ? clientEventType(name) : serverEventType(name);
}

/** xstate 4 names an elapsed delay after its state. */
const timerEvents: ReadonlyMap<string, string> = new Map(
  registrationEdges
    .filter(({ timer }) => timer)
    .map(({ event, source }) => [event, `xstate.after(${event})#${source}`]),
);
