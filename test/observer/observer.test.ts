import { describe, expect, test } from 'vitest';
import {
  type Finding,
  type ObservedEvent,
  type ObservedSession,
  Observer,
  type ObserverOptions,
  type StepRecord,
  verdictWords,
  type WireMessage,
} from '../../machines/index.js';

const dawn = Date.UTC(2026, 2, 2, 8);

/** A log, line by line: each event at its milliseconds. */
class Log {
  readonly #observer: Observer;
  readonly steps: StepRecord[] = [];
  readonly findings: Finding[] = [];
  readonly sessions: ObservedSession[] = [];
  #line = 0;

  constructor(options: ObserverOptions = {}) {
    this.#observer = new Observer({
      hasConnections: false,
      onStep: (step) => this.steps.push(step),
      onFinding: (finding) => this.findings.push(finding),
      onSession: (session) => this.sessions.push(session),
      ...options,
    });
  }

  take(at: number, event: Record<string, unknown>): this {
    this.#line += 1;
    const place = { file: 'a.log', line: this.#line };
    this.#observer.take({ at: dawn + at, place, ...event } as unknown as ObservedEvent);
    return this;
  }

  began(isWhole: boolean): this {
    return this.take(0, { type: 'began', isWhole });
  }

  connected(at: number, label: string): this {
    return this.take(at, { type: 'connected', peer: { label } });
  }

  client(at: number, label: string, message: string | WireMessage, proxy?: string): this {
    return this.take(at, {
      type: 'said',
      by: 'client',
      peer: { label, proxy },
      message: typeof message === 'string' ? { messageName: message } : message,
    });
  }

  server(at: number, label: string, message: string | WireMessage, proxy?: string): this {
    return this.take(at, {
      type: 'said',
      by: 'server',
      peer: { label, proxy },
      message: typeof message === 'string' ? { messageName: message } : message,
    });
  }

  asks(at: number, label: string, referenceId = 1, clientName = label, proxy?: string): this {
    const message = { messageName: 'RequestRegisterClient', referenceId, clientName };
    return this.client(at, label, message, proxy);
  }

  acks(at: number, label: string, referenceId = 1, proxy?: string): this {
    return this.server(at, label, { messageName: 'EventAck', referenceId }, proxy);
  }

  refuses(at: number, label: string, referenceId = 1): this {
    return this.server(at, label, {
      messageName: 'EventError',
      referenceId,
      errorCode: 2,
      errorDescription: 'client is not valid',
    });
  }

  gone(at: number, label: string, by: 'client' | 'server' | null = null): this {
    return this.take(at, { type: 'disconnected', peer: { label }, by });
  }

  over(): this {
    this.#observer.end();
    return this;
  }

  /** Each session's client and its verdict in words, in the order of the reports. */
  get verdicts(): string[] {
    return this.sessions.map(({ client, summary }) => `${client}: ${verdictWords(summary)}`);
  }

  get codes(): string[] {
    return this.findings.map(({ code }) => code);
  }
}

describe('the verdict of a session', () => {
  const whole = () => new Log().began(true);
  test.each([
    ['registered', () => whole().connected(0, '5').asks(10, 'a').acks(12, 'a').gone(99, 'a')],
    [
      'refused (2a)',
      () => whole().connected(0, '5').asks(10, 'a').refuses(12, 'a').gone(99, 'a', 'server'),
    ],
    [
      'sent a message before registering (2b)',
      () =>
        whole()
          .connected(0, '5')
          .client(10, 'a', 'RequestSubmit')
          .refuses(12, 'a')
          .gone(99, 'a', 'server'),
    ],
    [
      'refused, then sent a message (2c)',
      () =>
        whole()
          .connected(0, '5')
          .asks(10, 'a')
          .refuses(12, 'a')
          .client(20, 'a', 'RequestSubmit')
          .refuses(22, 'a')
          .gone(99, 'a', 'server'),
    ],
    ['never registered (timed out)', () => whole().connected(0, 'a').gone(99, 'a', 'server')],
    ['closed before asking', () => whole().connected(0, 'a').gone(99, 'a')],
    ['closed before the answer', () => whole().connected(0, '5').asks(10, 'a').gone(99, 'a')],
    ['never answered', () => whole().connected(0, '5').asks(10, 'a').gone(99, 'a', 'server')],
    ['waiting to register', () => whole().connected(0, '5').asks(10, 'a').over()],
    [
      'unclear: the log is incomplete (it begins in the middle of the session)',
      () => new Log().began(false).client(10, 'a', 'RequestSubmit').gone(99, 'a'),
    ],
    [
      'unclear: the log is incomplete (a line is masked)',
      () =>
        whole()
          .connected(0, '5')
          .take(3, { type: 'missing', peer: null, reason: 'masked' })
          .gone(99, '5'),
    ],
  ])('%s', (words, play) => {
    expect(play().sessions.map(({ summary }) => verdictWords(summary))).toEqual([words]);
  });
});

