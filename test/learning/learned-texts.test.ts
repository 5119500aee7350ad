/** What the page makes of a file of a learned machine: the machine, or the problem; and a session as a case to play. */
import { describe, expect, it } from 'vitest';
import { learnedText } from '../../adapters/tester/learning/learned-files.js';
import type { LearnedFile } from '../../machines/engine/learning/learned-file.js';
import { isLearnedText, parseLearned } from '../../machines/engine/learning/parse-learned.js';
import { witnessSuite } from '../../machines/registration/learning/witness-suite.js';
import { expectedRegistration } from '../../machines/registration/sut/expected.js';
import { readSuite } from '../../machines/registration/sut/suites.js';

const machine = expectedRegistration();
const learned: LearnedFile = {
  kind: 'ixgate-learned',
  version: 1,
  target: 'tcp://127.0.0.1:7004',
  protocol: 'registration',
  machine,
  expected: machine,
  tolerance: 50,
  horizon: 10_000,
  guarantee: null,
  unknown: [],
  differences: [],
  connections: 1,
  elapsed: 1,
};

describe('the text of a learned machine', () => {
  it('is recognized by its beginning, and read', () => {
    const text = `\uFEFF${learnedText(learned)}`;
    expect(isLearnedText(text)).toBe(true);
    expect(parseLearned(text)).toEqual({ file: learned, problem: null });
    expect(isLearnedText('{"coverage":1}')).toBe(false);
    expect(isLearnedText('{"kind":"message"}')).toBe(false);
  });

  it.each([
    ['a cut text', learnedText(learned).slice(0, -20), 'invalid JSON'],
    ['another version', learnedText({ ...learned, version: 2 as 1 }), 'version 2'],
    [
      'a value of another type',
      learnedText({ ...learned, tolerance: 'low' as never }),
      'tolerance is "low"; allowed: milliseconds, 0 or more',
    ],
    [
      'a state that does not exist',
      learnedText({ ...learned, machine: { ...machine, initial: 'gone' } }),
      'machine.initial: no state has the name "gone"',
    ],
  ])('with %s has a problem that tells where', (_, text, problem) => {
    expect(parseLearned(text).file).toBeNull();
    expect(parseLearned(text).problem).toContain(problem);
  });
});

describe('a session as a suite', () => {
  const casesOf = async (text: string | null) => {
    const { cases } = await readSuite((text ?? '').split('\n'));
    const read: string[][][] = [];
    for await (const { steps } of cases) {
      read.push(steps.map(({ input, output }) => [input, output]));
    }
    return read;
  };

  it('has its inputs with what the chart answers', async () => {
    expect(
      await casesOf(witnessSuite(learned, [{ witness: ['other', 'silence'], kind: 'length' }])),
    ).toEqual([
      [
        ['other', 'EventError'],
        ['silence', 'closed'],
      ],
    ]);
  });

  it('waits before and after an input that sets a clock, because only then the clock shows', async () => {
    for (const end of [[], ['silence']]) {
      expect(
        await casesOf(
          witnessSuite(learned, [{ witness: ['other', 'other', ...end], kind: 'clock' }]),
        ),
      ).toEqual([
        [
          ['other', 'EventError'],
          ['wait', ''],
          ['other', 'EventError'],
          ['silence', 'closed'],
        ],
      ]);
    }
  });

  it('is not available for inputs that suites do not have', () => {
    expect(witnessSuite(learned, [{ witness: ['CONNECT'], kind: null }])).toBeNull();
    expect(
      witnessSuite({ ...learned, protocol: 'mqtt-connect' }, [{ witness: ['other'], kind: null }]),
    ).toBeNull();
  });
});
