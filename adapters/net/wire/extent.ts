import type { FrameLimits } from './codec.js';

/**
 * Checks nesting and number of attributes before JSON.parse makes objects: one pass over the bytes, without recursion. For JSON the count is
 * exact. For other input JSON.parse reads at most what was counted, because it stops at the first error. Bytes of a multi-byte character
 * never equal an ASCII character, so the text need not be decoded.
 */
export function extentFault(
  frame: Uint8Array,
  { maxDepth, maxAttributes }: FrameLimits,
): 'too-deep' | 'too-many-attributes' | null {
  let depth = 0;
  let attributes = 0;
  /** After an opening bracket: anything but the closing bracket is a first attribute or element. */
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

/** The index of the closing quote of the string that begins at `start`; past the end when it has none. */
function endOfText(frame: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < frame.length && frame[at] !== quote) at += frame[at] === backslash ? 2 : 1;
  return at;
}
