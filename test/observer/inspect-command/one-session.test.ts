import { describe, expect, test } from 'vitest';
import { SeenSteps } from '../../../adapters/cli/analyze/seen-steps.js';
import { rungsOf, sessionText } from '../../../adapters/cli/analyze/session-ladder.js';
import { showSession } from '../../../adapters/cli/analyze/show-session.js';
import { Output } from '../../../adapters/cli/output.js';
import type {
  Finding,
  ObservedEvent,
  ObservedSession,
  StepRecord,
} from '../../../machines/index.js';
import { asks, readingOf, spoken, written } from './seen.js';

const plain = new Output(false);
const registers: ObservedEvent[] = spoken('51', 0, 10, [
  'connect',
  asks('desk-1', { mediaType: 'chat', proxyClientId: 7, extension: { secret_key: 'hunter2' } }),
  'EventAck',
  { name: 'RequestAgentLogin', id: 2 },
  'leave',
]);
const show = (wanted: string, events = registers, output = plain, paths?: string[]) =>
  written(() => showSession(readingOf(events, paths), wanted, output));

describe('one session is shown', () => {
  test('with what it is, and each arrow with its place, its time and what it answers', async () => {
    expect(
      await show('51'),
    ).toBe(`51: registered after 20 ms; ended after 40 ms: the client closed the connection.
  client     desk-1 (AgentApplication)
  media type chat
  proxy id   7
  extension  secret_key (keys only)
  lines      logs/ixn.log:10 to 14

  Client                            Interaction Server
    |                                        |
    | connect                                |
    |--------------------------------------->|       0 ms  ixn.log:10
    | RequestRegisterClient (reference id 1) |
    |--------------------------------------->|      10 ms  ixn.log:11
    |              EventAck (reference id 1) |
    |<---------------------------------------|      20 ms  ixn.log:12
      answers 1 after 10 ms
    | RequestAgentLogin (reference id 2)     |
    |--------------------------------------->|      30 ms  ixn.log:13
      no answer in this log
    | disconnect: the client closed          |
    |---------------------------------------X|      40 ms  ixn.log:14
    |                                        |

1 session, 0 findings, 0 damaged lines, 1 file (1.2 kB, 5 lines)
`);
  });

  test('by the name of a client that has only this one', async () => {
    expect(await show('desk-1')).toBe(await show('51'));
  });

  test('without the values of its extension', async () => {
    expect(await show('51')).toContain('secret_key (keys only)');
    expect(await show('51')).not.toContain('hunter2');
    expect(await show('51', registers, new Output(true))).not.toContain('hunter2');
  });

  test('as one object for machines', async () => {
    const lines = (await show('51', registers, new Output(true))).trim().split('\n');
    expect(lines).toHaveLength(1);
    const value = JSON.parse(lines[0] ?? '');
    expect(value).toMatchObject({
      type: 'session',
      session: '51',
      verdict: 'registered',
      extension: ['secret_key'],
      findingList: [],
      left: 0,
      read: { sessions: 1 },
    });
    expect(value.records.map(({ name }: StepRecord) => name)).toEqual([
      'Connected',
      'RequestRegisterClient',
      'EventAck',
      'RequestAgentLogin',
      'Disconnected',
    ]);
  });

  test('with its findings', async () => {
    const text = await show('52', spoken('52', 0, 1, ['connect', 'EventAck', 'leave']));
    expect(text).toContain('answers no request in this log; ');
    expect(text).not.toMatch(/^logs\/ixn\.log:2/m);
  });
});

test('of two sessions that two servers call the same the first is shown, and the other told', async () => {
  const again = spoken('51', 60_000, 30, ['connect', 'leave']);
  const reading = readingOf(registers, ['a.log', 'b.log'], again);
  const text = await written(() => showSession(reading, '51', plain));
  expect(text).toContain('ixn.log:14');
  expect(text).not.toContain('ixn.log:30');
  expect(text).toContain('\n1 more sessions with this id are in these logs; this is the first\n');
});

test('a finding that belongs to no arrow stands under the ladder', async () => {
  let seen: ObservedSession | null = null;
  const steps: StepRecord[] = [];
  await readingOf(registers).read({
    onStep: (one) => steps.push(one),
    onSession: (session) => {
      seen = session;
    },
  });
  const finding: Finding = {
    code: 'deadline-overrun',
    sentence: 'It stayed longer.',
    at: 0,
    session: '51',
    client: 'desk-1',
    file: 'ixn.log',
    line: 14,
  };
  const session = seen as ObservedSession | null;
  if (!session) throw new Error('there is no session');
  const text = (findings: Finding[]) =>
    sessionText({ session, steps, left: null, findings }, plain.paint).split('\n').slice(-2);
  expect(text([finding])).toEqual(['', 'ixn.log:14  deadline-overrun  It stayed longer.']);
  expect(text([])[1]).toMatch(/^ +\| +\|$/);
});

