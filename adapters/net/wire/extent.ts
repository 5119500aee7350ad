import type { FrameLimits } from './codec.js';

/**
 * Whether a frame is nested too deeply or has too many attributes, found before JSON.parse makes objects of it: one pass over
 * the bytes, without recursion. Of JSON the count is exact; of anything else JSON.parse reads no more than what was counted,
 * for it stops at the first error. Bytes of a multi-byte character never equal an ASCII one, so the text need not be decoded.
 */
export function extentFault(
  frame: Uint8Array,
  { maxDepth, maxAttributes }: FrameLimits,
): 'too-deep' | 'too-many-attributes' | null {
  let depth = 0;
  let attributes = 0;
  /** Right after an opening bracket: whatever comes but the closing one is a first attribute, or a first element. */
  let opened = false;
  for (let at = 0; at < frame.length; at += 1) {
    const byte = frame[at] as number;
    if (byte <= space) continue;
    if (byte === closingBrace || byte === closingBracket) {
      depth -= 1;
      opened = false;
      continue;
    }
    if (opened || byte === comma) {
      opened = false;
      attributes += 1;
      if (attributes > maxAttributes) return 'too-many-attributes';
    }
    if (byte === quote) at = endOfText(frame, at);
    else if (byte === openingBrace || byte === openingBracket) {
      depth += 1;
      if (depth > maxDepth) return 'too-deep';
      opened = true;
    }
  }
  return null;
}

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const openingBracket = 0x5b;
const backslash = 0x5c;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/** Where the text that begins at `start` has its closing quote; past the end when it has none. */
function endOfText(frame: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < frame.length && frame[at] !== quote) at += frame[at] === backslash ? 2 : 1;
  return at;
}
