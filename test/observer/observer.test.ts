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

  /** Each session's client and its verdict in words, in the order in which they were told. */
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
      'spoke before registering (2b)',
      () =>
        whole()
          .connected(0, '5')
          .client(10, 'a', 'RequestSubmit')
          .refuses(12, 'a')
          .gone(99, 'a', 'server'),
    ],
    [
      'refused, then spoke (2c)',
      () =>
        whole()
          .connected(0, '5')
          .asks(10, 'a')
          .refuses(12, 'a')
          .client(20, 'a', 'RequestSubmit')
          .refuses(22, 'a')
          .gone(99, 'a', 'server'),
    ],
    ['silent until the deadline', () => whole().connected(0, 'a').gone(99, 'a', 'server')],
    ['closed before asking', () => whole().connected(0, 'a').gone(99, 'a')],
    ['closed before the answer', () => whole().connected(0, '5').asks(10, 'a').gone(99, 'a')],
    ['never answered', () => whole().connected(0, '5').asks(10, 'a').gone(99, 'a', 'server')],
    ['still open', () => whole().connected(0, '5').asks(10, 'a').over()],
    [
      'not decidable, because the log begins in the middle of it',
      () => new Log().began(false).client(10, 'a', 'RequestSubmit').gone(99, 'a'),
    ],
    [
      'not decidable, because a line of it is masked',
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
