import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ixgateLogFormat } from '../../../adapters/observer/json-logs/index.js';
import type { Log } from '../../../adapters/service/log.js';
import { logSessions } from '../../../adapters/service/session-log.js';
import { parseRecording, sessionsOf } from '../../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { registerRequest } from '../../support/line-client.js';
import { observeText, readText } from './reading.js';

closeGatesAfterEach();

const read = (name: string) => readFile(join(import.meta.dirname, 'logs', name), 'utf8');
const [gate, gateRecording, flood, floodRecording] = await Promise.all(
  ['gate.log', 'gate.jsonl', 'flood.log', 'flood.jsonl'].map(read),
);

/** Sessions of a log that `ixgate serve --json --record` wrote, beside those of its recording. */
function compare(log = '', recording = '') {
  const observed = observeText(ixgateLogFormat, log, 'gate.log');
  const sessions = sessionsOf(parseRecording(recording).steps);
  return { ...observed, recorded: [...sessions.values()].map(({ summary }) => summary) };
}

const time = (seconds: number) => new Date(1_784_989_800_000 + seconds * 1_000).toISOString();
const line = (seconds: number, event: string, fields: object) =>
  `${JSON.stringify({ level: 'info', time: time(seconds), event, ...fields, msg: event })}\n`;
const refused = (seconds: number, session: string, errorName: string, more: object = {}) =>
  line(seconds, 'refused', {
    ...{ session, clientName: null, clientType: null, errorCode: 1, errorName },
    ...{ errorDescription: errorName, ...more },
  });
const disconnected = (seconds: number, session: string, reason: string, more: object = {}) =>
  line(seconds, 'disconnected', {
    ...{ session, clientName: null, clientType: null, reason, durationMs: 0, error: null, ...more },
  });

describe('The log of a gate', () => {
  it('has the verdicts of the recording that was written beside it', () => {
    const { sessions, recorded, findings, counts, damages } = compare(gate, gateRecording);
    const told = recorded.filter(({ session }) => sessions.has(session));
    // Seven lines of those who closed before asking were left out.
    expect(recorded.length - told.length).toBe(7);
    for (const { session, verdict, figure, error, clientName, reason, startedAt } of told) {
      const seen = sessions.get(session)?.summary;
      expect(seen).toMatchObject({ session, verdict, figure, clientName, reason });
      expect(seen?.error?.text).toBe(error?.text);
      expect(Math.abs((seen?.startedAt ?? 0) - startedAt)).toBeLessThan(400);
    }
    expect(new Set(told.map(({ verdict }) => verdict)).size).toBe(8);
    expect(findings).toEqual([]);
    expect(damages).toEqual([]);
    expect(counts).toEqual({ read: 49, used: 47, ignored: 2, damaged: 0 });
  });

  it('marks what is concluded: that a client connected, and what it asked', () => {
    const { sessions, steps } = compare(gate, gateRecording);
    for (const { inferred, answeredAfter } of sessions.values()) {
      expect(inferred).toContain('connect');
      expect(answeredAfter).toBe(null);
    }
    for (const { name, observed } of steps) {
      const isConcluded = !['EventAck', 'EventError', 'Disconnected'].includes(name);
      const isTimer = name.endsWith('Timeout');
      expect(observed?.inferred.length).toBe(isConcluded && !isTimer ? 1 : 0);
    }
  });

  it('tells how long a client stayed that never asked', () => {
    const { sessions } = compare(gate, gateRecording);
    const [silent] = [...sessions.values()].filter(({ summary }) => summary.verdict === 'silent');
    expect(silent).toMatchObject({ registrationDeadline: 401, inferred: ['connect'] });
  });

  it('is written now as it is read', async () => {
    const lines: string[] = [];
    const write = (text: string, fields: object) => {
      lines.push(JSON.stringify({ level: 'info', time: new Date(), ...fields, msg: text }));
    };
    const log = { info: write, warn: write, once: () => {}, often: often(write) };
    const { server, client } = await openGate({
      validator: ({ clientName }) => clientName === 'desk-1',
    });
    logSessions(server, log as unknown as Log);
    const peer = await client();
    await peer.ask({ messageName: 'RequestGetAgents', referenceId: 1 });
    await peer.ask(registerRequest({ clientName: 'desk-2' }));
    await peer.ask(registerRequest());
    peer.socket.end();
    await once(server, 'disconnected');
    const { steps, damages } = observeText(ixgateLogFormat, `${lines.join('\n')}\n`);
    expect(damages).toEqual([]);
    expect(steps.map(({ name }) => name)).toEqual([
      'Connected',
      'RequestGetAgents',
      'EventError',
      'RequestRegisterClient',
      'EventError',
      'RequestRegisterClient',
      'EventAck',
      'Disconnected',
    ]);
    expect(steps[3]?.payload).toMatchObject({ clientName: 'desk-2' });
    expect(steps[4]?.payload).toMatchObject({ errorCode: 2 });
    expect(steps[5]?.payload).toMatchObject({
      clientName: 'desk-1',
      clientType: 'AgentApplication',
    });
  });
});

