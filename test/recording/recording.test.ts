import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  figures,
  gapMark,
  gapSentence,
  parseRecording,
  playFigureOnChart,
  recordingText,
  type StepRecord,
  sessionsOf,
  sessionText,
} from '../../machines/index.js';

/** Steps that really happened: figure 2c, played on the chart. */
const steps: readonly StepRecord[] = playFigureOnChart(figures[3] ?? never()).steps;
const [first = never()] = steps;
const line = JSON.stringify(first);

function never(): never {
  throw new Error('there is none');
}

/** The first step with fields changed; undefined takes one out. */
const changed = (changes: Record<string, unknown>) => JSON.stringify({ ...first, ...changes });

describe('a recording', () => {
  test('is read as it was written', () => {
    expect(steps.length).toBeGreaterThan(4);
    expect(parseRecording(recordingText(steps))).toEqual({
      steps,
      problems: [],
      gaps: [],
      torn: false,
    });
  });

  test('may have a byte order mark, CRLF, empty lines, and no line end at its end', () => {
    const text = `\uFEFF${recordingText(steps).replaceAll('\n', '\r\n\r\n')}`;
    expect(parseRecording(text.trimEnd())).toEqual({ steps, problems: [], gaps: [], torn: false });
  });

  test('has the epoch of a name, and the node of its header', () => {
    const header = '{"recording":1,"node":"gate-1","later":true}';
    const granted = changed({ epoch: 1_780_000_000_000_001 });
    expect(parseRecording(`${header}\n${granted}\n`)).toEqual({
      node: 'gate-1',
      steps: [{ ...first, epoch: 1_780_000_000_000_001 }],
      problems: [],
      gaps: [],
      torn: false,
    });
    expect(parseRecording('{"recording":1}\n').problems).toEqual([]);
    expect(parseRecording(header.slice(0, 20))).toMatchObject({ torn: true, problems: [] });
    const wrong = `${changed({ epoch: 0 })}\n{"recording":2}\n{"recording":1,"node":""}\n${line}\n`;
    expect(parseRecording(wrong).problems).toEqual([
      { line: 1, reason: 'epoch is 0; allowed: a whole number from 1' },
      { line: 2, reason: 'recording is 2; allowed: 1' },
      { line: 3, reason: 'node is ""; allowed: text that is not empty' },
    ]);
  });

  test('that is empty has nothing in it and nothing wrong with it', () => {
    for (const text of ['', '\n', '\uFEFF', ' \r\n\r\n']) {
      expect(parseRecording(text)).toEqual({ steps: [], problems: [], gaps: [], torn: false });
    }
  });

  test('keeps only what a step record has; a message keeps all of its attributes', () => {
    const payload = { messageName: 'X', extra: { deep: [1, null] } };
    const text = changed({ payload, colour: 'red' });
    expect(parseRecording(text).steps).toEqual([{ ...first, payload }]);
  });

  test('that was cut off anywhere is marked as torn and keeps its complete lines', () => {
    const text = recordingText(steps.slice(0, 2));
    const whole = text.indexOf('\n') + 1;
    for (let length = whole + 1; length < text.length - 1; length += 1) {
      expect(parseRecording(text.slice(0, length)), `${length}`).toEqual({
        steps: [first],
        problems: [],
        gaps: [],
        torn: true,
      });
    }
    expect(parseRecording(line.slice(0, 20))).toEqual({
      steps: [],
      problems: [],
      gaps: [],
      torn: true,
    });
  });

  test('is torn too where zeros stand at its end, as after a power failure', () => {
    for (const end of ['', line.slice(0, 40), line]) {
      expect(parseRecording(`${line}\n${end}${'\0'.repeat(512)}`)).toEqual({
        steps: [first],
        problems: [],
        gaps: [],
        torn: true,
      });
    }
  });

  test('is torn at its end only: in the middle such a line is a problem', () => {
    const text = `${line.slice(0, 40)}\n${line}\n`;
    expect(parseRecording(text)).toEqual({
      steps: [first],
      problems: [{ line: 1, reason: 'not JSON' }],
      gaps: [],
      torn: false,
    });
    expect(parseRecording(`${line}\n${line.slice(0, 40)}\n`)).toMatchObject({
      problems: [{ line: 2, reason: 'not JSON' }],
      torn: false,
    });
  });
});

