import { defaultDelays } from '../../../machines/registration/chart/seat.js';
import { figureClients } from '../../../machines/registration/figures/play.js';
import { kindOf } from '../../../machines/registration/sut/inputs.js';
import type { ExpectedStep } from '../../../machines/registration/sut/server-model.js';
import type { Case } from '../../../machines/registration/sut/suites.js';
import { chartTimerPolicy } from '../../../machines/registration/sut/timer-policy.js';
import { type ServerConnection, withServerConnection } from '../server-connection.js';
import type { FigureTarget } from '../target.js';
import { CaseWatch, type Ending, late } from './case-watch.js';
import { marginFor, type PlayCaseOptions } from './options.js';
import type { CaseResult, SeenArrow } from './result.js';
import type { StallMonitor } from './stall-monitor.js';
import type { PlayedStep } from './step-difference.js';
import { TestConnection } from './test-connection.js';
import { frameFor, messageFor } from './test-frames.js';
import { TesterSession } from './tester-session.js';

/** One attempt at a case. */
export interface Played {
  /** Null when every step passed. */
  readonly ending: Ending | null;
  /** Number of steps that passed, from the first on. */
  readonly passed: number;
  readonly seen: readonly SeenArrow[];
  readonly steps: CaseResult['steps'];
}

/**
 * Plays a case once on a separate connection, until the first difference.
 * @throws {NotReachableError} when there is no connection; the signal's reason when it aborts.
 */
export async function playOnce(
  one: Case,
  target: FigureTarget,
  options: PlayCaseOptions,
  stallMonitor: StallMonitor,
): Promise<Played> {
  return await withServerConnection(target, options, (connection) =>
    new CasePlay(one, connection, options, stallMonitor).run(),
  );
}

class CasePlay {
  readonly #case: Case;
  readonly #options: PlayCaseOptions;
  readonly #connection: TestConnection;
  readonly #watch: CaseWatch;
  readonly #margin: number;
  readonly #quietPeriod: number;
  readonly #played: PlayedStep[] = [];
  #messages = 0;

  constructor(
    one: Case,
    connection: ServerConnection,
    options: PlayCaseOptions,
    stallMonitor: StallMonitor,
  ) {
    const { timeouts = defaultDelays, margin = marginFor(timeouts), onStep } = options;
    const { responseTimeout = 2_000, quietPeriod = 30, signal } = options;
    const { timerPolicy = chartTimerPolicy } = options;
    this.#case = one;
    this.#options = options;
    this.#margin = margin;
    this.#quietPeriod = quietPeriod;
    const session = new TesterSession(one.id, onStep);
    const clocks = { timeouts, timerPolicy, margin, stallMonitor };
    this.#connection = new TestConnection(connection, session, clocks);
    this.#watch = new CaseWatch(this.#connection, this.#played, {
      timeouts,
      timerPolicy,
      margin,
      responseTimeout,
      isServiceUnknown: this.#isServiceUnknown,
      signal,
    });
  }

  async run(): Promise<Played> {
    let ending: Ending | null = null;
    let passed = 0;
    for (const [index, step] of this.#case.steps.entries()) {
      ending = await this.#play(index, this.#asExpected(step));
      if (ending || this.#options.signal?.aborted) break;
      passed = index + 1;
    }
    this.#connection.end();
    const { seen, steps } = this.#connection;
    return { ending, passed, seen, steps };
  }

  async #play(index: number, step: ExpectedStep): Promise<Ending | null> {
    if (step.from === 'disconnected') return null;
    // Arrows that came since the last step belong to that step.
    const before = this.#played.at(-1) ?? this.#begin(index, step);
    const early = await this.#watch.quiet(this.#connection.elapsed, before, step.from);
    if (early) return early;
    const kind = kindOf(step.input);
    if (kind === 'time') return this.#watch.time(this.#begin(index, step));
    const deadline = this.#deadlineIn(step.from);
    if (this.#connection.elapsed > deadline - this.#margin / 4)
      return late(`the tester could not send ${step.input} well before the deadline`);
    return this.#response(this.#begin(index, step, kind));
  }

  /** Sends the message or frame of a step. A step that waits sends nothing. */
  #begin(index: number, step: ExpectedStep, kind: 'message' | 'frame' | null = null): PlayedStep {
    const { longestFrame = 65_536 } = this.#options;
    const { valid = figureClients.valid, invalid = figureClients.invalid } = this.#options;
    let sent: string | null = null;
    let referenceId: number | null = null;
    const at = this.#connection.elapsed;
    if (kind === 'message') {
      this.#messages += 1;
      referenceId = this.#messages;
      const message = messageFor(step.input, referenceId, { valid, invalid });
      sent = `${message.messageName} (reference id ${referenceId})`;
      this.#connection.send(message, index);
    } else if (kind === 'frame') {
      const frame = frameFor(step.input, this.#connection.framing, longestFrame);
      sent = `an invalid frame (${frame.description})`;
      this.#connection.sendFrame(frame, index);
    }
    const played = { index, step, sent, referenceId, at };
    const last = this.#played.at(-1);
    if (last?.index === index) this.#played.pop();
    this.#played.push(played);
    return played;
  }

  /** Waits for each expected output, and then for nothing more. */
  async #response(played: PlayedStep): Promise<Ending | null> {
    const { step } = played;
    const expected = step.output.split(' ').filter(Boolean);
    for (const output of expected) {
      if (output === 'service') continue;
      const ending =
        output === 'closed'
          ? await this.#watch.closed(played)
          : await this.#watch.answer(played, output);
      if (ending) return ending;
    }
    if (expected.includes('closed')) return null;
    const deadline = this.#deadlineIn(step.to);
    const end = this.#connection.elapsed + this.#quietPeriod;
    // Shortly before a deadline there is no time to watch: the next step meets what comes then.
    return this.#watch.quiet(Math.min(end, deadline - this.#margin), played, step.to);
  }

  /** When the deadline of a configuration expires; Infinity when none runs or the timeout is unknown. */
  #deadlineIn(configuration: string): number {
    return this.#connection.deadlineIn(configuration)?.at ?? Number.POSITIVE_INFINITY;
  }

  /** A step of the case with the answer of the service that is expected in this run. */
  #asExpected(step: ExpectedStep): ExpectedStep {
    const { answers } = this.#options;
    if (answers === undefined || !step.edges.includes('registered:OtherMessage')) return step;
    return { ...step, output: { ack: 'EventAck', none: '', any: 'service' }[answers] };
  }

  get #isServiceUnknown(): boolean {
    const { answers } = this.#options;
    if (answers !== undefined) return answers === 'any';
    return this.#case.steps.some(({ output }) => output === 'service');
  }
}