/** `Log.often` without its bounds. */
function often(write: (text: string, fields: object) => void): Log['often'] {
  return (_kind, _severity, text, fields) => write(text, fields);
}

describe('Lines that a gate has left out', () => {
  it('leave later sessions undecided, and never cause a wrong verdict', () => {
    const { sessions, recorded } = compare(flood, floodRecording);
    const differing = recorded.filter(({ session, verdict }) => {
      const seen = sessions.get(session)?.summary.verdict;
      return seen !== undefined && seen !== verdict;
    });
    expect(differing.map(({ verdict }) => verdict)).toEqual(['spoke-first', 'silent', 'left']);
    for (const { session } of differing) {
      expect(sessions.get(session)?.summary).toMatchObject({
        verdict: 'undecided',
        missing: 'gap',
      });
    }
  });

  const full = Array.from({ length: 20 }, (_, index) =>
    refused(index / 10, `a-${index}`, 'not-registered'),
  ).join('');
  const verdictOf = (text: string, session: string) =>
    observeText(ixgateLogFormat, text).sessions.get(session)?.summary.verdict;
  const silent = (seconds: number) =>
    disconnected(seconds, 'b', 'registration-timeout', { durationMs: 1_000 });

  it('may be there once twenty of a kind stand there, until ten seconds are over', () => {
    expect(verdictOf(full + silent(5), 'b')).toBe('undecided');
    expect(verdictOf(full + silent(12), 'b')).toBe('silent');
    expect(verdictOf(full.slice(full.indexOf('\n') + 1) + silent(5), 'b')).toBe('silent');
  });

  it('are counted from zero after a line reports their number', () => {
    const report = line(3, 'suppressed', {
      of: 'refused',
      errorName: 'not-registered',
      suppressed: 2,
    });
    expect(verdictOf(full + report + silent(5), 'b')).toBe('silent');
  });

  it('may belong to any session that is open when that is reported', () => {
    const report = line(3, 'suppressed', {
      of: 'disconnected',
      reason: 'peer-closed',
      suppressed: 2,
    });
    const { events } = readText(ixgateLogFormat, report);
    expect(events.at(-1)).toMatchObject({ type: 'missing', reason: 'gap', peer: null });
    const other = line(3, 'suppressed', { of: 'connection-rejected', suppressed: 2 });
    expect(readText(ixgateLogFormat, other).counts).toMatchObject({ used: 0, ignored: 1 });
  });

  it('are missing where a client was refused and no line reports it', () => {
    const end = disconnected(5, 'b', 'rejection-timeout', { durationMs: 900, clientName: 'x' });
    expect(verdictOf(end, 'b')).toBe('undecided');
  });
});