describe('a gap mark', () => {
  const [, second = never()] = steps;
  const mark = gapMark({ steps: 3, at: 1_753_440_000_000 });

  test('is neither a step nor a problem: it has its line, the number of missing steps and their time', () => {
    expect(mark).toBe('{"gap":3,"at":1753440000000}');
    expect(parseRecording(`${line}\n${mark}\n${JSON.stringify(second)}\n`)).toEqual({
      steps: [first, second],
      problems: [],
      gaps: [{ line: 2, steps: 3, at: 1_753_440_000_000 }],
      torn: false,
    });
  });

  test('may be all there is', () => {
    expect(parseRecording(`${mark}\n`)).toMatchObject({ steps: [], problems: [], gaps: [{}] });
  });

  test('that was cut off is a torn line, alone and after steps', () => {
    for (let length = 1; length < mark.length - 1; length += 1) {
      const cut = mark.slice(0, length);
      const torn = { problems: [], gaps: [], torn: true };
      expect(parseRecording(cut), cut).toEqual({ steps: [], ...torn });
      expect(parseRecording(`${line}\n${cut}`), cut).toEqual({ steps: [first], ...torn });
    }
  });

  test('of one session has what the missing steps made of it', () => {
    const { session } = first;
    const whole = sessionsOf(steps).get(session) ?? never();
    const gap = { from: 1, to: 3, transitions: { 'connecting:Connected': 1 } };
    const held = whole.steps.filter(({ seq }) => seq > gap.to);
    const text = sessionText({ summary: whole.summary, steps: held, gaps: [gap] });
    const read = parseRecording(text);
    expect(read).toMatchObject({ steps: held, problems: [], gaps: [{ line: 1, steps: 3 }] });
    const [known = never()] = read.gaps;
    expect(known).toMatchObject({ session, from: 1, transitions: gap.transitions });
    expect(sessionsOf(held, read.gaps).get(session)?.summary).toEqual(whole.summary);
    expect(sessionsOf(held).get(session)?.summary).not.toEqual(whole.summary);
    expect(gapSentence(read.gaps)).toBe(
      '3 steps are missing: the recording was saved by a page that did not have them',
    );
    const wrong = parseRecording(text.replace('"connecting:Connected":1', '"x":-1'));
    expect(wrong.problems[0]?.reason).toContain('transitions is an object; allowed: ');
  });

  test('is put into words', () => {
    const gaps = (...counts: number[]) =>
      counts.map((count, index) => ({ line: index + 1, steps: count, at: 0 }));
    expect(gapSentence(gaps())).toBe(null);
    expect(gapSentence(gaps(1))).toBe(
      'One step is missing: the writer of the recording could not write it',
    );
    expect(gapSentence(gaps(3, 9))).toBe(
      '12 steps are missing in 2 places: the writer of the recording could not write them',
    );
  });
});

