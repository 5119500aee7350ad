import type { FaultKind, FrameFault, FrameLimits } from './codec.js';

/** The limits where nobody has set others. */
export const defaultFrameLimits: FrameLimits = {
  maxFrame: 65_536,
  maxDepth: 32,
  maxAttributes: 256,
};

/** Limits of what a server answers: who asks it has chosen it, so that is as large as `maxFrame` allows. */
export function answerLimits(maxFrame: number): FrameLimits {
  return { ...defaultFrameLimits, maxFrame, maxAttributes: Number.POSITIVE_INFINITY };
}

const descriptions: Readonly<Record<FaultKind, (limits: FrameLimits) => string>> = {
  'not-json': () => 'the frame is not JSON; it must be one JSON object',
  'not-an-object': () => 'the frame is JSON but no object; it must be one JSON object',
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
 * The fault of a kind, with its sentence for people. Fixed texts: what the peer sent never comes back in them.
 * @param limits those in force, for the sentences that name one.
 */
export function frameFault(kind: FaultKind, limits: FrameLimits): FrameFault {
  return { kind, description: descriptions[kind](limits) };
}
