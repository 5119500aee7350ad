import type { ServiceAnswer } from '../../../machines/registration/sut/inputs.js';
import { ServerModel } from '../../../machines/registration/sut/server-model.js';
import type { Case } from '../../../machines/registration/sut/suites.js';
import { toError } from '../../runtime/errors.js';
import { NotReachableError } from '../errors.js';
import { CaseAttempts, defaultAttempts } from './case-attempts.js';
import { playOnce } from './case-play.js';
import { CaseQueue } from './case-queue.js';
import { EdgeVerdicts } from './edge-verdicts.js';
import { Failures } from './failures.js';
import type { MeasuredTimeouts } from './measure.js';
import type { ConformOptions, ServerTimeouts } from './options.js';
import { playCase } from './play-case.js';
import { PolicyLearner } from './policy-learner.js';
import { playForPolicy } from './policy-play.js';
import type { CaseDifference, CaseResult, ConformReport } from './result.js';
import { shrink } from './shrink.js';
import type { StallMonitor } from './stall-monitor.js';
import { notConnected, notMeasured } from './unplayed-cases.js';

/** Maximum number of kinds of failures that are shrunk. */
const maxShrunk = 20;
/** Number of consecutive failed connections after which the server counts as gone. */
const maxUnreachable = 8;
/** Maximum number of unconfirmed differences in the report. */
const maxUnconfirmed = 100;

export interface RunOptions extends ConformOptions {
  readonly answers: ServiceAnswer;
  readonly margin: number;
}

/** One suite against one server. */
export class ConformRun {
  readonly #options: RunOptions;
  readonly #timeouts: ServerTimeouts;
  readonly #model: ServerModel;
  readonly #stallMonitor: StallMonitor;
  readonly #learner: PolicyLearner;
  readonly #verdicts = new EdgeVerdicts();
  readonly #failures = new Failures();
  readonly #inconclusive = new Map<string, number>();
  readonly #unconfirmed: CaseDifference[] = [];
  readonly #counts = { passed: 0, failed: 0, inconclusive: 0, skipped: 0 };
  /** Number of cases that this process was too late to judge. */
  #late = 0;
  #inputs = 0;
  #connections = 0;
  /** Number of consecutive failed connections. */
  #unreachable = 0;

  /** @param measured both timeouts, when they were measured. */
  constructor(
    options: RunOptions,
    timeouts: ServerTimeouts,
    measured: MeasuredTimeouts | null,
    stallMonitor: StallMonitor,
  ) {
    this.#options = options;
    this.#timeouts = timeouts;
    this.#stallMonitor = stallMonitor;
    this.#model = new ServerModel({ answers: options.answers });
    const { margin, attempts = defaultAttempts, learnTimerPolicy = true } = options;
    this.#learner = new PolicyLearner({ timeouts, margin, attempts }, measured);
    if (!learnTimerPolicy) this.#learner.stop('learning is switched off');
    if (measured) this.#addMeasured(measured);
  }

