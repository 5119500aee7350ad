import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../../adapters/client/index.js';
import { recordingFormat } from '../../../adapters/observer/json-logs/index.js';
import { openRecorder } from '../../../adapters/recording/index.js';
import { invalid, valid } from '../../../adapters/server/index.js';
import {
  gapMark,
  parseRecording,
  recordingText,
  type StepRecord,
  sessionsOf,
} from '../../../machines/index.js';
import { temporaryFolder } from '../../support/folder.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { registerRequest } from '../../support/line-client.js';
import { observeText, readText, typesOf } from './reading.js';

closeGatesAfterEach();

const own = '2026-07-25T14-30-03.134Z-4711-0001.jsonl';
const flood = await readFile(join(import.meta.dirname, 'logs/flood.jsonl'), 'utf8');
const sample = await readFile(join(import.meta.dirname, 'logs/gate.jsonl'), 'utf8');
const recorded = parseRecording(sample).steps;
/** A session that was refused, then sent a message: six steps. */
const [session] = recorded.filter(({ seq, name }) => seq === 4 && name === 'RequestPing');
const steps = recorded.filter((step) => step.session === session?.session);

/** What must be the same in a step that is observed and in the one that was recorded. */
const essence = ({ session, from, to, transition, name, referenceId, kind }: StepRecord) => ({
  session,
  from,
  to,
  transition,
  name,
  referenceId,
  kind,
});

/** Observes what was recorded: same sessions, same verdicts, same steps. */
function expectSame(text: string) {
  const observed = observeText(recordingFormat, text);
  const told = parseRecording(text).steps;
  const sessions = sessionsOf(told);
  expect(observed.damages).toEqual([]);
  expect(observed.steps.map(essence)).toEqual(told.map(essence));
  expect([...observed.sessions.keys()].sort()).toEqual([...sessions.keys()].sort());
  for (const [id, { summary }] of sessions) {
    const seen = observed.sessions.get(id);
    const { verdict, figure, error, clientName, story, errors, steps: count } = summary;
    expect(seen?.summary).toMatchObject({ verdict, figure, error, clientName, story, errors });
    expect(seen?.summary.steps).toBe(count);
    expect(Math.abs((seen?.summary.elapsed ?? 0) - summary.elapsed)).toBeLessThan(0.01);
    expect(seen?.inferred).toEqual([]);
  }
  return {
    ...observed,
    verdicts: new Set([...sessions.values()].map((one) => one.summary.verdict)),
  };
}

describe('A recording of a gate, observed', () => {
  it('has the verdicts and the steps that the gate had, whatever came of a client', async () => {
    await using folder = await temporaryFolder();
    const recorder = await openRecorder({ folder: folder.path, node: 'gate-1' });
    let asked = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { server, client } = await openGate({
      journal: recorder,
      registrationTimeout: 150,
      rejectionTimeout: 100,
      validator: ({ clientName }) => {
        if (clientName === 'slow-2') asked();
        if (clientName.startsWith('slow')) return new Promise(() => {});
        return clientName === 'desk-1' ? valid : invalid('unknown name');
      },
    });
    const other = (referenceId: number) => ({ messageName: 'RequestPing', referenceId });
    const talk = async (...messages: (object | string)[]) => {
      const peer = await client();
      for (const message of messages) await peer.ask(message as Record<string, unknown>);
      return peer;
    };
    const unknown = registerRequest({ clientName: 'desk-9' });
    // All those who do not stay until the end.
    let left = 10;
    const over = new Promise<void>((resolve) => {
      server.on('disconnected', () => {
        left -= 1;
        if (left === 0) resolve();
      });
    });
    await Promise.all([
      talk(unknown),
      talk(other(7)),
      talk(unknown, other(8)),
      talk(other(9), unknown),
      talk(),
      talk(registerRequest({ clientType: 'Robot' })),
      talk('no message\n'),
    ]);
    (await client()).say(registerRequest({ clientName: 'slow-1' }));
    const reset = await client();
    reset.say(registerRequest({ clientName: 'slow-2' }));
    await isAsked;
    reset.socket.resetAndDestroy();
    (await client()).socket.destroy();
    const staying = await talk(registerRequest(), registerRequest({ referenceId: 2 }));
    await over;
    await server.close();
    await staying.ended;
    await recorder.close();
    const { path } = folder;
    const [file = ''] = await readdir(path);
    const { verdicts, findings } = expectSame(await readFile(join(path, file), 'utf8'));
    expect([...verdicts].sort()).toEqual([
      'bad-frame',
      'closed-before-answer',
      'left',
      'never-answered',
      'refused',
      'refused-then-spoke',
      'registered',
      'silent',
      'spoke-first',
      'spoke-then-refused',
    ]);
    expect(findings.map(({ code }) => code)).toEqual(findings.map(() => 'registration-unanswered'));
  });

  it('is the same for recordings that lie there, one of them under a flood', () => {
    expectSame(sample);
    expectSame(flood);
  });
});

