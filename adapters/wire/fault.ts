import type { FaultKind, FrameFault } from './codec.js';

/** Levels of nesting a message may have, the message itself being the first. */
export const maxDepth = 32;

const descriptions: Readonly<Record<FaultKind, (maxFrame: number) => string>> = {
  'not-json': () => 'the frame is not JSON; it must be one JSON object',
  'not-an-object': () => 'the frame is JSON but no object; it must be one JSON object',
  'no-message-name': () => 'the message has no messageName; it must be a text that is not empty',
  'not-utf8': () => 'the frame is not UTF-8',
  binary: () => 'the frame is binary; it must be a text frame',
  'too-long': (maxFrame) => `the frame is too long; at most ${maxFrame} bytes are allowed`,
  'too-deep': () => `the message is nested too deeply; at most ${maxDepth} levels are allowed`,
  'bad-frame': () => 'the WebSocket frame breaks RFC 6455',
  'too-many-frames': () => 'there are too many WebSocket control frames or fragments',
};

/**
 * The fault of a kind, with its sentence for people. Fixed texts: what the peer sent never comes back in them.
 * @param maxFrame the limit that `too-long` names, in bytes.
 */
export function frameFault(kind: FaultKind, maxFrame: number): FrameFault {
  return { kind, description: descriptions[kind](maxFrame) };
}
