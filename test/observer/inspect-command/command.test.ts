import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRecording, sessionsOf } from '../../../machines/index.js';
import { ixgate } from '../../cli/in-process.js';
import { temporaryFolder } from '../../support/folder.js';
import { labLog, wrongAnswer } from './lab-log.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const path = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(path('ixn.log'), labLog);
  await writeFile(path('wrong.log'), labLog + wrongAnswer);
  await writeFile(path('aliases.yaml'), 'nothing: 1\n');
  await mkdir(path('none'));
});
afterAll(() => folder[Symbol.asyncDispose]());

const analyze = (...args: string[]) => ixgate(['analyze', ...args]);

describe('ixgate analyze', () => {
  test('writes a table of the sessions', async () => {
    const { code, stdout, stderr } = await analyze(path('ixn.log'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(
      stdout,
    ).toBe(`start                    session     client                type                   answer  ended                  marks  verdict
2026-03-02 08:00:01.100  51@9        desk-1                AgentApplication         2 ms  the client closed             registered
2026-03-02 08:00:02.000  52@17       kiosk-9               9                        1 ms  rejection deadline     *      refused (2a)

*   partly inferred, because lines are missing: --session ID shows what
2 sessions, 0 findings, 0 damaged lines, 1 file (1.4 kB, 28 lines)
`);
  });

  test('finds sessions by several conditions', async () => {
    const args = [path('ixn.log'), '--json', '--since', '08:00:02', '--where', 'error.code=2'];
    const { code, stdout } = await analyze(...args, '--where', 'errors=1');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines).toMatchObject([
      { type: 'session', client: 'kiosk-9', verdict: 'refused', rejectionDeadline: 5_001 },
      { type: 'end', sessions: 2, matched: 1, damaged: 0 },
    ]);
  });

  test('shows one session, sums up, lists findings', async () => {
    expect((await analyze(path('ixn.log'), '--session', 'desk-1')).stdout).toContain(
      'ixn.log:15\n      answers 1 after 2 ms\n',
    );
    expect((await analyze(path('ixn.log'), '--summary')).stdout).toContain(
      '          1  2  client is not valid\n',
    );
    const { stdout } = await analyze(path('wrong.log'), '--findings');
    expect(stdout).toContain('wrong.log:33  wrong-reference-id  ');
  });

  test('checks a server against the given deadlines', async () => {
    const findings = async (...args: string[]) =>
      (await analyze(path('ixn.log'), '--findings', ...args)).stdout.split('  ')[1];
    expect(await findings('--rejection-timeout', '3s')).toBe('deadline-overrun');
    expect(await findings('--rejection-timeout', '3s', '--tolerance', '10s')).toBeUndefined();
  });

  test('reads a file in the given format', async () => {
    const named = await analyze(path('ixn.log'), '--format', 'interaction-server');
    expect(named.stdout).toBe((await analyze(path('ixn.log'))).stdout);
    const other = await analyze(path('ixn.log'), '--format', 'ixgate-recording', '--findings');
    expect(other.code).toBe(0);
    expect(other.stdout).toMatch(/ixn\.log:1 {2}damaged {2}/);
  });

  test('ends with 1 when there are findings and that was asked for', async () => {
    const code = async (...args: string[]) => (await analyze(...args)).code;
    expect(await code(path('wrong.log'))).toBe(0);
    expect(await code(path('wrong.log'), '--strict')).toBe(1);
    expect(await code(path('ixn.log'), '--strict')).toBe(0);
    expect(await code(path('wrong.log'), '--strict', '--client', 'desk-1')).toBe(0);
    for (const how of [['--summary'], ['--findings'], ['--json'], ['--session', 'odd']]) {
      expect(await code(path('wrong.log'), '--strict', ...how)).toBe(1);
    }
  });

  test('records what was asked for', async () => {
    const args = [path('ixn.log'), '--client', 'kiosk*', '--record', path('out.jsonl')];
    const { code, stdout } = await analyze(...args);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `4 steps of 1 session written to ${path('out.jsonl')}\n`,
    });
    const { steps, problems } = parseRecording(await readFile(path('out.jsonl'), 'utf8'));
    expect(problems).toEqual([]);
    expect([...sessionsOf(steps).values()].map(({ summary }) => summary.verdict)).toEqual([
      'refused',
    ]);
    const again = await analyze(path('out.jsonl'), '--json');
    expect(JSON.parse(again.stdout.split('\n')[0] ?? '')).toMatchObject({
      session: '52@17',
      verdict: 'refused',
      words: 'refused (2a)',
    });
  });
});

