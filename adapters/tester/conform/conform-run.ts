import { type Case, ServerModel, type ServiceAnswer } from '../../../machines/index.js';
import { NotReachableError } from '../errors.js';
import { Attempts, defaultAttempts } from './attempts.js';
import { Failures } from './failures.js';
import type { MeasuredTimeouts } from './measure.js';
import type { ConformOptions, ServerTimeouts } from './options.js';
import { playOnce } from './play-case.js';
import { playCase } from './play-judged.js';
import type { CaseDifference, CaseResult, ConformReport } from './result.js';
import { shrink } from './shrink.js';
import type { Stalls } from './stalls.js';
import { Verdicts } from './verdicts.js';
import { notConnected, notMeasured } from './without-play.js';

/** Kinds of failures whose sessions are made short. */
const mostShrunk = 20;
/** Connections that fail in a row until the server counts as gone. */
const mostUnreachable = 8;
/** Differences that were not seen again, in the report. */
const mostUnconfirmed = 100;

export interface RunOptions extends ConformOptions {
  readonly answers: ServiceAnswer;
  readonly margin: number;
}

/** One suite against one server. */
export class ConformRun {
  readonly #options: RunOptions;
  readonly #timeouts: ServerTimeouts;
  readonly #model: ServerModel;
  readonly #stalls: Stalls;
  readonly #verdicts = new Verdicts();
  readonly #failures = new Failures();
  readonly #notJudged = new Map<string, number>();
  readonly #unconfirmed: CaseDifference[] = [];
  readonly #counts = { held: 0, differ: 0, notJudged: 0, skipped: 0 };
  /** Cases that this process was too late to judge. */
  #late = 0;
  #inputs = 0;
  #connections = 0;
  /** Connections that failed in a row. */
  #unreachable = 0;

  constructor(options: RunOptions, timeouts: ServerTimeouts, stalls: Stalls) {
    this.#options = options;
    this.#timeouts = timeouts;
    this.#stalls = stalls;
    this.#model = new ServerModel({ answers: options.answers });
  }

