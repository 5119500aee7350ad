import { readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filterFrom } from '../../../adapters/cli/analyze/filters.js';
import { findingLine } from '../../../adapters/cli/analyze/finding-line.js';
import { listFindings } from '../../../adapters/cli/analyze/list-findings.js';
import { listSessions } from '../../../adapters/cli/analyze/list-sessions.js';
import { damageLines, footerLines } from '../../../adapters/cli/analyze/read-text.js';
import { recordSessions } from '../../../adapters/cli/analyze/record-sessions.js';
import { showSummary } from '../../../adapters/cli/analyze/show-summary.js';
import { wantedSessions } from '../../../adapters/cli/analyze/wanted-sessions.js';
import { Output } from '../../../adapters/cli/output.js';
import { type ObservedEvent, parseRecording, sessionsOf } from '../../../machines/index.js';
import { temporaryFolder } from '../../support/folder.js';
import { asks, readingOf, readOf, spoken, written } from './seen.js';

const plain = new Output(false);
const json = new Output(true);

// The first to start is the last to end.
const long = spoken('1', 0, 1, ['connect', asks('desk-1'), 'EventAck']);
const refusedOne = spoken('2', 100, 4, [
  'connect',
  asks('kiosk'),
  { name: 'EventError', errorCode: 2, errorDescription: 'no' },
  'leave',
]);
const wrongAnswer = spoken('3', 200, 8, ['connect', { name: 'EventAck', id: 9 }, 'leave']);
const end = spoken('1', 300, 11, ['leave']);
const events: ObservedEvent[] = [...long, ...refusedOne, ...wrongAnswer, ...end];
const options = { filter: null, follow: false, findingsOf: null };
const all = () => true;

const ids = (text: string) =>
  text.split('\n').flatMap((line) => line.slice(25, 26).match(/\d/) ?? []);

describe('the table', () => {
  test('is in order of start, with a footer that counts', async () => {
    const text = await written(() => listSessions(readingOf(events), options, plain));
    expect(ids(text)).toEqual(['1', '2', '3']);
    expect(text.split('\n').slice(4)).toEqual([
      '',
      '!2  number of findings: --findings lists them, --session ID shows where',
      '3 sessions, 1 finding, 0 damaged lines, 1 file (1.2 kB, 11 lines)',
      '',
    ]);
  });

  test('delays no more rows than allowed, and reports the rows out of order', async () => {
    const text = await written(() =>
      listSessions(readingOf(events), { ...options, held: 1 }, plain),
    );
    expect(ids(text)).toEqual(['2', '1', '3']);
    expect(text).toContain('not in order of start: 1 row, because at most 1 are held back');
  });

  test('that follows holds nothing back, and has findings as they come', async () => {
    const follow = { ...options, follow: true, findingsOf: all };
    const text = await written(() => listSessions(readingOf(events), follow, plain));
    expect(ids(text)).toEqual(['2', '3', '1']);
    expect(text).toContain('\nlogs/ixn.log:9  answer-without-request  ');
    expect(text.indexOf('answer-without-request')).toBeLessThan(text.indexOf('  3  '));
  });

  test('has only what is asked for', async () => {
    const filter = filterFrom({ client: 'kiosk' });
    const text = await written(() =>
      listSessions(readingOf(events), { ...options, filter }, plain),
    );
    expect(ids(text)).toEqual(['2']);
    expect(text).toContain('\n1 of 3 sessions, 0 findings, ');
  });

  test('of nothing has no head', async () => {
    const text = await written(() => listSessions(readingOf([]), options, plain));
    expect(text).toBe('0 sessions, 0 findings, 0 damaged lines, 1 file (1.2 kB, 0 lines)\n');
  });

  test('is one object a line for machines as sessions end, with the findings where they are asked for', async () => {
    const text = await written(() =>
      listSessions(readingOf(events), { ...options, findingsOf: all }, json),
    );
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type, session, code }) => [type, session ?? code])).toEqual([
      ['session', '2'],
      ['finding', '3'],
      ['session', '3'],
      ['session', '1'],
      ['end', undefined],
    ]);
    expect(lines[0]).toMatchObject({
      client: 'kiosk',
      verdict: 'refused',
      words: 'refused (2a)',
      error: { code: 2, text: 'no' },
      start: '2026-03-02T08:00:00.100',
      answeredAfter: 10,
      file: 'logs/ixn.log',
      line: 4,
      lastLine: 7,
    });
    expect(lines[4]).toMatchObject({
      sessions: 3,
      matched: 3,
      counts: { read: 11 },
      damages: [],
      files: [{ file: 'ixn.log' }],
    });
  });
});