describe('who is meant', () => {
  test('a number that is an open connection is that one', () => {
    const log = new Log().connected(0, '5').connected(1, '6').asks(2, '6', 1, 'b').acks(3, 'b');
    log.gone(4, '5').gone(5, 'b');
    expect(log.verdicts).toEqual(['5: closed before asking', 'b: registered']);
    expect(log.sessions.map(({ inferred }) => inferred)).toEqual([[], []]);
  });

  test('a name that is not known yet is the only connection without one', () => {
    const log = new Log().connected(0, '5').asks(2, 'a').acks(3, 'a').gone(4, 'a');
    expect(log.sessions[0]).toMatchObject({ client: 'a', inferred: [] });
    expect(log.steps.map(({ session }) => session)).toEqual(['5@1', '5@1', '5@1', '5@1']);
  });

  test('of several without a name the oldest of the last second, and that is marked', () => {
    const log = new Log().connected(0, '4').connected(5_000, '5').connected(5_010, '6');
    log.asks(5_020, 'a').acks(5_021, 'a').asks(5_022, 'b').acks(5_023, 'b').over();
    expect(log.sessions.map(({ summary, client }) => [summary.session, client])).toEqual([
      ['4@1', '4'],
      ['5@2', 'a'],
      ['6@3', 'b'],
    ]);
    expect(log.sessions.map(({ inferred }) => inferred)).toEqual([
      [],
      ['connection'],
      ['connection'],
    ]);
  });

  test('of several that are older the newest', () => {
    const log = new Log().connected(0, '4').connected(10, '5').asks(5_000, 'a').over();
    expect(log.sessions.map(({ client }) => client)).toEqual(['4', 'a']);
  });

  test('one that goes by its number, where others go by their names, has no name: the numbers are exchanged', () => {
    const log = new Log().connected(0, '3').asks(1, 'z').gone(2, 'z');
    log.connected(10, '4').connected(20, '5').asks(30, 'a').acks(31, 'a');
    log.gone(99, '4', 'server').gone(200, 'a');
    expect(log.verdicts).toEqual([
      'z: closed before the answer',
      '4: never registered (timed out)',
      'a: registered',
    ]);
    expect(log.sessions[1]?.inferred).toContain('connection');
  });

  test('where all clients disconnect under their number, a client keeps the connection assigned to it', () => {
    const log = new Log().connected(10, '4').connected(20, '5').asks(30, 'a').acks(31, 'a');
    log.gone(99, '4').gone(200, '5');
    expect(log.verdicts).toEqual(['a: registered', '5: closed before asking']);
  });

  test('a client that began before the log and asks to register has connected again', () => {
    const log = new Log().began(false).client(1, 'a', 'RequestSubmit').asks(5, 'a').acks(6, 'a');
    log.over();
    expect(log.verdicts).toEqual([
      'a: unclear: the log is incomplete (it begins in the middle of the session)',
      'a: registered',
    ]);
  });

  test('only a client behind a proxy ends by saying that it leaves', () => {
    const log = new Log().connected(0, '4').asks(1, 'a').acks(2, 'a');
    log.client(3, 'a', 'RequestUnregisterClient').client(4, 'a', 'RequestSubmit').over();
    expect(log.sessions).toHaveLength(1);
    expect(log.sessions[0]?.summary.reason).toBeNull();
  });

  test('a registered client that asks again, while a connection has no name, is that connection', () => {
    const log = new Log().connected(0, '4').asks(1, 'a').acks(2, 'a').connected(10, '5');
    log.asks(11, 'a', 7).refuses(12, 'a', 7).over();
    expect(log.verdicts).toEqual(['a: registered', 'a: refused (2a)']);
  });

  test('of two of one name an answer is for the one that asked with its reference id, an end is of the older', () => {
    const log = new Log().connected(0, '4').asks(1, 'a', 1).acks(2, 'a', 1).client(3, 'a', {
      messageName: 'RequestSubmit',
      referenceId: 2,
    });
    log.connected(10, '5').asks(11, 'a', 50);
    log.server(12, 'a', { messageName: 'EventAck', referenceId: 2 }).acks(13, 'a', 50);
    log.gone(20, 'a').gone(30, 'a');
    expect(log.codes).toEqual([]);
    expect(log.verdicts).toEqual(['a: registered', 'a: registered']);
    expect(log.sessions.map(({ summary }) => summary.session)).toEqual(['4@1', '5@5']);
    expect(log.sessions[0]?.inferred).toEqual(['connection']);
  });

  test("the server's own close, and the line that says the client is gone, are one end", () => {
    const log = new Log().began(true).connected(0, '4').asks(1, 'a').refuses(2, 'a');
    log.gone(50, 'a', 'server').gone(51, 'a');
    expect(log.verdicts).toEqual(['a: refused (2a)']);
    expect(log.codes).toEqual([]);
  });

  test('a client behind a proxy is a separate session, and ends with the proxy', () => {
    const log = new Log().began(true).connected(0, '4').asks(1, 'px').acks(2, 'px');
    log.asks(10, 'a', 1, 'a', 'px').acks(11, 'a', 1, 'px').asks(12, 'b', 2, 'b', 'px');
    log.server(13, 'b', { messageName: 'EventError', referenceId: 2, errorCode: 2 }, 'px');
    log.client(14, 'a', { messageName: 'RequestUnregisterClient', referenceId: 3 }, 'px');
    log.gone(20, 'px');
    expect(log.verdicts).toEqual(['a: registered', 'px: registered', 'b: refused (2a)']);
    expect(log.sessions.map(({ proxy }) => proxy)).toEqual(['px', null, 'px']);
    expect(log.codes).toEqual([]);
  });

  test('one that asks to register without a connect line has connected no later than this', () => {
    const log = new Log().began(false).asks(5, 'a').acks(9, 'a').over();
    expect(log.sessions[0]).toMatchObject({ client: 'a', inferred: ['connect'], answeredAfter: 4 });
    expect(log.steps[0]?.observed?.inferred).toEqual(['connect']);
  });

  test('a server that starts again has no connections', () => {
    const log = new Log().began(true).connected(0, '4').asks(1, 'a').began(true);
    log.connected(9, '4').asks(10, 'a').acks(11, 'a').over();
    expect(log.verdicts).toEqual([
      'a: unclear: the log is incomplete (a part is missing)',
      'a: registered',
    ]);
    expect(log.sessions[0]?.inferred).toEqual(['end']);
  });

  test('where each label is a connection, the name of the client does not matter', () => {
    const log = new Log({ hasConnections: true }).connected(0, 's-1').connected(1, 's-2');
    log.asks(2, 's-2', 1, 's-1').acks(3, 's-2').gone(4, 's-1').gone(5, 's-2');
    expect(log.sessions.map(({ summary }) => [summary.session, summary.verdict])).toEqual([
      ['s-1', 'left'],
      ['s-2', 'registered'],
    ]);
  });
});