  /** A timeout that did not end a connection is a separate failure: no case can wait for it. */
  #addMeasured({ registration, rejection }: MeasuredTimeouts): void {
    const { registrationTimeout, rejectionTimeout } = this.#options;
    const failed = [
      registrationTimeout === undefined && notMeasured(this.#model, ['silence'], registration),
      rejectionTimeout === undefined && notMeasured(this.#model, ['other', 'silence'], rejection),
    ];
    for (const result of failed) if (result) this.#fail(result);
  }

  /**
   * Learns the timer policy and plays the cases, concurrently. Late cases are played again at the end, with fewer connections at once.
   */
  async play(): Promise<void> {
    const { suite, connections = 16, attempts = defaultAttempts } = this.#options;
    const cases = new CaseQueue(suite, this.#learner);
    let again: CaseAttempts[] = [];
    await this.#concurrently(connections, async () => {
      if (await this.#learn()) return true;
      const next = await cases.next();
      if (next === null) return false;
      if (next === 'learning') {
        await this.#learner.changed();
        return true;
      }
      const one = new CaseAttempts(next);
      if (!(await this.#playOnce(one))) again.push(one);
      return true;
    });
    for (let round = 1; round < attempts && !this.#isOver; round += 1) {
      const waiting = again;
      again = [];
      await this.#concurrently(Math.ceil(connections / 4 ** round), async () => {
        const one = waiting.shift();
        if (!one) return false;
        if (!(await this.#playOnce(one))) again.push(one);
        return true;
      });
    }
    if (this.#isOver) return;
    for (const one of again) this.#add(one.giveUp());
  }

  /** Shrinks the session of each failure. */
  async shrink(): Promise<void> {
    const { replays: maxReplays = 30, connections = 16, onProgress } = this.#options;
    const waiting = this.#failures.kinds.slice(0, maxShrunk);
    const total = waiting.length;
    const found: { kind: string; shortest: CaseResult; replays: number }[] = [];
    await this.#concurrently(connections, async () => {
      const kind = waiting.shift();
      const shortest = kind === undefined ? undefined : this.#failures.shortestOf(kind);
      if (kind === undefined || !shortest) return false;
      onProgress?.({ phase: 'shrinking', done: total - waiting.length - 1, total });
      try {
        found.push({
          kind,
          ...(await shrink(shortest, this.#model, (one) => this.#replay(one), maxReplays)),
        });
      } catch (error) {
        if (!this.#isAborted && !(error instanceof NotReachableError)) throw error;
      }
      return true;
    });
    for (const { kind, shortest, replays } of found)
      this.#failures.replaceShortest(kind, shortest, replays);
  }

  report(elapsed: number): ConformReport {
    const { target, suite, answers, documentedOnly = false } = this.#options;
    const { registrationTimeout, rejectionTimeout } = this.#options;
    const failures = this.#failures.all;
    const counted = failures.filter(({ isDocumented }) => isDocumented || !documentedOnly);
    return {
      target: target.name,
      criterion: suite.criterion,
      guarantee: suite.guarantee,
      seed: suite.seed,
      answers,
      passed: counted.length === 0 && this.#late === 0 && !this.#isAborted,
      documentedOnly,
      interrupted: this.#isAborted,
      timeouts: {
        registration: used(this.#timeouts.registrationTimeout, registrationTimeout),
        rejection: used(this.#timeouts.rejectionTimeout, rejectionTimeout),
      },
      timerPolicy: this.#learner.report(),
      cases: { total: suite.cases, ...this.#counts },
      inputs: this.#inputs,
      connections: this.#connections,
      edges: this.#verdicts.edges,
      failures,
      undocumented: this.#verdicts.undocumented,
      inconclusive: [...this.#inconclusive].map(([reason, count]) => ({ reason, count })),
      unconfirmed: this.#unconfirmed,
      elapsed,
    };
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  get #isOver(): boolean {
    return this.#isAborted || this.#unreachable >= maxUnreachable;
  }

  /** Runs work concurrently until it returns false. @throws the first error of the work, when all of it has ended. */
  async #concurrently(count: number, work: () => Promise<boolean>): Promise<void> {
    const workers = Array.from({ length: Math.max(1, count) }, async () => {
      while (!this.#isOver && (await work()));
    });
    const ended = await Promise.allSettled(workers);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }

  /** Plays a connection that shows the timer policy. @returns false when none waits. */
  async #learn(): Promise<boolean> {
    const { target } = this.#options;
    const play = this.#learner.take();
    if (!play) return false;
    this.#connections += 1;
    const options = { ...this.#options, timeouts: this.#timeouts };
    try {
      this.#learner.add(play, await playForPolicy(play, target, options, this.#stallMonitor));
    } catch (error) {
      this.#learner.stop(this.#isAborted ? 'the run was interrupted' : toError(error).message);
      if (!this.#isAborted && !(error instanceof NotReachableError)) throw error;
    }
    return true;
  }

  /** @returns false when the case must be played again. */
  async #playOnce(attempts: CaseAttempts): Promise<boolean> {
    const { target } = this.#options;
    const one = attempts.case;
    if (this.#failures.hasFailedPrefix(one)) {
      this.#counts.skipped += 1;
      this.#reportProgress();
      return true;
    }
    try {
      this.#connections += 1;
      const result = attempts.add(
        await playOnce(
          one,
          target,
          { ...this.#options, timeouts: this.#timeouts, timerPolicy: this.#learner.policy },
          this.#stallMonitor,
        ),
      );
      this.#unreachable = 0;
      if (!result) return false;
      this.#add(result);
    } catch (error) {
      if (this.#isAborted) return true;
      if (!(error instanceof NotReachableError)) throw error;
      this.#unreachable += 1;
      this.#add(notConnected(one, error));
    }
    return true;
  }

  /** Plays a candidate of shrinking. It is not a case of the suite. */
  async #replay(one: Case): Promise<CaseResult> {
    const { onStep: _, target, ...options } = this.#options;
    const stallMonitor = this.#stallMonitor;
    const result = await playCase(one, target, {
      ...options,
      timeouts: this.#timeouts,
      timerPolicy: this.#learner.policy,
      stallMonitor,
    });
    this.#connections += result.attempts;
    return result;
  }

  #reportProgress(): void {
    const { passed, failed, inconclusive, skipped } = this.#counts;
    const done = passed + failed + inconclusive + skipped;
    this.#options.onProgress?.({ phase: 'playing', done, total: this.#options.suite.cases });
  }

  #add(result: CaseResult): void {
    this.#inputs += result.passed;
    const room = maxUnconfirmed - this.#unconfirmed.length;
    this.#unconfirmed.push(...result.unconfirmed.slice(0, room));
    if (result.verdict === 'fail') {
      this.#counts.failed += 1;
      this.#fail(result);
    } else {
      this.#verdicts.add(result);
      if (result.verdict === 'pass') this.#counts.passed += 1;
      else this.#addInconclusive(result);
    }
    this.#reportProgress();
  }

  #addInconclusive({ isUnknown, reason }: CaseResult): void {
    this.#counts.inconclusive += 1;
    // An unknown deadline is a separate failure.
    if (!isUnknown) this.#late += 1;
    const shown = isUnknown ? (reason ?? '') : 'this machine was too busy to time the server';
    this.#inconclusive.set(shown, (this.#inconclusive.get(shown) ?? 0) + 1);
  }

  #fail(result: CaseResult): void {
    this.#verdicts.add(result);
    const isNew = this.#failures.add(result);
    if (isNew && result.difference) this.#options.onFailure?.(result.difference);
  }
}

function used(milliseconds: number | null, given: number | undefined) {
  return { milliseconds, source: given === undefined ? 'measured' : 'given' } as const;
}