test('a session that goes on has no end', async () => {
  const text = await written(() => listSessions(readingOf(long), options, json));
  expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ end: null, ended: 'still open' });
});

describe('the findings', () => {
  test('are lines with their place, then counts, then what was read', async () => {
    const text = await written(() => listFindings(readingOf(events), null, false, plain));
    const [line = '', empty, counts] = text.split('\n');
    expect(line).toMatch(/^logs\/ixn\.log:9 {2}answer-without-request {2}\S/);
    expect(empty).toBe('');
    expect(counts).toBe(
      '        1  answer-without-request  The server sent an answer without a request.',
    );
  });

  test('are those of the sessions that are asked for', async () => {
    const reading = readingOf(events);
    const filter = filterFrom({ client: 'kiosk' });
    const wanted = filter && (await wantedSessions(reading, filter, 'this'));
    const text = await written(() => listFindings(reading, wanted, false, plain));
    expect(text).toBe('1 of 3 sessions, 0 findings, 0 damaged lines, 1 file (1.2 kB, 11 lines)\n');
  });
});

test('lists damaged lines and skipped files, escaped', () => {
  const damages = [
    { file: 'a.log', line: 3, lines: 1, reason: 'not JSON' },
    { file: 'a\u001b.log', line: 9, lines: 4, reason: 'cut\u202e' },
  ];
  const read = { ...readOf(5, damages), damaged: 7 };
  expect(damageLines(read)).toEqual([
    'a.log:3  damaged  not JSON',
    'a\\u{1b}.log:9  damaged  cut\\u{202e} (4 lines)',
    '5 more places are damaged',
  ]);
  const passedOver = Array.from({ length: 12 }, (_, at) => ({
    file: `${at}\u0007`,
    reason: 'empty',
  }));
  const lines = footerLines({ sessions: 1, matched: 1, findings: 0 }, { ...read, passedOver });
  expect(lines).toHaveLength(12);
  expect(lines[0]).toBe('1 session, 0 findings, 5 damaged lines, 1 file (1.2 kB, 10 lines)');
  expect(lines[1]).toBe('skipped 0\\u{7}: empty');
  expect(lines[11]).toBe('skipped 2 more files');
});

