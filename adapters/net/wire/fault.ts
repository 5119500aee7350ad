import type { FaultKind, FrameFault, FrameLimits } from './codec.js';

/** The default limits of a frame. */
export const defaultFrameLimits: FrameLimits = {
  maxFrame: 65_536,
  maxDepth: 32,
  maxAttributes: 256,
};

/** The limits for messages of a server. A client chose its server, so only length and nesting are limited. */
export function answerLimits(maxFrame: number): FrameLimits {
  return { ...defaultFrameLimits, maxFrame, maxAttributes: Number.POSITIVE_INFINITY };
}

const descriptions: Readonly<Record<FaultKind, (limits: FrameLimits) => string>> = {
  'not-json': () => 'the frame is not JSON; it must be one JSON object',
  'not-an-object': () => 'the frame is JSON but not an object; it must be one JSON object',
  'no-message-name': () => 'the message has no messageName; it must be a text that is not empty',
  'not-utf8': () => 'the frame is not UTF-8',
  binary: () => 'the frame is binary; it must be a text frame',
  'too-long': ({ maxFrame }) => `the frame is too long; at most ${maxFrame} bytes are allowed`,
  'too-deep': ({ maxDepth }) =>
    `the message is nested too deeply; at most ${maxDepth} levels are allowed`,
  'too-many-attributes': ({ maxAttributes }) =>
    `the message has too many attributes; at most ${maxAttributes} are allowed, nested ones included`,
  'bad-frame': () => 'the WebSocket frame breaks RFC 6455',
  'too-many-frames': () => 'there are too many WebSocket control frames or fragments',
};

/**
 * A fault with its sentence for people. The sentences are fixed and never contain input of the peer.
 * @param limits the limits in force, for sentences that state one
 */
export function frameFault(kind: FaultKind, limits: FrameLimits): FrameFault {
  return { kind, description: descriptions[kind](limits) };
}