describe('a finding', () => {
  const whole = () => new Log().began(true);
  const open = () => whole().connected(0, '5').asks(10, 'a');
  test.each<[string, () => Log]>([
    ['message-before-connection', () => whole().client(1, 'a', 'RequestSubmit').over()],
    ['message-before-connection', () => whole().connected(0, '5').gone(1, '5').asks(2, 'a').over()],
    ['disconnect-before-connection', () => whole().gone(1, 'a')],
    ['connected-twice', () => whole().connected(0, '5').connected(1, '5').over()],
    ['answer-without-request', () => open().refuses(11, 'a').acks(12, 'a').over()],
    ['answer-without-request', () => open().acks(11, 'a').acks(12, 'a').over()],
    [
      'acknowledged-unregistered',
      () => whole().connected(0, '5').client(1, 'a', 'RequestSubmit').server(2, 'a', 'EventAck'),
    ],
    ['event-to-unregistered', () => open().server(11, 'a', 'EventPlacedInQueue')],
    ['request-before-answer', () => open().client(11, 'a', 'RequestSubmit').acks(12, 'a')],
    ['registration-unanswered', () => open().gone(50, 'a')],
    [
      'request-unanswered',
      () => whole().connected(0, '5').client(1, 'a', 'RequestSubmit').gone(9, 'a'),
    ],
    [
      'registered-without-answer',
      () =>
        open()
          .take(11, { type: 'registered', peer: { label: 'a' } })
          .refuses(12, 'a'),
    ],
    [
      'registered-without-request',
      () =>
        whole()
          .connected(0, '5')
          .take(11, { type: 'registered', peer: { label: '5' } }),
    ],
    ['wrong-reference-id', () => open().acks(11, 'a', 8).over()],
    ['traffic-after-disconnect', () => open().acks(11, 'a').gone(12, 'a').client(13, 'a', 'X')],
    ['unknown-proxy', () => whole().asks(1, 'a', 1, 'a', 'px')],
    [
      'unknown-client-unregistered',
      () => whole().take(1, { type: 'reported', peer: null, code: 'unknown-client-unregistered' }),
    ],
    ['time-backwards', () => whole().connected(5_000, '5').connected(3_999, '6').over()],
  ])('%s', (code, play) => {
    const log = play();
    expect(log.codes).toEqual([code]);
    expect(log.findings[0]).toMatchObject({ file: 'a.log', line: expect.any(Number) });
  });

  test('stands at its step', () => {
    const log = open().refuses(11, 'a').acks(12, 'a');
    expect(log.findings[0]).toMatchObject({ session: '5@2', client: 'a', line: 5 });
    expect(log.steps.at(-1)?.observed).toMatchObject({
      line: 5,
      findings: [{ code: 'answer-without-request', sentence: expect.stringContaining('EventAck') }],
    });
  });

  test('a recording that says something else than the chart', () => {
    const log = new Log({ hasConnections: true }).connected(0, 's');
    log.take(1, {
      type: 'said',
      by: 'client',
      peer: { label: 's' },
      message: { messageName: 'X' },
      recorded: { from: 'awaiting/registration', to: 'registered' },
    });
    expect(log.codes).toEqual(['recording-differs']);
  });

  test('none of what is not there is one where a part of the log is missing', () => {
    const log = open().take(11, { type: 'missing', peer: null, reason: 'damaged' });
    log.acks(12, 'a').client(13, 'a', 'RequestSubmit').gone(14, 'a');
    expect(log.codes).toEqual([]);
    expect(log.verdicts).toEqual(['a: registered']);
  });

  test('what is missing of one client says nothing of another', () => {
    const log = whole().connected(0, '5').connected(1, '6');
    log.take(2, { type: 'missing', peer: { label: '5' }, reason: 'masked' });
    log.gone(3, '5').gone(4, '6').connected(5, '7').asks(6, '7').over();
    expect(log.verdicts).toEqual([
      '5: unclear: the log is incomplete (a line is masked)',
      '6: closed before asking',
      '7: waiting to register',
    ]);
  });

  test('what is missing after the registration, or before the end of one that is open, decides nothing', () => {
    const log = whole().connected(0, '5').asks(1, 'a').acks(2, 'a').connected(3, '6');
    log.take(4, { type: 'missing', peer: null, reason: 'masked' }).gone(5, 'a');
    log.asks(6, '6').over();
    expect(log.verdicts).toEqual(['a: registered', '6: waiting to register']);
    expect(log.sessions[0]?.summary.missing).toBeNull();
  });

  test('is not raised for an unsolicited error before the server closes', () => {
    const busy = { messageName: 'EventError', referenceId: null, errorCode: 6 };
    expect(whole().connected(0, '5').server(1, '5', busy).gone(2, '5', 'server').codes).toEqual([]);
  });

  test('none is that a registered client is answered of whose requests some were forgotten', () => {
    const log = open().acks(11, 'a');
    const ask = (referenceId: number) =>
      log.client(12, 'a', { messageName: 'RequestSubmit', referenceId });
    for (let id = 2; id <= 1_002; id += 1) ask(id);
    expect(log.acks(13, 'a', 1_002).acks(14, 'a', 5).codes).toEqual([]);
  });

  test('none is that the log says registered once more, or of one whose beginning it has not', () => {
    const said = (label: string) => ({ type: 'registered', peer: { label } });
    expect(open().acks(11, 'a').take(12, said('a')).codes).toEqual([]);
    const log = new Log().began(false).client(1, 'b', 'RequestSubmit').take(2, said('b'));
    expect(log.codes).toEqual([]);
  });

  test('of traffic after the end covers the last ten thousand ended sessions', () => {
    const log = whole();
    for (let client = 0; client < 10_000; client += 1) {
      log.connected(1, `${client}`).gone(1, `${client}`);
    }
    expect(log.client(2, '0', 'X').client(2, '9999', 'X').codes).toEqual([
      'traffic-after-disconnect',
      'traffic-after-disconnect',
    ]);
  });

  test('is not raised when the time goes back by at most a second', () => {
    expect(whole().connected(5_000, '5').connected(4_000, '6').codes).toEqual([]);
  });
});