describe('A recording of a client, observed', () => {
  it('has the verdicts that the client had, and the server ends what the client saw end', async () => {
    const { server, port } = await openGate({
      validator: ({ clientName }) => clientName === 'desk-1',
    });
    const text: string[] = [];
    const start = (clientName: string) => {
      const client = createClient({
        endpoints: [`tcp://127.0.0.1:${port}`],
        clientName,
        clientType: 'AgentApplication',
        reconnect: false,
      });
      client.on('step', (step) => text.push(recordingText([step])));
      return client;
    };
    const refused = start('desk-9');
    await expect(refused.registered).rejects.toThrow('client is not valid');
    await refused.close();
    const welcome = start('desk-1');
    await welcome.registered;
    await Promise.all([once(welcome, 'stopped').catch(() => {}), server.close()]);
    const observed = expectSame(text.join(''));
    expect([...observed.verdicts]).toEqual(['refused', 'registered']);
    const ends = observed.events.filter(({ type }) => type === 'disconnected');
    expect(ends).toMatchObject([
      { by: 'client', reason: 'client-closed' },
      { by: 'server', reason: 'server-closed' },
    ]);
  });
});

describe('A recorded step', () => {
  it('of a connection that was never set up is nothing that is seen', () => {
    const [step = never()] = steps;
    const failed = { ...step, name: 'Disconnected', to: 'disconnected', reason: 'connect-failed' };
    const { events, counts } = readText(recordingFormat, recordingText([failed as StepRecord]));
    expect(events.map(({ type }) => type)).toEqual(['began']);
    expect(counts.used).toBe(1);
  });

  it('that says something else than the chart is a finding', () => {
    const changed = steps.map((step) => (step.seq === 3 ? { ...step, to: 'registered' } : step));
    const { findings } = observeText(recordingFormat, recordingText(changed as StepRecord[]));
    expect(findings).toMatchObject([{ code: 'recording-differs', line: 3 }]);
  });
});

describe('The time of a recorded step', () => {
  const [connected, ...later] = steps;
  const at = connected?.at ?? 0;
  const timesOf = (changed: readonly StepRecord[]) =>
    readText(recordingFormat, recordingText(changed))
      .events.slice(1)
      .map((event) => event.at);

  it('is that of its connect and what the clock of the session has counted since', () => {
    expect(timesOf(steps)).toEqual(steps.map(({ elapsed }) => at + elapsed));
    expect(steps.some(({ elapsed }) => !Number.isInteger(elapsed))).toBe(true);
  });

  it('follows the clock on the wall when that is set', () => {
    const set = later.map((step) => ({ ...step, at: step.at + 3_600_000 }));
    const [first = 0, second = 0, third = 0] = timesOf([connected as StepRecord, ...set]);
    expect(first).toBe(at);
    expect(second).toBe(set[0]?.at);
    const apart = (set[1]?.elapsed ?? 0) - (set[0]?.elapsed ?? 0);
    expect(third - second).toBeCloseTo(apart, 2);
  });
});

