import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Coverage, coverageText, isCoverageText, parseCoverage } from '../../machines/index.js';
import { played } from './played.js';

const coverage = new Coverage();
for (const step of [...played('2c'), ...played('1', { seat: 'client' })]) coverage.add(step);
const text = coverageText(coverage);
const seat = { sessions: 0, steps: 0, foreign: 0, states: {}, transitions: {}, pairs: {} };
const withSeat = (changes: object, name = 'server') =>
  JSON.stringify({ coverage: 1, seats: { [name]: { ...seat, ...changes } } });

describe('A coverage file', () => {
  test('is read as it was written, with any white space and byte order mark', () => {
    for (const written of [text, `\uFEFF${text}`, JSON.stringify(coverage), ` \r\n${text}\n`]) {
      expect(isCoverageText(written)).toBe(true);
      expect(parseCoverage(written).coverage?.toJSON()).toEqual(coverage.toJSON());
    }
  });

  test.each([
    ['', 'is not a coverage file: invalid JSON'],
    ['{"seq":1}', 'is not a coverage file: it has no "coverage"'],
    ['[1]', 'is not a coverage file: it has no "coverage"'],
    [text.slice(0, -9), 'is cut off or was edited: invalid JSON. Write it again'],
    [
      '{"coverage":2}',
      'has coverage 2, and this ixgate reads coverage 1. Write it again with this version',
    ],
    [
      '{"coverage":"\\u001b[2J"}',
      'has coverage "\\u001b[2J", and this ixgate reads coverage 1. Write it again with this version',
    ],
    ['{"coverage":1}', 'has no seats. Write it again'],
    [
      withSeat({}, 'gate'),
      'has "gate" at seats.gate; allowed: seats named server, client, tester, observer. Write it again',
    ],
    [
      withSeat({ steps: -1 }),
      'has -1 at seats.server.steps; allowed: a whole number from 0. Write it again',
    ],
    [withSeat({ pairs: undefined }), 'has no seats.server.pairs. Write it again'],
    [
      withSeat({ states: { connecting: 1.5 } }),
      'has 1.5 at seats.server.states.connecting; allowed: a whole number from 0. Write it again',
    ],
    [
      withSeat({ transitions: { 'awaiting:Sesame': 1 } }),
      'counts "awaiting:Sesame", which this chart does not have: another version of ixgate wrote it. Write it again with this one',
    ],
    [
      withSeat({ pairs: { 'connecting:Connected > rejection:rejectionTimeout': 1 } }),
      'counts "connecting:Connected > rejection:rejectionTimeout", which this chart does not have: another version of ixgate wrote it. Write it again with this one',
    ],
  ])('that is wrong says what and what helps: %s', (wrong, problem) => {
    expect(parseCoverage(wrong)).toEqual({ coverage: null, problem });
  });

  test('with random content is read or rejected in one short line, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string(), (at, length, put) => {
        const { coverage: read, problem } = parseCoverage(
          text.slice(0, at) + put + text.slice(at + length),
        );
        expect(read === null).toBe(problem !== null);
        expect(problem ?? '').toMatch(/^[^\n]{0,400}$/);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        parseCoverage(`{"coverage":1,"seats":${json}}`);
      }),
    );
  });
});
