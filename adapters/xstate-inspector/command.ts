/** Reading what a viewer sends. The package takes everything for granted; here nothing is. */
import { clientEventType, isWireMessage, type WireMessage } from '../../machines/index.js';

/** A viewer asks for the sessions, or wants an event to happen in one. */
export type ViewerCommand =
  | { readonly type: 'xstate.inspecting' }
  | {
      readonly type: 'xstate.event';
      /** Null when it names none. */
      readonly session: string | null;
      readonly name: string;
      readonly data: Readonly<Record<string, unknown>>;
    };

/** A frame that cannot be used: its viewer is closed with this. */
export interface UnusableFrame {
  /** A close code of RFC 6455. */
  readonly code: 1003 | 1007 | 1008;
  readonly problem: string;
}

/** Reads one frame of a viewer. */
export function readCommand(
  data: string,
  isBinary: boolean,
): ViewerCommand | { readonly unusable: UnusableFrame } {
  if (isBinary) return unusable(1003, 'a binary frame');
  const frame = objectFrom(data);
  if (frame === null) return unusable(1007, 'a frame that is no JSON object');
  if (frame.type === 'xstate.inspecting') return { type: 'xstate.inspecting' };
  if (frame.type !== 'xstate.event') {
    return unusable(1008, 'a type that is neither xstate.inspecting nor xstate.event');
  }
  // The event is JSON within JSON, in the form SCXML gives events; `origin` is the session it is for.
  const event = typeof frame.event === 'string' ? objectFrom(frame.event) : null;
  if (event === null || typeof event.name !== 'string') {
    return unusable(1007, 'an xstate.event whose event is no JSON object with a name');
  }
  const session = [event.origin, frame.service].find((id) => typeof id === 'string') ?? null;
  return {
    type: 'xstate.event',
    session: session as string | null,
    name: event.name,
    data: isObject(event.data) ? event.data : {},
  };
}

/** What an injected event does to a session. */
export type Injection =
  | { readonly kind: 'say'; readonly message: WireMessage }
  | { readonly kind: 'disconnect' };

/**
 * What an event means when a viewer may inject: the client says something, or the connection is closed. The server's own words
 * and Connected are not to be had: an EventAck from outside would register a client that nobody validated.
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
  // Recordings and the ladder show that it was not the client who said it.
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