describe('What is missing in a recording', () => {
  const without = (...seqs: number[]) =>
    recordingText(steps.filter(({ seq }) => !seqs.includes(seq)));

  it('belongs to the session whose numbers jump, and to no other', () => {
    const { events } = readText(recordingFormat, without(3), own);
    const missing = events.filter(({ type }) => type === 'missing');
    const peer = { label: session?.session };
    expect(missing).toMatchObject([{ peer, reason: 'gap', place: { line: 3 } }]);
  });

  it('decides nothing: who seems silent may have spoken', () => {
    const { sessions } = observeText(recordingFormat, without(2, 3, 4, 5), own);
    expect([...sessions.values()]).toMatchObject([
      { summary: { verdict: 'undecided', missing: 'gap' }, findings: 0 },
    ]);
  });

  it('may belong to any session where a gap mark stands', () => {
    const [first = '', ...rest] = recordingText(steps).trimEnd().split('\n');
    const text = `${[first, gapMark({ steps: 3, at: 5 }), ...rest].join('\n')}\n`;
    const { events, counts } = readText(recordingFormat, text, own);
    expect(events.find(({ type }) => type === 'missing')).toMatchObject({
      peer: null,
      reason: 'gap',
      at: 5,
      place: { file: own, line: 2 },
    });
    expect(counts).toEqual({ read: 7, used: 7, ignored: 0, damaged: 0 });
  });

  it('keeps what another log called the client', () => {
    const marks = { file: null, line: null, inferred: [], missing: null, findings: [] };
    const named = steps.map((step) =>
      step.seq === 1 ? { ...step, observed: { ...marks, client: 'mira' } } : step,
    );
    const read = observeText(recordingFormat, recordingText(named.slice(0, 1)), own);
    expect([...read.sessions.values()]).toMatchObject([{ client: 'mira' }]);
    expect(read.steps[0]?.observed?.client).toBe('mira');
    expect(sessionsOf(read.steps).get(session?.session ?? '')?.summary.logName).toBe('mira');
  });

  it('is of the session that the gap mark names, which its next record shows', () => {
    const [first = '', second = '', ...rest] = recordingText(steps).trimEnd().split('\n');
    const mark = gapMark({ steps: 1, at: 5, session: steps[1]?.session, from: 2 });
    const { events } = readText(recordingFormat, `${[first, mark, ...rest].join('\n')}\n`, own);
    const missing = events.filter(({ type }) => type === 'missing');
    expect(second).toContain('"seq":2');
    expect(missing).toMatchObject([{ peer: { label: steps[1]?.session }, reason: 'gap' }]);
  });

  it('is a last line that was cut, and no damage', () => {
    const { events, damages, counts } = readText(
      recordingFormat,
      recordingText(steps).slice(0, -9),
    );
    expect(events.at(-1)).toMatchObject({ type: 'missing', reason: 'cut', peer: null });
    expect(damages).toEqual([]);
    expect(counts).toEqual({ read: 6, used: 5, ignored: 1, damaged: 0 });
  });

  it('is no more than a line that is damaged, wherever it stands', () => {
    const lines = recordingText(steps).trimEnd().split('\n');
    const text = [lines[0], '{"seq":2,"ses', ...lines.slice(2), '[1]', ''].join('\n');
    const { damages, counts, events } = readText(recordingFormat, text);
    expect(damages).toEqual([
      { file: 'a.jsonl', line: 2, lines: 1, reason: 'not JSON' },
      { file: 'a.jsonl', line: 7, lines: 1, reason: 'JSON, but no object' },
    ]);
    expect(counts).toEqual({ read: 7, used: 5, ignored: 0, damaged: 2 });
    expect(events.filter(({ type }) => type === 'missing')).toHaveLength(1);
  });

  it('is reported in the terms of the schema of recordings', () => {
    const [step = never()] = steps;
    const damageOf = (change: object) => {
      const text = `${JSON.stringify({ ...step, ...change })}\n`;
      return readText(recordingFormat, text).damages[0]?.reason;
    };
    expect(damageOf({ seq: 0 })).toBe('seq is 0; allowed: a whole number from 1');
    expect(damageOf({ session: '' })).toContain('session is ""');
    expect(damageOf({ seat: 'gate' })).toContain('seat is "gate"; allowed: server');
    expect(damageOf({ at: 'now' })).toContain('at is "now"');
    expect(damageOf({ elapsed: -1 })).toContain('elapsed is -1');
    expect(damageOf({ kind: 'odd' })).toContain('kind is "odd"');
    expect(damageOf({ direction: 'up' })).toContain('direction is "up"');
    expect(damageOf({ name: '' })).toContain('name is ""');
    expect(damageOf({ referenceId: 1.5 })).toContain('referenceId is 1.5');
    expect(damageOf({ from: 'nowhere' })).toContain('from is "nowhere"');
    expect(damageOf({ to: undefined })).toBe('no to');
    expect(damageOf({ reason: 'toString' })).toContain('reason is "toString"');
    expect(damageOf({ payload: {} })).toContain('payload is an object');
    expect(damageOf({ observed: 7 })).toContain('observed is 7');
  });

  it('is not a session that is over and begins again', () => {
    const { counts } = readText(recordingFormat, recordingText([...steps, ...steps]));
    expect(counts).toMatchObject({ used: 12, damaged: 0 });
  });

  it('is not a beginning of a record that has its end of line: that is damage', () => {
    const { damages, counts } = readText(recordingFormat, `${recordingText(steps)}{"seq":2,"s\n`);
    expect(damages).toMatchObject([{ line: 7, reason: 'not JSON' }]);
    expect(counts).toMatchObject({ ignored: 0, damaged: 1 });
  });

  it('is not what stands there twice: that is damage', () => {
    const [first, second, third] = steps;
    const text = recordingText([first, second, second, third, second] as StepRecord[]);
    const { damages } = readText(recordingFormat, text);
    const name = JSON.stringify(session?.session);
    expect(damages.map(({ reason }) => reason)).toEqual([
      `a second record 2 of ${name}`,
      `record 2 of ${name} stands after record 3`,
    ]);
  });
});