describe('the deadlines', () => {
  test('of a server are not known: that it closed because of one is marked', () => {
    const log = new Log().connected(0, '5').gone(30_000, '5', 'server');
    expect(log.sessions[0]).toMatchObject({
      inferred: ['deadline'],
      registrationDeadline: 30_000,
      rejectionDeadline: null,
    });
    expect(log.steps.at(-1)).toMatchObject({ kind: 'timer', reason: 'registration-timeout' });
  });

  test('of a client that was refused counts from the first error', () => {
    const log = new Log().connected(0, '5').asks(100, 'a').refuses(200, 'a').refuses(900, 'a');
    log.gone(5_200, 'a', 'server');
    expect(log.sessions[0]).toMatchObject({ registrationDeadline: null, rejectionDeadline: 5_000 });
  });

  test('that are known: what was closed in time is not marked, what stayed longer is a finding', () => {
    const known = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
    const log = new Log(known).connected(0, '5').gone(9_600, '5', 'server');
    log.connected(20_000, '6').asks(20_100, 'a').refuses(20_200, 'a').gone(26_200, 'a', 'server');
    log.connected(40_000, '7').gone(50_400, '7', 'server');
    expect(log.sessions.map(({ inferred }) => inferred)).toEqual([[], [], []]);
    expect(log.sessions.map(({ summary }) => summary.reason)).toEqual([
      'registration-timeout',
      'rejection-timeout',
      'registration-timeout',
    ]);
    expect(log.findings.map(({ sentence }) => sentence)).toEqual([
      'a stayed 1.0 s longer than the rejection deadline of 5.0 s',
    ]);
    expect(log.steps[0]?.deadline).toBe(10_000);
  });

  test('that are known: a server that closes before them does so for another reason', () => {
    const log = new Log({ registrationTimeout: 10_000 })
      .connected(0, '5')
      .gone(2_000, '5', 'server');
    expect(log.sessions[0]?.summary).toMatchObject({ verdict: 'left', reason: 'server-closed' });
  });

  test('that a recording names, and that did not run, is not what ended it', () => {
    const log = new Log().connected(0, '5').asks(1, 'a').acks(2, 'a');
    log.take(9, {
      type: 'disconnected',
      peer: { label: 'a' },
      by: 'server',
      reason: 'rejection-timeout',
    });
    expect(log.sessions[0]?.summary.reason).toBe('server-closed');
  });

  test('that are known: a client that is still connected at the end of the log, or registers later, stayed longer', () => {
    const log = new Log({ registrationTimeout: 10_000 }).connected(0, '5').connected(1, '6');
    log.asks(15_000, '6', 1, 'b').acks(15_001, 'b').over();
    expect(log.codes).toEqual(['deadline-overrun', 'deadline-overrun']);
  });
});

