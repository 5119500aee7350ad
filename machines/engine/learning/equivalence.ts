/** Tests a hypothesis against the system, with pauses. */
import { isEnough } from './clock-origin.js';
import { enoughSamples } from './clocks.js';
import type { Experiments } from './experiments.js';
import { type Hypothesis, inconsistency } from './hypothesis.js';
import type { Learner } from './learner.js';
import { type ObservationNode, pauseOf, type SilenceSample } from './observation-tree.js';
import { type OracleOptions, testWords } from './oracles.js';
import { mealyOf, silence } from './timed-machine.js';
import { deadlineAfter, stateAfter } from './timed-run.js';

/** Pauses before the last two inputs, as parts of the time that is left until the timeout. */
const lastPause = 0.45;
const pauseBeforeIt = 0.17;
/** How often a word is played until enough measurements are on time. */
const maxRepeats = 6;

export interface EquivalenceOptions extends OracleOptions {
  /** Called after each word, with the number of words that were tested. */
  readonly onWord?: ((words: number) => void) | undefined;
}

/** @returns whether the system agrees with the hypothesis in every word; otherwise what differs is in the tree */
export async function testEquivalence(
  hypothesis: Hypothesis,
  learner: Learner,
  experiments: Experiments,
  options: EquivalenceOptions,
): Promise<boolean> {
  const { tolerance } = experiments.system;
  const words = testWords(mealyOf(hypothesis.machine, tolerance), options)[Symbol.iterator]();
  let isEqual = true;
  let tested = 0;
  const works = Array.from({ length: experiments.parallel }, async () => {
    while (isEqual) {
      const next = words.next();
      if (next.done) return;
      const word = next.value.at(-1) === silence ? next.value.slice(0, -1) : next.value;
      const agrees = await new WordTest(word, hypothesis, learner, experiments).run();
      tested += 1;
      options.onWord?.(tested);
      if (!agrees) isEqual = false;
    }
  });
  const ended = await Promise.allSettled(works);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return isEqual;
}

class WordTest {
  readonly #word: readonly string[];
  readonly #hypothesis: Hypothesis;
  readonly #learner: Learner;
  readonly #experiments: Experiments;

  constructor(
    word: readonly string[],
    hypothesis: Hypothesis,
    learner: Learner,
    experiments: Experiments,
  ) {
    this.#word = word;
    this.#hypothesis = hypothesis;
    this.#learner = learner;
    this.#experiments = experiments;
  }

  async run(): Promise<boolean> {
    const pauses = this.#pauses();
    const known = this.#root.follow(this.#word);
    if (known.isClosed) return this.#agrees();
    // With a timeout one play with pauses shows the outputs and the clock.
    if (pauses.some((pause) => pause > 0)) {
      if (this.#isMeasured()) return this.#agrees();
      await this.#experiments.observe(this.#word, pauses);
    }
    await this.#experiments.ask(this.#word);
    if (!this.#agrees()) return false;
    if (this.#onTime === this.#samples.length) return true;
    await this.#learner.clocks.resolve(this.#word);
    for (let round = 0; round < maxRepeats; round += 1) {
      const { length } = this.#samples;
      const isCertain = length === 0 || length >= enoughSamples;
      if (!this.#agrees()) {
        if (isCertain) return false;
      } else if (isEnough(this.#onTime, this.#samples.length)) return true;
      await this.#experiments.observe(this.#word, pauses);
    }
    this.#learner.clocks.giveUp(this.#word);
    return true;
  }

  get #root(): ObservationNode {
    return this.#experiments.tree.root;
  }

  get #tolerance(): number {
    return this.#experiments.system.tolerance;
  }

  get #samples(): readonly SilenceSample[] {
    const node = this.#root.follow(this.#word);
    return node.depth < this.#word.length ? [] : (node.child(silence)?.samples ?? []);
  }

  /** Whether the path of the word agrees with the hypothesis, as far as it was observed. */
  #agrees(): boolean {
    const isLeftOut = (node: ObservationNode) => this.#learner.clocks.isGivenUp(node.word);
    return !inconsistency(this.#hypothesis, this.#root, this.#tolerance, isLeftOut, this.#word);
  }

  /** The number of measurements at the moment that the hypothesis expects. */
  get #onTime(): number {
    const onTime = this.#samples.filter(({ moments, at }) => {
      const expected = this.#deadline(moments.slice(1));
      return expected !== null && Math.abs(at - expected) <= this.#tolerance;
    });
    return onTime.length;
  }

  /** Whether the word was measured with a pause before its last input. */
  #isMeasured(): boolean {
    return this.#samples.some((sample) => pauseOf(sample) > 2 * this.#tolerance);
  }

  #deadline(moments: readonly number[]): number | null {
    const { machine } = this.#hypothesis;
    return deadlineAfter(machine, this.#word, moments, this.#tolerance);
  }

  #pauses(): number[] {
    const { machine } = this.#hypothesis;
    const { length } = this.#word;
    // Without a timeout after the word the pauses would show nothing.
    if (!stateAfter(machine, this.#word).timeout) return [];
    const moments: number[] = [];
    const pauses: number[] = [];
    let now = 0;
    for (const [at, input] of this.#word.entries()) {
      const before = this.#word.slice(0, at);
      const deadline = deadlineAfter(machine, before, moments, this.#tolerance);
      if (input === silence) now = deadline ?? now + this.#experiments.system.horizon;
      const left = input === silence || deadline === null ? 0 : deadline - now;
      const part = at === length - 1 ? lastPause : at === length - 2 ? pauseBeforeIt : 0;
      pauses.push(left * part);
      now += left * part;
      moments.push(now);
    }
    return pauses;
  }
}
