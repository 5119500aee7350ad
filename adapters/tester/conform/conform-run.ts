import { type Case, ServerModel, type ServiceAnswer } from '../../../machines/index.js';
import { NotReachableError } from '../errors.js';
import { Failures } from './failures.js';
import type { MeasuredTimeouts } from './measure.js';
import type { ConformOptions, ServerTimeouts } from './options.js';
import { playCase } from './play-until-judged.js';
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
  #done = 0;
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

  /** Plays the cases, so many at once. */
  play(): Promise<void> {
    const cases = this.#options.suite[Symbol.iterator]();
    return this.#atOnce(async () => {
      const next = cases.next();
      if (next.done) return false;
      await this.#playNext(next.value);
      return true;
    });
  }

  /** Makes the session of each failure short. */
  async shrink(): Promise<void> {
    const { replays: most = 30, onProgress } = this.#options;
    const waiting = this.#failures.kinds.slice(0, mostShrunk);
    const total = waiting.length;
    const found: { kind: string; shortest: CaseResult; replays: number }[] = [];
    await this.#atOnce(async () => {
      const kind = waiting.shift();
      const shortest = kind === undefined ? undefined : this.#failures.shortestOf(kind);
      if (kind === undefined || !shortest) return false;
      onProgress?.({ phase: 'shrinking', done: total - waiting.length - 1, total });
      try {
        found.push({
          kind,
          ...(await shrink(shortest, this.#model, (one) => this.#play(one, false), most)),
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

  /** Does one piece of work after the other until there is none left, so many at once; fails when one has failed. */
  async #atOnce(work: () => Promise<boolean>): Promise<void> {
    const { connections = 16 } = this.#options;
    const isOver = () => this.#isAborted || this.#unreachable >= mostUnreachable;
    const workers = Array.from({ length: Math.max(1, connections) }, async () => {
      while (!isOver() && (await work()));
    });
    const ended = await Promise.allSettled(workers);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }

  async #playNext(one: Case): Promise<void> {
    const { onProgress, suite } = this.#options;
    if (this.#failures.hasBegun(one)) this.#counts.skipped += 1;
    else {
      try {
        this.#judged(await this.#play(one, true));
        this.#unreachable = 0;
      } catch (error) {
        if (this.#isAborted) return;
        if (!(error instanceof NotReachableError)) throw error;
        this.#unreachable += 1;
        this.#judged(notConnected(one, error));
      }
    }
    this.#done += 1;
    onProgress?.({ phase: 'playing', done: this.#done, total: suite.cases });
  }

  /** @param counts whether it is a case of the suite; sessions that make a failure short are none. */
  async #play(one: Case, counts: boolean): Promise<CaseResult> {
    const { onStep, ...options } = this.#options;
    const result = await playCase(one, options.target, {
      ...options,
      ...(counts && { onStep }),
      timeouts: this.#timeouts,
      stalls: this.#stalls,
    });
    this.#connections += result.attempts;
    return result;
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