describe('What a gate has logged', () => {
  const observe = (text: string) => observeText(ixgateLogFormat, text);

  it('says that a client asked and was not answered: it has a name', () => {
    const { sessions, steps, findings } = observe(
      disconnected(5, 'a', 'registration-timeout', { durationMs: 4_000, clientName: 'desk-1' }),
    );
    expect(sessions.get('a')).toMatchObject({
      client: 'desk-1',
      inferred: ['connect', 'request'],
      registrationDeadline: 4_000,
      summary: { verdict: 'never-answered' },
    });
    expect(steps.map(({ at }) => time((at - 1_784_989_800_000) / 1_000))).toEqual([
      time(1),
      time(1),
      time(5),
    ]);
    expect(findings).toMatchObject([{ code: 'registration-unanswered' }]);
  });

  it('dates what was asked no earlier than the line before', () => {
    const end = { durationMs: 4_000, clientName: 'desk-1' };
    const { steps, events } = observe(
      refused(1, 'a', 'not-registered') +
        refused(2, 'a', 'not-registered') +
        disconnected(5, 'a', 'rejection-timeout', end) +
        refused(6, 'a', 'invalid-client'),
    );
    expect(steps[5]).toMatchObject({ name: 'RequestRegisterClient', at: Date.parse(time(2)) });
    expect(events.filter(({ type }) => type === 'connected')).toHaveLength(2);
  });

  it('dates what is known late without the time going backwards', () => {
    const { findings } = observe(
      refused(4, 'a', 'invalid-client') +
        disconnected(5, 'b', 'peer-closed', { durationMs: 4_000 }) +
        disconnected(6, 'c', 'peer-closed', { durationMs: 5_000, clientName: 'x' }) +
        disconnected(7, 'a', 'rejection-timeout', { durationMs: 3_000 }),
    );
    expect(findings.map(({ code }) => code)).toEqual(['registration-unanswered']);
  });

  it('dates a connection by how long it took to register', () => {
    const ageOf = (words: string) => {
      const text = JSON.stringify({
        ...{ level: 'info', time: time(9), event: 'registered', session: 'a', clientName: 'x' },
        ...{ clientType: 'Proxy', msg: `registered x after 9 ms (Proxy) tcp 1:2 after ${words}` },
      });
      return Date.parse(time(9)) - (observe(`${text}\n`).steps[0]?.at ?? 0);
    };
    expect(ageOf('12 ms')).toBe(12);
    expect(ageOf('3.4 s')).toBe(3_400);
    expect(ageOf('2 min 5 s')).toBe(0);
  });

  it('dates a connection by the durationMs of newer gates, whose text may change', () => {
    const fields = { session: 'a', clientName: 'x', clientType: 'Proxy', durationMs: 2_500 };
    const [first] = observe(line(9, 'registered', fields)).steps;
    expect(Date.parse(time(9)) - (first?.at ?? 0)).toBe(2_500);
  });

  it('is not judged by the second half of a session that began in the file before', () => {
    const first = line(10, 'log-rotated', { file: 'a', rotated: 'b', reason: 'size' });
    const end = (session: string, durationMs: number) =>
      disconnected(12, session, 'peer-closed', { durationMs, clientName: session });
    const { sessions } = observe(first + end('before', 2_500) + end('here', 1_500));
    const verdicts = [...sessions.values()].map(({ summary }) => summary.verdict);
    expect(verdicts).toEqual(['undecided', 'closed-before-answer']);
    const known = observe(line(10, 'registered', { session: 'before' }) + end('before', 2_500));
    expect([...known.sessions.values()]).toHaveLength(1);
  });

  it('is known by the first line of a file', () => {
    const head = `{"logSchema":1,"level":"info","time":"${time(1)}","event":"log-rotated"}`;
    expect(ixgateLogFormat.recognises([head])).toBe(true);
    expect(ixgateLogFormat.recognises([head.replace('logSchema', 'other')])).toBe(false);
  });

  it('tells who ended a connection', () => {
    const byOf = (reason: string) =>
      readText(ixgateLogFormat, disconnected(1, 'a', reason)).events.at(-1);
    expect(byOf('peer-closed')).toMatchObject({ by: 'client', reason: 'peer-closed' });
    expect(byOf('transport-error')).toMatchObject({ by: null });
    expect(byOf('slow-reader')).toMatchObject({ by: 'server' });
    expect(byOf('drained')).toMatchObject({ by: 'server' });
  });

  it('has no name for a message that it does not tell', () => {
    const nameOf = (errorDescription: string) =>
      observe(refused(1, 'a', 'not-registered', { errorDescription })).steps[1]?.name;
    const before = 'client is not registered: send RequestRegisterClient before ';
    expect(nameOf(`${before}RequestPing`)).toBe('RequestPing');
    expect(nameOf('something of a later version')).toBe('OtherMessage');
    expect(nameOf(before)).toBe('OtherMessage');
    expect(nameOf(`${before}RequestRegisterClient`)).toBe('OtherMessage');
  });

  it('starts again with each start of a gate; earlier clients are gone', () => {
    const start = (seconds: number) => line(seconds, 'listening', { endpoints: [] });
    const { sessions, events } = observe(
      start(0) + refused(1, 'a', 'invalid-client') + start(2) + refused(3, 'a', 'not-registered'),
    );
    const began = events.filter(({ type }) => type === 'began');
    expect(began).toMatchObject([{ isWhole: true }, { isWhole: true }]);
    expect(events.filter(({ type }) => type === 'connected')).toHaveLength(2);
    expect([...sessions.values()].map(({ summary }) => summary.verdict)).toEqual([
      'refused',
      'spoke-first',
    ]);
    expect(readText(ixgateLogFormat, refused(1, 'a', 'x')).events[0]).toMatchObject({
      type: 'began',
      isWhole: false,
    });
  });

  it('is damaged where a line is invalid; lines of other programs are ignored', () => {
    const lines = [
      disconnected(1, 'a', 'no such reason'),
      disconnected(1, 'a', 'toString'),
      disconnected(1, 'a', 'drained', { durationMs: -1 }),
      refused(1, '', 'x'),
      '{"event":"refused","session":"a"}\n',
      '(node:7) Warning: something\n',
      '{"event":"ref\n',
    ];
    const { damages, events, counts } = readText(
      ixgateLogFormat,
      `${refused(0, 'b', 'invalid-client')}${lines.join('')}\n{"level":"info"}\n{"le`,
    );
    expect(damages.map(({ reason }) => reason)).toEqual([
      'unknown reason',
      'unknown reason',
      'no durationMs',
      'no session',
      'no time',
      'not JSON',
      'not JSON',
    ]);
    const missing = events.flatMap((event) => (event.type === 'missing' ? [event.reason] : []));
    expect(missing).toEqual([...Array(6).fill('damaged'), 'cut']);
    expect(counts).toEqual({ read: 11, used: 1, ignored: 3, damaged: 7 });
  });

  it('is distinguished from other logs', () => {
    const head = (gate ?? '').split('\n').slice(0, 3);
    expect(ixgateLogFormat.recognises(head)).toBe(true);
    expect(ixgateLogFormat.recognises(head.slice(1))).toBe(true);
    expect(ixgateLogFormat.startOf(head, { file: '-', name: null })).toBe(
      Date.parse('2026-11-26T23:55:18.965Z'),
    );
    expect(ixgateLogFormat.recognises(['{"level":30,"time":1,"msg":"of another"}'])).toBe(false);
    expect(ixgateLogFormat.recognises([line(1, 'refused', {})])).toBe(false);
    expect(ixgateLogFormat.recognises(['', 'text', '{'])).toBe(false);
  });
});
