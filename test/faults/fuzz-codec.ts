/** Properties of the codec for any frames in any chunks. Throws when one fails. */
import assert from 'node:assert';
import fc from 'fast-check';
import {
  type Decoded,
  type FaultKind,
  type FrameLimits,
  type Framing,
  jsonCodec,
} from '../../adapters/net/wire/index.js';
import { isWireMessage, redactMessage, type WireMessage } from '../../machines/index.js';
import { anyFrame, mutatedFrame } from './fuzz-frames.js';

export const limits: FrameLimits = { maxFrame: 1_000, maxDepth: 32, maxAttributes: 256 };

/** The number of frames per outcome: `message`, or the kind of fault. */
export type Tally = Map<string, number>;

/** Decodes a number of batches of frames, and counts the outcomes. */
export function fuzzCodec(batches: number): Tally {
  const tally: Tally = new Map();
  const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
  const frames = fc.array(fc.oneof({ weight: 3, arbitrary: mutatedFrame }, anyFrame), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  });
  const property = fc.property(frames, cuts, (batch, sizes) => checkBatch(batch, sizes, tally));
  fc.assert(property, { numRuns: batches });
  return tally;
}

function checkBatch(frames: readonly Buffer[], sizes: readonly number[], tally: Tally): void {
  for (const frame of frames) {
    const one = alone(frame);
    checkOne(frame, one);
    const outcome = one.fault?.kind ?? 'message';
    tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
  }
  // Each frame with a few that follow it: a stream ends with its first fault, so a single stream would not get far.
  for (let at = 0; at < frames.length; at += 4) {
    const bytes = Buffer.concat(frames.slice(at, at + 4).flatMap((frame) => [frame, lineFeed]));
    const expected = inLines(bytes);
    assert.deepStrictEqual(decode([bytes], 'stream'), expected);
    assert.deepStrictEqual(decode(cut(bytes, sizes), 'stream'), expected);
  }
}

const lineFeed = Buffer.from('\n');

/** All outcomes of some chunks; the buffered data must stay bounded. */
function decode(chunks: readonly Uint8Array[], framing: Framing): Decoded[] {
  const decoder = jsonCodec.createDecoder({ framing, limits: () => limits });
  const decoded: Decoded[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    assert(decoder.pending <= limits.maxFrame + 1 + chunk.length);
    for (let one = decoder.next(); one !== null; one = decoder.next()) decoded.push(one);
    assert(decoder.pending <= limits.maxFrame + 1);
  }
  return decoded;
}

function alone(frame: Uint8Array): Decoded {
  const [one, ...others] = decode([frame], 'frame');
  assert(one && others.length === 0);
  return one;
}

/** The expected outcome of a stream by the rules: split at line feeds, strip a carriage return, drop blank lines. */
function inLines(bytes: Buffer): Decoded[] {
  const decoded: Decoded[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf(lineFeed);
    const line = rest.subarray(0, rest[end - 1] === 0x0d ? end - 1 : end);
    rest = rest.subarray(end + 1);
    if (line.length <= limits.maxFrame && /^[ \t\r]*$/.test(line.toString('latin1'))) continue;
    const one = alone(line);
    decoded.push(one);
    if (one.fault) break;
  }
  return decoded;
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[chunks.length % sizes.length] as number;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** The result of JSON.parse for a frame; undefined if it is invalid JSON or UTF-8. */
function parsed(frame: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(frame));
  } catch {
    return undefined;
  }
}

/** Levels, attributes and elements as written: of duplicate attributes JSON.parse would keep only the last. */
function extentOf(frame: Buffer): { depth: number; attributes: number } {
  const bare = frame
    .toString()
    .replace(/"(?:[^"\\]|\\.)*"/g, '0')
    .replace(/\s/g, '');
  let level = 0;
  let depth = 0;
  for (const [bracket] of bare.matchAll(/[[\]{}]/g)) {
    level += bracket === '{' || bracket === '[' ? 1 : -1;
    depth = Math.max(depth, level);
  }
  return { depth, attributes: bare.match(/,|[[{](?![\]}])/g)?.length ?? 0 };
}

function checkOne(frame: Buffer, { message, fault }: Decoded): void {
  const value = parsed(frame);
  // Nested lists may be megabytes; a frame that is too long is not checked further.
  const { depth, attributes } = extentOf(frame.subarray(0, limits.maxFrame));
  if (message) {
    assert.deepStrictEqual(message, value);
    assert(frame.length <= limits.maxFrame);
    assert(depth <= limits.maxDepth && attributes <= limits.maxAttributes);
    checkMessage(message);
    return;
  }
  const isJson = value !== undefined;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const right: Partial<Record<FaultKind, boolean>> = {
    'too-long': frame.length > limits.maxFrame,
    'not-utf8': !isJson,
    'not-json': !isJson,
    'too-deep': !isJson || depth > limits.maxDepth,
    'too-many-attributes': !isJson || attributes > limits.maxAttributes,
    'not-an-object': isJson && !isObject,
    'no-message-name': isObject && !isWireMessage(value),
  };
  assert(right[fault.kind], `${fault.kind} is wrong`);
}

/** A message is passed on in two ways: it is displayed and it is sent again. */
function checkMessage(message: WireMessage): void {
  assert.strictEqual(Object.getPrototypeOf(message), Object.prototype);
  const shown = redactMessage(message);
  assert.strictEqual(Object.getPrototypeOf(shown), Object.prototype);
  assert.deepStrictEqual(Object.keys(shown), Object.keys(message));
  const again = decode([jsonCodec.encode(message, 'stream')], 'stream');
  // Infinity is written as null, which may make it longer, or invalid as a message.
  if (again[0]?.message) {
    assert.deepStrictEqual(again, [{ message: JSON.parse(JSON.stringify(message)) }]);
  } else assert.strictEqual(again[0]?.fault?.kind, 'too-long');
}
