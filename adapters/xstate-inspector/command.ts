/** Parses messages of viewers. The genuine package does not check them. */
import { clientEventType } from '../../machines/registration/chart/message-events.js';
import { isWireMessage, type WireMessage } from '../../machines/registration/chart/messages.js';

/** A viewer requests the sessions, or injects an event into one. */
export type ViewerCommand =
  | { readonly type: 'xstate.inspecting' }
  | {
      readonly type: 'xstate.event';
      /** Null without a session. */
      readonly session: string | null;
      readonly name: string;
      readonly data: Readonly<Record<string, unknown>>;
    };

/** An invalid frame; its viewer is closed with this code and problem. */
export interface UnusableFrame {
  /** A close code of RFC 6455. */
  readonly code: 1003 | 1007 | 1008;
  readonly problem: string;
}

/** Parses one frame of a viewer. */
export function readCommand(
  data: string,
  isBinary: boolean,
): ViewerCommand | { readonly unusable: UnusableFrame } {
  if (isBinary) return unusable(1003, 'a binary frame');
  const frame = objectFrom(data);
  if (frame === null) return unusable(1007, 'a frame that is not a JSON object');
  if (frame.type === 'xstate.inspecting') return { type: 'xstate.inspecting' };
  if (frame.type !== 'xstate.event') {
    return unusable(1008, 'a type that is neither xstate.inspecting nor xstate.event');
  }
  // The event is JSON within JSON, in the form SCXML gives events; `origin` is the session it is for.
  const event = typeof frame.event === 'string' ? objectFrom(frame.event) : null;
  if (event === null || typeof event.name !== 'string') {
    return unusable(1007, 'an xstate.event whose event is not a JSON object with a name');
  }
  const session = [event.origin, frame.service].find((id) => typeof id === 'string') ?? null;
  return {
    type: 'xstate.event',
    session: session as string | null,
    name: event.name,
    data: isObject(event.data) ? event.data : {},
  };
}

/** The effect of an injected event on a session. */
export type Injection =
  | { readonly kind: 'say'; readonly message: WireMessage }
  | { readonly kind: 'disconnect' };

/**
 * The injection of an event: a message of the client, or a disconnect. Messages of the server and Connected are refused: an injected
 * EventAck would register a client without validation.
 * @returns null when it may not be injected.
 */
export function injectionOf(
  name: string,
  data: Readonly<Record<string, unknown>>,
  viewer: string,
): Injection | null {
  if (name === 'Disconnected') return { kind: 'disconnect' };
  if (name !== 'RequestRegisterClient' && name !== 'OtherMessage') return null;
  const given = isWireMessage(data.message) ? data.message : { messageName: name };
  if (clientEventType(given.messageName) !== name) return null;
  // Recordings and the ladder show that the message was injected.
  return { kind: 'say', message: { ...given, injectedBy: viewer } };
}

function unusable(code: UnusableFrame['code'], problem: string) {
  return { unusable: { code, problem } };
}

function objectFrom(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