  /** A timeout that was not seen to end a connection is a failure of its own: no case can wait for it. */
  measured({ registration, rejection }: MeasuredTimeouts): void {
    const { registrationTimeout, rejectionTimeout } = this.#options;
    const failed = [
      registrationTimeout === undefined && notMeasured(this.#model, ['silence'], registration),
      rejectionTimeout === undefined && notMeasured(this.#model, ['other', 'silence'], rejection),
    ];
    for (const result of failed) if (result) this.#differs(result);
  }

  /** Plays the cases, so many at once; those that could not be judged again, fewer at once, when the others are over. */
  async play(): Promise<void> {
    const { suite, connections = 16, attempts = defaultAttempts } = this.#options;
    const cases =
      Symbol.iterator in suite ? suite[Symbol.iterator]() : suite[Symbol.asyncIterator]();
    let again: Attempts[] = [];
    await this.#atOnce(connections, async () => {
      const next = await cases.next();
      if (next.done) return false;
      const one = new Attempts(next.value);
      if (!(await this.#playNext(one))) again.push(one);
      return true;
    });
    for (let round = 1; round < attempts && !this.#isOver; round += 1) {
      const waiting = again;
      again = [];
      await this.#atOnce(Math.ceil(connections / 4 ** round), async () => {
        const one = waiting.shift();
        if (!one) return false;
        if (!(await this.#playNext(one))) again.push(one);
        return true;
      });
    }
    if (this.#isOver) return;
    for (const one of again) this.#done(one.giveUp());
  }

  /** Makes the session of each failure short. */
  async shrink(): Promise<void> {
    const { replays: most = 30, connections = 16, onProgress } = this.#options;
    const waiting = this.#failures.kinds.slice(0, mostShrunk);
    const total = waiting.length;
    const found: { kind: string; shortest: CaseResult; replays: number }[] = [];
    await this.#atOnce(connections, async () => {
      const kind = waiting.shift();
      const shortest = kind === undefined ? undefined : this.#failures.shortestOf(kind);
      if (kind === undefined || !shortest) return false;
      onProgress?.({ phase: 'shrinking', done: total - waiting.length - 1, total });
      try {
        found.push({
          kind,
          ...(await shrink(shortest, this.#model, (one) => this.#replay(one), most)),
        });
      } catch (error) {
        if (!this.#isAborted && !(error instanceof NotReachableError)) throw error;
      }
      return true;
    });
    for (const { kind, shortest, replays } of found) this.#failures.shrunk(kind, shortest, replays);
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
      held: counted.length === 0 && this.#late === 0 && !this.#isAborted,
      documentedOnly,
      interrupted: this.#isAborted,
      timeouts: {
        registration: used(this.#timeouts.registrationTimeout, registrationTimeout),
        rejection: used(this.#timeouts.rejectionTimeout, rejectionTimeout),
      },
      cases: { total: suite.cases, ...this.#counts },
      inputs: this.#inputs,
      connections: this.#connections,
      edges: this.#verdicts.edges,
      failures,
      undocumented: this.#verdicts.undocumented,
      notJudged: [...this.#notJudged].map(([why, count]) => ({ why, count })),
      unconfirmed: this.#unconfirmed,
      elapsed,
    };
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  get #isOver(): boolean {
    return this.#isAborted || this.#unreachable >= mostUnreachable;
  }

  /** Does one piece of work after the other until there is none left, so many at once; fails when one has failed. */
  async #atOnce(count: number, work: () => Promise<boolean>): Promise<void> {
    const workers = Array.from({ length: Math.max(1, count) }, async () => {
      while (!this.#isOver && (await work()));
    });
    const ended = await Promise.allSettled(workers);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }

  /** @returns false when the case is to be played again. */
  async #playNext(attempts: Attempts): Promise<boolean> {
    const { target } = this.#options;
    const one = attempts.case;
    if (this.#failures.hasBegun(one)) {
      this.#counts.skipped += 1;
      this.#tellProgress();
      return true;
    }
    try {
      this.#connections += 1;
      const result = attempts.add(
        await playOnce(one, target, { ...this.#options, timeouts: this.#timeouts }, this.#stalls),
      );
      this.#unreachable = 0;
      if (!result) return false;
      this.#done(result);
    } catch (error) {
      if (this.#isAborted) return true;
      if (!(error instanceof NotReachableError)) throw error;
      this.#unreachable += 1;
      this.#done(notConnected(one, error));
    }
    return true;
  }

  /** A session that makes a failure short. It is not a case of the suite. */
  async #replay(one: Case): Promise<CaseResult> {
    const { onStep: _, target, ...options } = this.#options;
    const stalls = this.#stalls;
    const result = await playCase(one, target, { ...options, timeouts: this.#timeouts, stalls });
    this.#connections += result.attempts;
    return result;
  }

  #tellProgress(): void {
    const { held, differ, notJudged, skipped } = this.#counts;
    const done = held + differ + notJudged + skipped;
    this.#options.onProgress?.({ phase: 'playing', done, total: this.#options.suite.cases });
  }

  #done(result: CaseResult): void {
    this.#judged(result);
    this.#tellProgress();
  }

  #judged(result: CaseResult): void {
    this.#inputs += result.held;
    this.#unconfirmed.push(
      ...result.unconfirmed.slice(0, mostUnconfirmed - this.#unconfirmed.length),
    );
    if (result.verdict === 'differs') {
      this.#counts.differ += 1;
      this.#differs(result);
      return;
    }
    this.#verdicts.add(result);
    if (result.verdict === 'held') this.#counts.held += 1;
    else this.#couldNotJudge(result);
  }

  #couldNotJudge({ isUnknown, why }: CaseResult): void {
    this.#counts.notJudged += 1;
    // A deadline that is not known has failed by itself.
    if (!isUnknown) this.#late += 1;
    const reason = isUnknown ? (why ?? '') : 'it was too busy here to tell when things came';
    this.#notJudged.set(reason, (this.#notJudged.get(reason) ?? 0) + 1);
  }

  #differs(result: CaseResult): void {
    this.#verdicts.add(result);
    const isNew = this.#failures.add(result);
    if (isNew && result.difference) this.#options.onFailure?.(result.difference);
  }
}

function used(milliseconds: number | null, given: number | undefined) {
  return { milliseconds, source: given === undefined ? 'measured' : 'given' } as const;
}