describe('an invalid line is reported with its number and the reason', () => {
  const wrongLines: readonly [wrong: string, reason: string][] = [
    ['nonsense', 'not JSON'],
    ['[1]', 'JSON, but no object'],
    ['null', 'JSON, but no object'],
    ['42', 'JSON, but no object'],
    ['{}', 'no seq'],
    [changed({ seq: 0 }), 'seq is 0; allowed: a whole number from 1'],
    [changed({ seq: 1.5 }), 'seq is 1.5; allowed: a whole number from 1'],
    [changed({ seq: null }), 'seq is null; allowed: a whole number from 1'],
    [changed({ session: '' }), 'session is ""; allowed: text that is not empty'],
    [changed({ session: undefined }), 'no session'],
    [changed({ seat: 'gate' }), 'seat is "gate"; allowed: server, client, observer, tester'],
    [changed({ at: '12:00' }), 'at is "12:00"; allowed: milliseconds since 1970'],
    [changed({ elapsed: -1 }), 'elapsed is -1; allowed: milliseconds, 0 or more'],
    [changed({ kind: 'note' }), 'kind is "note"; allowed: message, timer, lifecycle'],
    [changed({ direction: 'up' }), 'direction is "up"; allowed: in, out'],
    [changed({ direction: undefined }), 'no direction'],
    [changed({ name: {} }), 'name is an object; allowed: text that is not empty'],
    [changed({ referenceId: '1' }), 'referenceId is "1"; allowed: a whole number or null'],
    [
      changed({ from: 'toString' }),
      'from is "toString"; allowed: connecting, awaiting/registration, validating/registration, refusing/registration, awaiting/rejection, validating/rejection, refusing/rejection, registered, disconnected',
    ],
    [changed({ to: undefined }), 'no to'],
    [changed({ transition: 'x' }), 'transition is "x"; allowed: a list of texts'],
    [changed({ transition: [1] }), 'transition is a list; allowed: a list of texts'],
    [changed({ deadline: -1 }), 'deadline is -1; allowed: milliseconds, 0 or more, or null'],
    [
      changed({ reason: 'gone' }),
      'reason is "gone"; allowed: registration-timeout, rejection-timeout, peer-closed, server-closed, client-closed, protocol-error, transport-error, handshake-failed, connect-failed, reply-timeout, slow-reader, too-many-errors, replaced, revoked, kicked, directory-lost, drained',
    ],
    [
      changed({ payload: { secret: 'x' } }),
      'payload is an object; allowed: an object with a messageName, or null',
    ],
    [changed({ payload: undefined }), 'no payload'],
    [line, `a second record 1 of ${first.session}`],
    ['{"gap":0,"at":1}', 'gap is 0; allowed: a whole number from 1'],
    ['{"gap":1.5,"at":1}', 'gap is 1.5; allowed: a whole number from 1'],
    ['{"gap":1}', 'no at'],
  ];

  test.each(wrongLines.map(([wrong, reason]) => ({ wrong, reason })))('$reason', (one) => {
    const { wrong, reason } = one;
    expect(parseRecording(`${line}\n${wrong}\n`)).toEqual({
      steps: [first],
      problems: [{ line: 2, reason }],
      gaps: [],
      torn: false,
    });
  });

  test('and each of them, while the others are kept', () => {
    const [, second] = steps;
    const text = `x\n${line}\n{}\n\n${JSON.stringify(second)}\n7\n`;
    expect(parseRecording(text)).toEqual({
      steps: [first, second],
      problems: [
        { line: 1, reason: 'not JSON' },
        { line: 3, reason: 'no seq' },
        { line: 6, reason: 'JSON, but no object' },
      ],
      gaps: [],
      torn: false,
    });
  });

  test('but a file in another format gives one reason', () => {
    const reasonOf = (text: string) => parseRecording(text).problems;
    expect(reasonOf('<html>\n<body>\n')).toEqual([
      { line: 1, reason: 'not JSON: not an ixgate recording' },
    ]);
    expect(reasonOf('\n{"name":"x"}\n{}\n')).toEqual([
      { line: 2, reason: 'no seq: not an ixgate recording' },
    ]);
    expect(reasonOf('hello')).toEqual([{ line: 1, reason: 'not JSON: not an ixgate recording' }]);
  });
});

describe('whatever the bytes', () => {
  const lines = fc.oneof(
    fc.constantFrom(
      ...steps.map((step) => JSON.stringify(step)),
      '{"gap":2,"at":0}',
      '',
      ' ',
      '{}',
      '[]',
      'null',
    ),
    fc.json(),
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
    fc.integer({ min: 0, max: line.length }).map((length) => line.slice(0, length)),
  );

  test('nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        parseRecording(Buffer.from(bytes).toString('utf8'));
        parseRecording(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });

  test('every line is a step, a problem, empty or torn', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), (text) => {
        const read = parseRecording([line.replace('"seq":1', '"seq":99'), ...text].join('\n'));
        const empty = text.filter((one) => one.trim() === '').length;
        const told = read.steps.length + read.problems.length + read.gaps.length;
        expect(told + (read.torn ? 1 : 0) + empty).toBe(text.length + 1);
        expect(new Set(read.problems.map((problem) => problem.line)).size).toBe(
          read.problems.length,
        );
      }),
    );
  });

  test('what is read and written again is read the same', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), (text) => {
        const read = parseRecording(text.join('\n'));
        expect(parseRecording(recordingText(read.steps)).steps).toEqual(read.steps);
      }),
    );
  });
});

describe('the sessions of a recording', () => {
  const played = figures.flatMap((figure) =>
    playFigureOnChart(figure).steps.map((step) => ({ ...step, session: `figure ${figure.id}` })),
  );

  test('are separated and summarized in the order in which they begin', () => {
    const sessions = sessionsOf(played);
    expect([...sessions].map(([name, { summary }]) => [name, summary.verdict])).toEqual([
      ['figure 1', 'registered'],
      ['figure 2a', 'refused'],
      ['figure 2b', 'spoke-first'],
      ['figure 2c', 'refused-then-spoke'],
    ]);
    for (const [name, session] of sessions) {
      expect(session.steps).toEqual(played.filter((step) => step.session === name));
      expect(session.summary.steps).toBe(session.steps.length);
    }
  });

  test('are in order of seq however the lines lie', () => {
    const straight = [...sessionsOf(played).entries()];
    const shuffled = sessionsOf([...played].reverse());
    expect([...shuffled.entries()].reverse()).toEqual(straight);
  });
});
