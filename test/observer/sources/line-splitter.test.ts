import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter, longestLine } from '../../../adapters/observer/sources/line-splitter.js';

/** What is read of bytes that come in pieces. */
function read(pieces: readonly Uint8Array[]) {
  const lines: [string, boolean][] = [];
  let skipped = 0;
  const splitter = new LineSplitter({
    take: (line, isLatin1) => lines.push([line, isLatin1]),
    skip: () => {
      skipped += 1;
    },
  });
  for (const piece of pieces) splitter.push(Buffer.from(piece));
  const isTorn = splitter.end();
  return { lines, skipped, isTorn };
}

/** The same, line by line, in one piece. */
function simply(bytes: Buffer): [string, boolean][] {
  const lines: Buffer[] = [];
  let rest = bytes;
  for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
    lines.push(rest.subarray(0, end));
    rest = rest.subarray(end + 1);
  }
  if (rest.length > 0) lines.push(rest);
  return lines.map((line, index) => {
    const isLatin1 = !isUtf8(line);
    const text = line.toString(isLatin1 ? 'latin1' : 'utf8').replace(/\r$/, '');
    return [index === 0 ? text.replace(/^(\uFEFF|ï»¿)/, '') : text, isLatin1];
  });
}

const someBytes = fc.array(
  fc.oneof(
    fc
      .constantFrom('\n', '\r\n', '\r', 'Trc 26015', 'büro', '事務所', '\uFEFF', '\0')
      .map(Buffer.from),
    fc.constantFrom([0xfc], [0xe4, 0xba], [0xff, 0xfe]).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 6 }).map(Buffer.from),
  ),
  { maxLength: 40 },
);

describe('Bytes cut into lines', () => {
  test('are the same lines however they come', () => {
    fc.assert(
      fc.property(someBytes, fc.array(fc.nat(60)), (parts, cuts) => {
        const bytes = Buffer.concat(parts);
        // A file that begins like UTF-16 is read as such before it is cut.
        const places = [...new Set([0, ...cuts, bytes.length])].sort((one, other) => one - other);
        const pieces = places.map((place, index) => bytes.subarray(place, places[index + 1]));
        expect(read(pieces).lines).toEqual(simply(bytes));
      }),
      { numRuns: 500 },
    );
  });

  test('that are not UTF-8 are Latin-1, for their line only', () => {
    const bytes = Buffer.concat([Buffer.from('ü\n'), Buffer.from([0xfc, 10]), Buffer.from('ü\n')]);
    expect(read([bytes]).lines).toEqual([
      ['ü', false],
      ['ü', true],
      ['ü', false],
    ]);
  });

  test('say whether the last line has an end', () => {
    expect(read([Buffer.from('a\nb\n')])).toMatchObject({ isTorn: false });
    expect(read([Buffer.from('a\nb')])).toEqual({
      lines: [
        ['a', false],
        ['b', false],
      ],
      skipped: 0,
      isTorn: true,
    });
  });

  test('of a line that is too long are passed over, and what follows is not', () => {
    const piece = Buffer.alloc(300_000, 'x');
    const longest = Buffer.concat([Buffer.alloc(longestLine, 'x'), Buffer.from('\nnext\n')]);
    expect(read([longest]).lines).toHaveLength(2);
    const long = read([Buffer.from('a\n'), piece, piece, piece, piece, Buffer.from('x\nnext\n')]);
    expect(long).toEqual({
      lines: [
        ['a', false],
        ['next', false],
      ],
      skipped: 1,
      isTorn: false,
    });
    const whole = Buffer.concat([Buffer.alloc(longestLine + 1, 'x'), Buffer.from('\nnext\n')]);
    expect(read([whole])).toMatchObject({ lines: [['next', false]], skipped: 1 });
  });
});