describe('a client that does not wait for its answers', () => {
  test('is answered in order', () => {
    const log = new Log().connected(0, '5').client(1, 'a', { messageName: 'X', referenceId: 1 });
    log.asks(2, 'a', 2).refuses(3, 'a', 1).acks(4, 'a', 2).over();
    expect(log.verdicts).toEqual(['a: registered']);
    expect(log.codes).toEqual(['request-before-answer']);
    expect(log.steps.map(({ name }) => name)).toEqual([
      'Connected',
      'X',
      'EventError',
      'RequestRegisterClient',
      'EventAck',
    ]);
  });

  test('is heard to the end, even if it goes before it is answered', () => {
    const log = new Log().connected(0, '5').asks(1, 'a').client(2, 'a', 'RequestSubmit');
    log.gone(3, 'a');
    expect(log.steps.map(({ name }) => name)).toEqual([
      'Connected',
      'RequestRegisterClient',
      'RequestSubmit',
      'Disconnected',
    ]);
  });

  test('is remembered for no more than a hundred messages', () => {
    const log = new Log().connected(0, '5').asks(1, 'a');
    for (let message = 0; message < 150; message += 1) log.client(2, 'a', 'X');
    expect(log.steps).toHaveLength(52);
  });
});

describe('a reported step', () => {
  test('has no value of an extension in it', () => {
    const log = new Log().connected(0, '5').client(1, 'a', {
      messageName: 'RequestRegisterClient',
      extension: { pin: '1234' },
    });
    expect(log.steps.at(-1)?.payload?.extension).toEqual({ pin: '***' });
  });
});

describe('the time to answer', () => {
  test('of a client that only spoke is that of its first message', () => {
    const log = new Log().connected(0, '5').client(10, 'a', 'X').refuses(13, 'a');
    log.client(20, 'a', 'X').refuses(29, 'a').over();
    expect(log.sessions[0]?.answeredAfter).toBe(3);
  });

  test('is that of the last request to register, however often it was refused before', () => {
    const log = new Log().connected(0, '5').client(5, 'a', 'X').refuses(6, 'a');
    log.asks(10, 'a').refuses(13, 'a').asks(20, 'a').acks(29, 'a').over();
    expect(log.sessions[0]?.answeredAfter).toBe(9);
  });
});
