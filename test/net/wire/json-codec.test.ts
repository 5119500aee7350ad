import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extentFault } from '../../../adapters/net/wire/extent.js';
import type { Decoded, Decoder, Framing } from '../../../adapters/net/wire/index.js';
import { defaultFrameLimits, jsonCodec } from '../../../adapters/net/wire/index.js';
import type { WireMessage } from '../../../machines/index.js';

const decoderOf = (framing: Framing, maxFrame = 65_536) =>
  jsonCodec.createDecoder({ framing, limits: () => ({ ...defaultFrameLimits, maxFrame }) });

function all(decoder: Decoder): Decoded[] {
  const decoded: Decoded[] = [];
  for (let one = decoder.next(); one !== null; one = decoder.next()) decoded.push(one);
  return decoded;
}

function read(bytes: string | Uint8Array, framing: Framing = 'stream', maxFrame?: number) {
  const decoder = decoderOf(framing, maxFrame);
  decoder.push(Buffer.from(bytes));
  return all(decoder);
}

/** A message of exactly `length` bytes as JSON. */
function messageOf(length: number): string {
  const frame = JSON.stringify({ messageName: 'Long', pad: '' });
  return frame.replace('""', `"${'x'.repeat(length - frame.length)}"`);
}

const nested = (depth: number) =>
  `{"messageName":"Deep","a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

const message = { messageName: 'RequestAgentLogin', referenceId: 1 };
const frame = JSON.stringify(message);

describe('lines on a stream', () => {
  it('gives each line as a message, in order', () => {
    const decoded = read('{"messageName":"A"}\n{"messageName":"B","referenceId":7}\n');
    expect(decoded).toEqual([
      { message: { messageName: 'A' } },
      { message: { messageName: 'B', referenceId: 7 } },
    ]);
  });

  it('accepts a carriage return before the line feed', () => {
    expect(read(`${frame}\r\n${frame}\r\n`)).toEqual([{ message }, { message }]);
  });

  it('ignores lines that are empty or blank', () => {
    expect(read(`\n\r\n \t \n${frame}\n\n \r\n${frame}\n`)).toEqual([{ message }, { message }]);
  });

  it('waits for the rest of a line and says how much it holds', () => {
    const decoder = decoderOf('stream');
    decoder.push(Buffer.from(frame.slice(0, 10)));
    expect(decoder.next()).toBeNull();
    expect(decoder.pending).toBe(10);
    decoder.push(Buffer.from(`${frame.slice(10)}\n`));
    expect(decoder.next()).toEqual({ message });
    expect(decoder.next()).toBeNull();
    expect(decoder.pending).toBe(0);
  });

  it('T17: gives the same messages however the bytes are split', () => {
    const line = fc.record({
      message: fc.record({
        messageName: fc.string({ unit: 'binary', minLength: 1 }).filter(isWellFormed),
        referenceId: fc.integer(),
        extension: fc.dictionary(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: 'grapheme' }).filter(isWellFormed),
        ),
      }),
      end: fc.constantFrom('\n', '\r\n', '\n\n', '\n \r\n'),
    });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (lines, sizes) => {
          const text = lines.map((one) => JSON.stringify(one.message) + one.end).join('');
          const bytes = Buffer.from(text);
          const decoder = decoderOf('stream');
          const decoded: Decoded[] = [];
          for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
            const size = sizes[cut % sizes.length] as number;
            decoder.push(bytes.subarray(at, at + size));
            decoded.push(...all(decoder));
            at += size;
          }
          const expected = lines.map((one) => ({
            message: JSON.parse(JSON.stringify(one.message)),
          }));
          expect(decoded).toEqual(expected);
          expect(decoder.pending).toBe(0);
        },
      ),
    );
  });

  it('gives the same when all is pushed first and read later', () => {
    const decoder = decoderOf('stream');
    for (const byte of Buffer.from(`${frame}\n`.repeat(50))) decoder.push(Uint8Array.of(byte));
    expect(all(decoder)).toEqual(Array(50).fill({ message }));
  });

  it('parses no message before it is asked for', () => {
    const decoder = decoderOf('stream');
    decoder.push(Buffer.from(`${frame}\nnot json\n${frame}\n`));
    expect(decoder.next()).toEqual({ message });
    expect(decoder.pending).toBeGreaterThan(frame.length);
    expect(decoder.next()?.fault?.kind).toBe('not-json');
  });

  it('does not mind that a chunk is written over after the line was read', () => {
    const decoder = decoderOf('stream');
    const chunk = Buffer.from(frame.slice(0, 20));
    decoder.push(chunk);
    expect(decoder.next()).toBeNull();
    chunk.fill(0);
    decoder.push(Buffer.from(`${frame.slice(20)}\n`));
    expect(decoder.next()).toEqual({ message });
  });
});

describe('frames that wait', () => {
  const named = (length: number) => ({ messageName: 'x'.repeat(length) });

  it('are read in the order in which they came, however pushes and reads alternate', () => {
    const turn = fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.constant('read' as const));
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
        const decoder = decoderOf('frame');
        const waiting: { messageName: string }[] = [];
        const bytes = () => waiting.reduce((sum, one) => sum + JSON.stringify(one).length, 0);
        for (const one of turns) {
          if (one === 'read') {
            const expected = waiting.shift();
            expect(decoder.next()).toEqual(expected ? { message: expected } : null);
          } else {
            const chunk = Buffer.from(JSON.stringify(named(one)));
            decoder.push(chunk);
            chunk.fill(0);
            waiting.push(named(one));
          }
          expect(decoder.pending).toBe(bytes());
        }
        expect(all(decoder)).toEqual(waiting.map((message) => ({ message })));
      }),
    );
  });

  it('keep their kind, the empty ones too', () => {
    for (const empty of [Buffer.alloc(0), Buffer.from(frame)]) {
      const decoder = decoderOf('frame');
      decoder.push(Buffer.from(frame), 'text');
      decoder.push(empty, 'binary');
      decoder.push(Buffer.from(frame), 'text');
      expect(decoder.next()).toEqual({ message });
      expect(decoder.next()?.fault?.kind).toBe('binary');
      expect(decoder.next()).toBeNull();
      expect(decoder.pending).toBe(0);
    }
  });
});

describe('the longest frame', () => {
  const limit = 100;
  const texts = { below: messageOf(limit - 1), at: messageOf(limit), above: messageOf(limit + 1) };

  it.each([
    ['stream', '\n'],
    ['stream', '\r\n'],
    ['frame', ''],
  ] as const)('counts no line end (%s, %j)', (framing, end) => {
    expect(read(texts.below + end, framing, limit)[0]?.message).toBeDefined();
    expect(read(texts.at + end, framing, limit)[0]?.message).toBeDefined();
    expect(read(texts.above + end, framing, limit)).toEqual([
      {
        fault: {
          kind: 'too-long',
          description: 'the frame is too long; at most 100 bytes are allowed',
        },
      },
    ]);
  });

  it.each(['\n', '\r\n'])('is the same a byte at a time (%j)', (end) => {
    for (const [text, isMessage] of [
      [texts.below, true],
      [texts.at, true],
      [texts.above, false],
    ] as const) {
      const decoder = decoderOf('stream', limit);
      const decoded: Decoded[] = [];
      for (const byte of Buffer.from(text + end)) {
        decoder.push(Uint8Array.of(byte));
        decoded.push(...all(decoder));
      }
      expect(decoded.length).toBe(1);
      expect(decoded[0]?.message !== undefined).toBe(isMessage);
    }
  });

  it('is refused as soon as it is passed, with no line end in sight', () => {
    const decoder = decoderOf('stream', limit);
    decoder.push(Buffer.alloc(limit, '{'));
    expect(decoder.next()).toBeNull();
    decoder.push(Buffer.from('{'));
    expect(decoder.next()?.fault?.kind).toBe('too-long');
    expect(decoder.pending).toBe(0);
  });

  it.each([1_000, 4_096, 65_536])(
    'T15: holds no more than the limit of a line of 64 MiB in chunks of %i',
    (size) => {
      const decoder = decoderOf('stream');
      const chunk = Buffer.alloc(size, '{');
      let most = 0;
      let faults = 0;
      for (let sent = 0; sent < 67_108_864; sent += chunk.length) {
        decoder.push(chunk);
        if (decoder.next()?.fault) faults += 1;
        most = Math.max(most, decoder.pending);
      }
      expect(faults).toBe(1);
      expect(most).toBeLessThanOrEqual(65_536);
    },
  );

  it('may be raised while the connection lives', () => {
    for (const framing of ['stream', 'frame'] as const) {
      let limits = { maxFrame: limit, maxDepth: 1, maxAttributes: 2 };
      const decoder = jsonCodec.createDecoder({ framing, limits: () => limits });
      const end = framing === 'stream' ? '\n' : '';
      decoder.push(Buffer.from(`${texts.at}${end}`));
      expect(decoder.next()?.message?.messageName).toBe('Long');
      limits = { maxFrame: limit + 1, maxDepth: 2, maxAttributes: 3 };
      decoder.push(Buffer.from(`${texts.above}${end}`));
      expect(decoder.next()?.message?.messageName).toBe('Long');
      decoder.push(Buffer.from(`{"messageName":"A","b":{"c":1}}${end}`));
      expect(decoder.next()?.message?.b).toEqual({ c: 1 });
      decoder.push(Buffer.from(`{"messageName":"A","b":{"c":[]}}${end}`));
      expect(decoder.next()?.fault?.description).toBe(
        'the message is nested too deeply; at most 2 levels are allowed',
      );
    }
  });

  it('may be raised when part of a line has come', () => {
    let limits = { ...defaultFrameLimits, maxFrame: limit };
    const decoder = jsonCodec.createDecoder({ framing: 'stream', limits: () => limits });
    decoder.push(Buffer.from(texts.at));
    expect(decoder.next()).toBeNull();
    limits = { ...defaultFrameLimits, maxFrame: 2 * limit };
    decoder.push(Buffer.from(`${' '.repeat(limit)}\n`));
    expect(decoder.next()?.message?.messageName).toBe('Long');
  });

  it('takes time in proportion to the bytes, a byte at a time', () => {
    const timed = (length: number) => {
      const decoder = decoderOf('stream', 10_000_000);
      const begun = performance.now();
      for (const byte of Buffer.from(`${messageOf(length)}\n`)) {
        decoder.push(Uint8Array.of(byte));
        if (decoder.next()) return performance.now() - begun;
      }
      throw new Error('no message');
    };
    timed(20_000);
    const small = timed(50_000);
    const large = timed(800_000);
    // Sixteen times the bytes: quadratic work would take 256 times as long.
    expect(large / small).toBeLessThan(80);
  });
});

describe('the most attributes', () => {
  const limits = { ...defaultFrameLimits, maxAttributes: 4 };
  const kindOf = (text: string) => {
    const decoder = jsonCodec.createDecoder({ framing: 'frame', limits: () => limits });
    decoder.push(Buffer.from(text));
    return decoder.next()?.fault?.kind ?? 'message';
  };
  const counted: readonly (readonly [string, string, string])[] = [
    ['at the top', ',"b":1,"c":2', ',"d":3'],
    ['in an object', ',"b":{"c":2}', ',"d":3'],
    ['in an array', ',"b":[1]', ',"d":3'],
    ['in arrays in an array', ',"b":[[]]', ',"d":3'],
    ['of one name', ',"b":1,"b":2', ',"b":3'],
    ['with white space', ' , "b" : [ \t { } ] ', ' , "d" : 3'],
  ];

  it.each(counted)('T14: is held %s, limit - 1, limit and limit + 1', (_what, three, one) => {
    const rest = (text: string) => `{"messageName":"A"${text}}`;
    expect(kindOf(rest(three))).toBe('message');
    expect(kindOf(rest(three + one))).toBe('message');
    expect(kindOf(rest(three + one + one))).toBe('too-many-attributes');
  });

  it('counts no comma, no bracket and no quote within a text, and nothing empty', () => {
    const text = JSON.stringify({ messageName: '[1,2,"\\', b: ',,,{[', c: {}, d: [] });
    expect(kindOf(text)).toBe('message');
  });

  it('is named in the sentence, with what counts', () => {
    const many = JSON.stringify({ messageName: 'A', list: Array(255).fill(0) });
    expect(read(many, 'frame')).toEqual([
      {
        fault: {
          kind: 'too-many-attributes',
          description:
            'the message has too many attributes; at most 256 are allowed, nested ones included',
        },
      },
    ]);
    expect(read(many.replace('0,', ''), 'frame')[0]?.message).toBeDefined();
  });

  it('is the number that JSON.parse makes of it, whatever the JSON', () => {
    const made = (value: unknown): number =>
      typeof value !== 'object' || value === null
        ? 0
        : Object.values(value).reduce((sum: number, one) => sum + 1 + made(one), 0);
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, 4), (text, indent) => {
        const value = JSON.parse(text);
        const spaced = Buffer.from(JSON.stringify(value, null, indent));
        const attributes = made(value);
        const fault = (maxAttributes: number) =>
          extentFault(spaced, { ...defaultFrameLimits, maxAttributes });
        expect(fault(attributes)).toBeNull();
        if (attributes > 0) expect(fault(attributes - 1)).toBe('too-many-attributes');
      }),
    );
  });
});

describe('an invalid frame', () => {
  const faults = [
    ['text that is not JSON', 'hello', 'not-json'],
    ['two objects', '{"messageName":"A"}{"messageName":"B"}', 'not-json'],
    ['a byte order mark', `\ufeff${frame}`, 'not-json'],
    ['a NUL', `${frame}\0`, 'not-json'],
    ['single quotes', "{'messageName':'A'}", 'not-json'],
    ['a bare control character in a text', '{"messageName":"A\u0001"}', 'not-json'],
    ['an array', '[{"messageName":"A"}]', 'not-an-object'],
    ['null', 'null', 'not-an-object'],
    ['a number', '42', 'not-an-object'],
    ['a text', '"RequestRegisterClient"', 'not-an-object'],
    ['no messageName', '{"name":"A"}', 'no-message-name'],
    ['an empty messageName', '{"messageName":""}', 'no-message-name'],
    ['a messageName that is a number', '{"messageName":7}', 'no-message-name'],
    ['a messageName that is inherited', '{"__proto__":{"messageName":"A"}}', 'no-message-name'],
    ['33 levels', nested(33), 'too-deep'],
    ['64 KiB of brackets', '['.repeat(65_536), 'too-deep'],
    ['64 KiB of commas', `[${','.repeat(65_000)}`, 'too-many-attributes'],
    ['257 attributes', `{"messageName":"A"${',"a":1'.repeat(256)}}`, 'too-many-attributes'],
    ['64 KiB of objects', '{"a":'.repeat(13_107), 'too-deep'],
  ] as const;

  it.each(faults)('%s is a fault, once, and nothing after it is read', (_what, text, kind) => {
    for (const framing of ['stream', 'frame'] as const) {
      const decoder = decoderOf(framing);
      decoder.push(Buffer.from(framing === 'stream' ? `${text}\n${frame}\n` : text));
      if (framing === 'frame') decoder.push(Buffer.from(frame));
      const decoded = decoder.next();
      expect(decoded?.fault?.kind).toBe(kind);
      expect(decoder.next()).toBeNull();
      decoder.push(Buffer.from(`${frame}\n`));
      expect(decoder.next()).toBeNull();
      expect(decoder.pending).toBe(0);
    }
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['past the last code point', [0xf4, 0x90, 0x80, 0x80]],
    ['a character that is cut off', [0xe2, 0x82]],
    ['Latin-1', [0xe9]],
  ])('%s is not UTF-8', (_what, wrong) => {
    const bytes = Buffer.concat([
      Buffer.from('{"messageName":"'),
      Buffer.from(wrong),
      Buffer.from('"}'),
    ]);
    const line = Buffer.concat([bytes, Buffer.from('\n')]);
    const fault = { kind: 'not-utf8', description: 'the frame is not UTF-8' };
    expect(read(bytes, 'frame')).toEqual([{ fault }]);
    expect(read(line, 'stream')).toEqual([{ fault }]);
  });

  it('a binary frame is a fault whatever it holds', () => {
    const decoder = decoderOf('frame');
    decoder.push(Buffer.from(frame), 'binary');
    const description = 'the frame is binary; it must be a text frame';
    expect(all(decoder)).toEqual([{ fault: { kind: 'binary', description } }]);
  });

  it('an empty frame is not JSON, though an empty line is nothing', () => {
    expect(read('', 'frame')[0]?.fault?.kind).toBe('not-json');
    expect(read('\n', 'stream')).toEqual([]);
  });

  it('is described in a fixed sentence that repeats none of it', () => {
    for (const [, text] of faults) {
      const marked = text.replace(/A/g, 'SECRET');
      const description = read(marked, 'frame')[0]?.fault?.description ?? '';
      expect(description).not.toContain('SECRET');
      expect(description).toMatch(/^[a-z].{10,100}[^.]$/i);
    }
  });

  it('never throws, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(`${text}\n`)),
    );
    fc.assert(
      fc.property(
        fc.array(bytes),
        fc.constantFrom<Framing>('stream', 'frame'),
        (chunks, framing) => {
          const decoder = decoderOf(framing, 200);
          let faults = 0;
          for (const chunk of chunks) {
            decoder.push(chunk);
            for (const decoded of all(decoder)) if (decoded.fault) faults += 1;
          }
          expect(faults).toBeLessThanOrEqual(1);
          if (framing === 'stream') expect(decoder.pending).toBeLessThanOrEqual(201);
        },
      ),
    );
  });
});

describe('what a message may hold', () => {
  it('32 levels, and brackets in texts do not count', () => {
    expect(read(nested(32), 'frame')[0]?.message).toBeDefined();
    const text = JSON.stringify({ messageName: 'A', text: `\\"${'['.repeat(100)}` });
    expect(read(text, 'frame')[0]?.message?.text).toBe(`\\"${'['.repeat(100)}`);
  });

  it('__proto__ as a plain attribute, which changes nothing else', () => {
    const [decoded] = read('{"messageName":"A","__proto__":{"polluted":true}}', 'frame');
    const given: Partial<WireMessage> = decoded?.message ?? {};
    expect(Object.hasOwn(given, '__proto__')).toBe(true);
    expect(given.polluted).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('the last of two attributes with one name', () => {
    const [decoded] = read('{"messageName":"A","messageName":"B"}', 'frame');
    expect(decoded?.message?.messageName).toBe('B');
  });

  it('any referenceId: whether it is an int32 is for the chart to ask', () => {
    const [decoded] = read('{"messageName":"A","referenceId":1e400}', 'frame');
    expect(decoded?.message?.referenceId).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('encoding', () => {
  it('ends a line on a stream and nothing else', () => {
    const text: WireMessage = { messageName: 'A', text: 'zwei\nZeilen \u2028 ü' };
    const line = Buffer.from(jsonCodec.encode(text, 'stream')).toString();
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(Buffer.from(jsonCodec.encode(text, 'frame')).toString()).toBe(line.slice(0, -1));
  });

  it('is read back as it was, lone surrogates included', () => {
    for (const framing of ['stream', 'frame'] as const) {
      const odd: WireMessage = { messageName: 'A', text: '\ud800 "\\ \0' };
      expect(read(jsonCodec.encode(odd, framing), framing)).toEqual([{ message: odd }]);
    }
  });

  it('omits undefined attributes', () => {
    const bytes = jsonCodec.encode({ messageName: 'A', referenceId: undefined }, 'frame');
    expect(Buffer.from(bytes).toString()).toBe('{"messageName":"A"}');
  });
});

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