test('records one session by its client, and findings beside sessions as JSON', async () => {
  const [out, log] = [path('one.jsonl'), path('wrong.log')];
  expect((await analyze(log, '--session', 'odd', '--record', out)).code).toBe(0);
  const { steps } = parseRecording(await readFile(out, 'utf8'));
  expect([...sessionsOf(steps).values()].map(({ summary }) => summary.clientName)).toEqual(['odd']);
  const both = await analyze(
    log,
    '--session',
    'odd',
    '--client',
    'desk*',
    '--record',
    out,
    '--force',
  );
  expect(both.stderr).toContain('none of 3 sessions matches: nothing to record');

  const types = async (...args: string[]) => {
    const { stdout } = await analyze(log, '--json', ...args);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
  };
  expect(await types()).toEqual(['session', 'session', 'session', 'end']);
  expect(await types('--findings')).toEqual(['session', 'session', 'finding', 'session', 'end']);
  expect(await types('--findings', '--client', 'desk*')).toEqual(['session', 'end']);
  expect(await types('--summary')).toEqual(['summary']);
  expect(await types('--record', out, '--force')).toEqual(['recorded']);
});

describe('errors are reported in one line, with exit code 2', () => {
  test.each<[string[], string]>([
    [['nowhere.log'], 'nowhere.log: cannot be read: file not found'],
    [
      ['ixn.log', '--verdict', 'refusd'],
      '--verdict is "refusd"; allowed: open (waiting to register), ',
    ],
    [['ixn.log', '--where', 'x=1'], '--where asks for "x"; allowed: session, client, '],
    [['ixn.log', '--since', 'noon'], '--since is "noon"; allowed: '],
    [
      ['ixn.log', '--summary', '--findings'],
      '--summary and --findings cannot be combined; choose one',
    ],
    [
      ['ixn.log', '--session', '1', '--summary'],
      '--session and --summary cannot be combined; choose one',
    ],
    [
      ['ixn.log', '--session', '1', '--follow'],
      '--session and --follow cannot be combined; choose one',
    ],
    [
      ['ixn.log', '--record', 'x', '--follow'],
      '--record and --follow cannot be combined; choose one',
    ],
    [
      ['ixn.log', '--session', '1', '--client', 'x'],
      '--session and --client cannot be combined: --session selects one session',
    ],
    [['ixn.log', '--force'], '--force requires --record'],
    [
      ['ixn.log', '--follow', '--findings', '--client', 'x'],
      '--findings with a filter reads the logs twice, which --follow cannot do',
    ],
    [
      ['ixn.log', '--tolerance', '5'],
      '--tolerance is "5"; allowed: 1ms to 24d, written like 500ms, 5s, 1m or 1h; it has no unit, write 5ms or 5s',
    ],
    [
      ['ixn.log', '--format', 'xml'],
      '--format is "xml"; allowed: ixgate-recording (ixgate recording), ',
    ],
    [['ixn.log', '--aliases', 'nowhere.yaml'], 'nowhere.yaml: cannot be read: file not found'],
    [['ixn.log', '--aliases', 'aliases.yaml'], 'aliases.yaml'],
    [['ixn.log', '--mapping', 'aliases.yaml'], 'aliases.yaml'],
    [
      ['ixn.log', '--session', 'x'],
      'unknown session "x"; expected one of: 52@17 (kiosk-9, refused (2a)), 51@9 (desk-1, registered)',
    ],
    [['none'], 'none'],
  ])('%j', async (args, message) => {
    const files = /\.(log|yaml)$|^none$/;
    const { code, stdout, stderr } = await analyze(
      ...args.map((one) => (files.test(one) ? path(one) : one)),
    );
    expect(stdout).toBe('');
    expect(stderr.replaceAll(`${folder.path}/`, '')).toContain(message);
    expect(stderr).toMatch(/^ixgate: [^\n]*\n$/);
    expect(code).toBe(2);
  });
});