test('what a log says is obeyed in no output', async () => {
  const bad = '\u001b[2J\u202e\u0007';
  const evil = spoken(bad, 0, 1, [
    'connect',
    asks(bad, { clientType: bad }),
    { name: 'EventError', id: 9, errorCode: 2, errorDescription: bad },
    'leave',
  ]).map((event) => ({ ...event, place: { file: bad, line: 1 } }));
  const finding = {
    code: 'time-backwards',
    sentence: bad,
    at: 0,
    session: bad,
    client: bad,
  } as const;
  const texts = [
    await written(() => listSessions(readingOf(evil), { ...options, findingsOf: all }, json)),
    await written(() => listSessions(readingOf(evil), options, plain)),
    await written(() => listFindings(readingOf(evil), null, false, plain)),
    await written(() => showSummary(readingOf(evil), null, plain)),
    await written(() => showSummary(readingOf(evil), null, json)),
    findingLine({ ...finding, file: bad, line: 1 }, plain.paint),
  ];
  for (const text of texts) {
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(text).toMatch(/\\u\{?(001b|1b)/);
  }
});

test('a summary for machines is one object', async () => {
  const text = await written(() => showSummary(readingOf(events), null, json));
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({
    type: 'summary',
    sessions: 3,
    findings: 1,
    errors: [{ code: 2, text: 'no', sessions: 1 }],
    files: [{ file: 'ixn.log' }],
  });
});

describe('a recording', () => {
  test('has the steps of all sessions, or of those that are asked for', async () => {
    await using folder = await temporaryFolder();
    const out = join(folder.path, 'out.jsonl');
    const recorded = await recordSessions(readingOf(events), null, out, false);
    const whole = parseRecording(await readFile(out, 'utf8'));
    expect(whole.problems).toEqual([]);
    expect(whole.steps).toHaveLength(recorded.steps);
    expect([...sessionsOf(whole.steps).keys()]).toEqual(['1', '2', '3']);

    const filter = filterFrom({ client: 'kiosk' });
    const part = await recordSessions(readingOf(events), filter, out, true);
    const { steps } = parseRecording(await readFile(out, 'utf8'));
    expect([...sessionsOf(steps).keys()]).toEqual(['2']);
    expect(part).toMatchObject({ sessions: 3, matched: 1, steps: steps.length });
  });

  test('is written over nothing without --force, and never over a log or into a folder of logs', async () => {
    await using folder = await temporaryFolder();
    const [log, link, out] = ['a.log', 'link.log', 'out.jsonl'].map((name) =>
      join(folder.path, name),
    ) as [string, string, string];
    await writeFile(log, 'mine');
    await symlink(log, link);
    await writeFile(out, 'mine');
    const record = (path: string, inputs: string[], isForced = true) =>
      recordSessions(readingOf(events, inputs), null, path, isForced);
    await expect(record(out, [log], false)).rejects.toThrow(
      `${out} exists already; overwrite it with --force, or choose another name`,
    );
    await expect(record(log, [log])).rejects.toThrow(`${log} is one of the logs`);
    await expect(record(link, [log])).rejects.toThrow(`${link} is one of the logs`);
    await expect(record(out, [folder.path])).rejects.toThrow(
      `${out} is in ${folder.path}, a folder that is read; choose a path outside of it`,
    );
    for (const path of [log, out]) expect(await readFile(path, 'utf8')).toBe('mine');
    await expect(record(join(folder.path, 'no', 'where'), [log])).rejects.toThrow(
      'the parent folder does not exist. Create it first',
    );
  });

  test('of two servers tells their connections apart', async () => {
    await using folder = await temporaryFolder();
    const out = join(folder.path, 'out.jsonl');
    await recordSessions(readingOf(long, ['a', 'b'], [...long, ...end]), null, out, false);
    const { steps, problems } = parseRecording(await readFile(out, 'utf8'));
    expect(problems).toEqual([]);
    expect([...sessionsOf(steps).keys()]).toEqual(['1', '2:1']);
  });

  test('of nothing is not left behind', async () => {
    await using folder = await temporaryFolder();
    const out = join(folder.path, 'out.jsonl');
    await expect(recordSessions(readingOf([]), null, out, false)).rejects.toThrow(
      'no session in these logs: nothing to record',
    );
    const none = filterFrom({ client: 'absent' });
    await expect(recordSessions(readingOf(events), none, out, false)).rejects.toThrow(
      'none of 3 sessions matches: nothing to record',
    );
    await expect(readFile(out)).rejects.toThrow('ENOENT');
  });

  test('of some of what comes through a pipe is refused', async () => {
    await using folder = await temporaryFolder();
    const out = join(folder.path, 'out.jsonl');
    const filter = filterFrom({ client: 'kiosk' });
    await expect(recordSessions(readingOf(events, ['-']), filter, out, false)).rejects.toThrow(
      '--record with a filter reads the logs twice, and standard input can be read only once; save it to a file first',
    );
    await recordSessions(readingOf(events, ['-']), null, out, false);
    expect(parseRecording(await readFile(out, 'utf8')).problems).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'that does not fit on the disk is reported',
    async () => {
      await using folder = await temporaryFolder();
      // A link, so that no mistake can take the device away.
      const full = join(folder.path, 'full');
      await symlink('/dev/full', full);
      await expect(recordSessions(readingOf(events), null, full, true)).rejects.toThrow(
        `${full} cannot be written: the disk is full. Make room`,
      );
      const many = Array.from({ length: 1_000 }, (_, at) =>
        spoken(`${at}`, at, at, ['connect', 'leave']),
      );
      const steps = many.flat();
      const taken = new Set<number>();
      const counting = steps.map((event, index) => ({
        ...event,
        get at() {
          taken.add(index);
          return event.at;
        },
      }));
      await expect(recordSessions(readingOf(counting), null, full, true)).rejects.toThrow(
        'is full',
      );
      // It is not read on for nothing.
      expect(taken.size).toBeLessThan(steps.length);
      expect(await readlink(full)).toBe('/dev/full');
    },
  );
});
