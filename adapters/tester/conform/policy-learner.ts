import { inMilliseconds as ms } from '../../../machines/registration/figures/observed.js';
import {
  chartTimerPolicy,
  type ServerTimeouts,
  type TimerPolicy,
} from '../../../machines/registration/sut/timer-policy.js';
import {
  disconnectUnder,
  fitTimerPolicy,
} from '../../../machines/registration/sut/timer-policy-fit.js';
import type { MeasuredTimeouts } from './measure.js';
import {
  outcomeOfMeasured,
  type PolicyOutcome,
  type PolicyPlay,
  policyPlays,
  refusedPlay,
  silentPlay,
} from './policy-play.js';
import type { TimerPolicyPlay, TimerPolicyReport } from './result.js';

/** Maximum times that plays which no policy explains are played again. */
const maxRounds = 2;
/** How often each of them is played in a round. */
const replays = 2;

export interface PolicyLearnerOptions {
  readonly timeouts: ServerTimeouts;
  /** Tolerance of a disconnect, in milliseconds. */
  readonly margin: number;
  /** Maximum attempts at a play when this process was stalled. */
  readonly attempts: number;
}

interface Recorded {
  readonly play: PolicyPlay;
  readonly outcome: PolicyOutcome;
}

/**
 * Learns the timer policy of a server: it hands out plays, takes their outcomes, and finds the policy that explains all of them. Each
 * play confirms another. Those that no policy explains are played twice more, in two rounds at most; then both outcomes must fit.
 */
export class PolicyLearner {
  readonly #options: PolicyLearnerOptions;
  readonly #waiting: PolicyPlay[];
  #recorded: Recorded[] = [];
  readonly #stalls = new Map<PolicyPlay, number>();
  #playing = 0;
  #rounds = 0;
  #isSettled = false;
  #learned: TimerPolicy | null = null;
  #reason: string | null = null;
  readonly #waiters: (() => void)[] = [];

  /** @param measured the outcomes of both measurements, which are not played again. */
  constructor(options: PolicyLearnerOptions, measured: MeasuredTimeouts | null) {
    this.#options = options;
    this.#waiting = policyPlays(options.timeouts);
    if (this.#waiting.length === 0) this.stop('the rejection timeout of the server is unknown');
    if (!measured || this.#isSettled) return;
    this.#addMeasured(silentPlay, outcomeOfMeasured(measured.registration));
    this.#addMeasured(refusedPlay, outcomeOfMeasured(measured.rejection));
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** The policy that the cases expect: the learned one, or that of the chart. */
  get policy(): TimerPolicy {
    return this.#learned ?? chartTimerPolicy;
  }

  /** Resolves when there is something to do: a play waits, or the policy is settled. */
  changed(): Promise<void> {
    if (this.#isSettled || this.#waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** The next play; null when none waits. The caller adds its outcome, or stops the learner. */
  take(): PolicyPlay | null {
    const play = this.#waiting.shift() ?? null;
    if (play) this.#playing += 1;
    return play;
  }

  add(play: PolicyPlay, outcome: PolicyOutcome): void {
    this.#playing -= 1;
    if (this.#isSettled) return;
    const stalls = this.#stalls.get(play) ?? 0;
    if (
      outcome.kind === 'disconnected' &&
      outcome.isDoubtful &&
      stalls < this.#options.attempts - 1
    ) {
      this.#stalls.set(play, stalls + 1);
      this.#waiting.push(play);
    } else {
      this.#recorded.push({ play, outcome });
      if (outcome.kind === 'not-refused')
        this.stop('the server did not answer a message of an unregistered client with EventError');
      else if (this.#waiting.length === 0 && this.#playing === 0) this.#settle();
    }
    this.#signal();
  }

  /** Ends the learning without a policy. */
  stop(reason: string): void {
    if (this.#isSettled) return;
    this.#reason = reason;
    this.#isSettled = true;
    this.#waiting.length = 0;
    this.#signal();
  }

  report(): TimerPolicyReport {
    const order = policyPlays(this.#options.timeouts).map(({ description }) => description);
    const plays = this.#recorded
      .map((one) => this.#reported(one))
      .sort((one, other) => order.indexOf(one.play) - order.indexOf(other.play));
    return {
      learned: this.#learned,
      reason: this.#isSettled ? this.#reason : 'the run ended before it was learned',
      used: this.policy,
      gate: chartTimerPolicy,
      plays,
    };
  }

  #addMeasured({ description }: PolicyPlay, outcome: PolicyOutcome | null): void {
    const at = this.#waiting.findIndex((play) => play.description === description);
    const play = this.#waiting[at];
    if (!play || !outcome) return;
    this.#waiting.splice(at, 1);
    this.#recorded.push({ play, outcome });
  }

  #settle(): void {
    for (const { play, outcome } of this.#recorded) {
      if (outcome.kind !== 'open') continue;
      this.stop(`the server did not disconnect within ${ms(outcome.until)} (${play.description})`);
      return;
    }
    const samples = this.#recorded.flatMap(({ outcome }) =>
      outcome.kind === 'disconnected' ? [outcome.sample] : [],
    );
    const { timeouts, margin } = this.#options;
    const { registrationTimeout, rejectionTimeout } = timeouts;
    const shorter = Math.min(registrationTimeout ?? rejectionTimeout ?? 0, rejectionTimeout ?? 0);
    // The plays tell policies apart by half a timeout. The cases judge the lengths, with the margin.
    const { policy, unexplained } = fitTimerPolicy(samples, timeouts, {
      tolerance: Math.max(margin, shorter / 5),
      resolution: margin / 2,
    });
    if (unexplained.length === 0) {
      this.#learned = policy;
      this.#isSettled = true;
    } else if (this.#rounds >= maxRounds) this.stop('the moments of the disconnects fit no policy');
    else this.#replay(unexplained);
  }

  #replay(unexplained: readonly number[]): void {
    this.#rounds += 1;
    const again = new Set(unexplained.map((index) => this.#recorded[index]?.play));
    this.#recorded = this.#recorded.filter(({ play }) => !again.has(play));
    for (const play of again)
      if (play) for (let count = 0; count < replays; count += 1) this.#waiting.push(play);
  }

  #reported({ play: { description }, outcome }: Recorded): TimerPolicyPlay {
    const { errorsAt } = outcome;
    const [firstErrorAt = null] = errorsAt;
    const moments = { firstErrorAt, lastErrorAt: errorsAt.at(-1) ?? null };
    return {
      play: description,
      errorsAt,
      disconnectedAt: outcome.kind === 'disconnected' ? outcome.sample.disconnectedAt : null,
      expectedAt: disconnectUnder(this.policy, moments, this.#options.timeouts),
    };
  }

  #signal(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