test('a request is answered once; in a session that goes on an answer may still come', async () => {
  const notes = async (events: ObservedEvent[]) => {
    const steps: StepRecord[] = [];
    await readingOf(events).read({ onStep: (one) => steps.push(one) });
    const ended = steps.filter(({ seq }) => seq > 1);
    return rungsOf({ steps: ended, left: null }).map((rung) => 'note' in rung && rung.note);
  };
  const login = { name: 'RequestAgentLogin', id: 2 };
  const ack = { name: 'EventAck', id: 2 };
  const registration = ['connect', asks('desk-1'), 'EventAck'] as const;
  const twice = await notes(spoken('5', 0, 1, [...registration, login, ack, ack, login]));
  expect(twice[2]).toBeUndefined();
  expect(twice[3]).toBe('answers 2 after 10 ms');
  expect(twice[4]).toContain('answers no request in this log');
  expect(twice[5]).not.toBe('no answer in this log');
});

describe('an unknown session', () => {
  const three = [
    ...spoken('1', 0, 1, ['connect', asks('desk-1'), 'EventAck', 'leave']),
    ...spoken('2', 100, 5, [
      'connect',
      asks('kiosk'),
      { name: 'EventError', errorCode: 2 },
      'leave',
    ]),
    ...spoken('3', 200, 9, [
      'connect',
      asks('kiosk'),
      { name: 'EventError', errorCode: 2 },
      'leave',
    ]),
  ];

  test('is reported with the sessions that exist', async () => {
    await expect(show('x', three)).rejects.toThrow(
      'unknown session "x"; expected one of: 1 (desk-1, registered), 2 (kiosk, refused (2a)), 3 (kiosk, refused (2a))',
    );
    const many = Array.from({ length: 25 }, (_, at) =>
      spoken(`${at}`, at, at, ['connect', 'leave']),
    );
    await expect(show('x', many.flat())).rejects.toThrow(/ and 5 more$/);
    await expect(show('x', [])).rejects.toThrow('no sessions in these logs');
  });

  test('and of a name with several one is to be chosen', async () => {
    await expect(show('kiosk', three)).rejects.toThrow(
      '"kiosk" is the name of 2 sessions; choose one with --session: 2, 3',
    );
  });

  test('and a name is not looked for twice where the log can be read once', async () => {
    await expect(show('desk-1', three, plain, ['-'])).rejects.toThrow(
      '"desk-1" is the name of a client, and standard input can be read only once; use --session "1"',
    );
    expect(await show('1', three, plain, ['-'])).toContain('1: registered after 20 ms');
  });
});

describe('a very long session', () => {
  const step = (seq: number) => ({ seq }) as StepRecord;

  test('keeps its first and its last steps, in bounded space', () => {
    const kept = new SeenSteps(10);
    for (let seq = 1; seq <= 1_000; seq += 1) {
      kept.add(step(seq));
      expect(kept.result().steps.length).toBeLessThanOrEqual(11);
    }
    const { steps, left } = kept.result();
    expect(steps.slice(0, 5).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(steps.at(-1)?.seq).toBe(1_000);
    expect(left).toEqual({ count: 1_000 - steps.length, after: 5 });
  });

  test('says where some are left out', async () => {
    const steps: StepRecord[] = [];
    await readingOf(registers).read({ onStep: (one) => steps.push(one) });
    const rungs = rungsOf({ steps, left: { count: 7, after: 2 } });
    expect(rungs[2]).toEqual({ kind: 'note', label: '7 more steps, not shown' });
  });
});

test('what a log says is not obeyed', async () => {
  const bad = '\u001b[2J\u202e';
  const events = spoken('5', 0, 1, [
    'connect',
    asks(`x${bad}`, { mediaType: bad, extension: { [bad]: 1 } }),
    { name: 'EventError', errorCode: 2, errorDescription: bad },
    { name: `Request${bad}` },
    'leave',
  ]);
  expect(await show('5', events)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  expect(await show('5', events, new Output(true))).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
});

test('the time that a client has left stands beside its arrows, where the deadline is known', async () => {
  const steps: StepRecord[] = [];
  await readingOf(registers).read({ onStep: (one) => steps.push(one) });
  const known = steps.map((step) => ({ ...step, deadline: step.seq === 1 ? 29_900 : null }));
  expect(rungsOf({ steps: known, left: null }).map((rung) => 'mark' in rung && rung.mark)).toEqual([
    'ixn.log:10, 29.9 s left',
    'ixn.log:11',
    'ixn.log:12',
    'ixn.log:13',
    'ixn.log:14',
  ]);
});

test('inferred and missing data is marked at its step', async () => {
  const steps: StepRecord[] = [];
  await readingOf(registers).read({ onStep: (one) => steps.push(one) });
  const marked = steps.map((step) => ({
    ...step,
    observed: {
      file: null,
      line: null,
      inferred: step.seq === 1 ? (['connect'] as const) : [],
      missing: step.seq === 2 ? ('masked' as const) : null,
      findings:
        step.seq === 3 ? [{ code: 'wrong-reference-id' as const, sentence: 'It is wrong.' }] : [],
    },
  }));
  expect(rungsOf({ steps: marked, left: null })).toMatchObject([
    { note: 'inferred: the connect line is missing: the client connected no later than this' },
    { note: 'the log is incomplete before this: a line is masked', isWrong: false },
    { note: 'answers 1 after 10 ms; It is wrong.', isWrong: true },
    {},
    {},
  ]);
});