describe('The beginning of a recording', () => {
  const began = (text: string, name?: string) =>
    readText(recordingFormat, text, name).events.filter(({ type }) => type === 'began');

  it('is that of the server in the first file of a process, with the first step of a session', () => {
    expect(began(recordingText(steps), own)).toMatchObject([{ isWhole: true }]);
    expect(began(recordingText(steps), own.replace('0001', '0002'))).toMatchObject([
      { isWhole: false },
    ]);
    expect(began(recordingText(steps.slice(1)), own)).toMatchObject([{ isWhole: false }]);
    expect(began(`${gapMark({ steps: 1, at: 1 })}\n`, own)).toMatchObject([{ isWhole: false }]);
  });

  it('leaves undecided what began before it, without a finding', () => {
    const other = steps.map((step) => ({ ...step, session: 'other' }));
    const third = steps.map((step) => ({ ...step, session: 'third' }));
    const text = recordingText([...steps, ...other.slice(2), ...third]);
    const cut = observeText(recordingFormat, text, own);
    expect(cut.findings).toEqual([]);
    expect(cut.sessions.get('other')?.summary).toMatchObject({
      verdict: 'undecided',
      missing: 'beginning',
    });
    expect(typesOf(cut).filter((type) => type === 'began')).toHaveLength(2);
  });

  it('tells which server it is of by the folder and the process, else by the file', () => {
    const serverOf = (folder: string, name: string | null, head: readonly string[] = []) =>
      recordingFormat.serverOf(head, { file: `${folder}${name ?? '-'}`, name });
    expect(serverOf('rec/', own, ['{"recording":1,"node":"gate-1"}'])).toBe(
      'node gate-1, process 4711 in rec/',
    );
    expect(serverOf('rec/', own)).toBe('process 4711 in rec/');
    expect(serverOf('', own.replace('0001', '0012'))).toBe('process 4711');
    expect(serverOf('', `${own}.gz`)).toBe('process 4711');
    expect(serverOf('rec/', 'export.jsonl')).toBe('rec/export.jsonl');
    expect(serverOf('', null)).toBe('-');
  });

  it('says when it is, and that it is a recording', () => {
    const head = sample.split('\n').slice(0, 3);
    expect(recordingFormat.recognises(head)).toBe(true);
    expect(recordingFormat.recognises(['', '\u0000\u0001', ...head])).toBe(true);
    expect(recordingFormat.recognises([head[0]?.slice(0, 60) ?? ''])).toBe(true);
    expect(recordingFormat.startOf(head, { file: own, name: own })).toBe(recorded[0]?.at);
    expect(recordingFormat.recognises(['{"seq":1}', 'seq'])).toBe(false);
  });
});

describe('What an observer has recorded of another log', () => {
  const marks = { file: 'ixn.log', line: 13, missing: null, findings: [] };

  it('keeps what was concluded, and its findings are found again', () => {
    const observed = steps.map((step) => ({
      ...step,
      seat: 'observer' as const,
      observed: {
        ...marks,
        inferred: step.seq === 1 ? (['connect'] as const) : [],
        findings: [{ code: 'time-backwards' as const, sentence: 'it was found before' }],
      },
    }));
    const again = observeText(recordingFormat, recordingText(observed));
    expect([...again.sessions.values()]).toMatchObject([{ inferred: ['connect'] }]);
    expect(again.findings).toEqual([]);
    expect(again.steps[0]?.observed).toMatchObject({ inferred: ['connect'], line: 1 });
  });

  it('keeps that a session began before its log, and no other session does', () => {
    const late = steps.slice(3, 4).map((step) => ({
      ...step,
      ...{ seq: 1, session: 'late', seat: 'observer' as const, from: 'connecting' as const },
      observed: { ...marks, inferred: [], missing: 'beginning' as const },
    }));
    const [first = never(), ...rest] = steps;
    const again = observeText(recordingFormat, recordingText([first, ...late, ...rest]));
    expect(again.findings).toEqual([]);
    expect(again.sessions.get('late')?.summary).toMatchObject({ missing: 'beginning' });
    expect(again.sessions.get(first.session)?.summary).toMatchObject({ missing: null });
  });

  it('keeps what was missing', () => {
    const silent = [steps[0], steps.at(-1)].map((step, index) => ({
      ...(step as StepRecord),
      seq: index + 1,
      seat: 'observer' as const,
      observed: { ...marks, inferred: [], missing: index === 1 ? ('masked' as const) : null },
    }));
    const { sessions } = observeText(recordingFormat, recordingText(silent));
    expect([...sessions.values()]).toMatchObject([
      { summary: { verdict: 'undecided', missing: 'masked' } },
    ]);
  });
});

function never(): never {
  throw new Error('there is none');
}
