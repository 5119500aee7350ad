/** Measures what began the clocks of a system. */
import { clockOf, type MeasuredClock } from './clock-origin.js';
import type { Experiments } from './experiments.js';
import { type ObservationNode, pauseOf, waitOf } from './observation-tree.js';
import { SharedTasks } from './shared-tasks.js';
import { silence } from './timed-machine.js';
import { keyOf } from './timed-system.js';

/** Pauses before the last input, as parts of the shorter of the timeouts before and after it. Two, since one may equal the difference of two timeouts. */
const pauseParts = [0.55, 0.23];
/** A pause before an input, as a part of the timeout before it, after which that timeout would be next. */
const longPause = 0.8;
const longPlays = 3;
/** More measurements until a clock is given up: the system has other clocks than one that is started or kept. */
const maxRounds = 9;
/** Measurements of a clock that makes a new state: of three two late ones look like another clock. */
export const enoughSamples = 5;

export class Clocks {
  readonly #experiments: Experiments;
  readonly #tolerance: number;
  /** Words whose clock no origin explains, and those that no edge explains. */
  readonly #unexplained = new Map<string, readonly string[]>();
  readonly #resolving = new SharedTasks();

  constructor(experiments: Experiments) {
    this.#experiments = experiments;
    this.#tolerance = experiments.system.tolerance;
  }

  /** Words after which the timeout follows no single input. */
  get unexplained(): readonly (readonly string[])[] {
    return [...this.#unexplained.values()];
  }

  /** Measures the clock after a word until one origin explains it. */
  async resolve(word: readonly string[]): Promise<void> {
    await this.#resolving.run(keyOf(word), () => this.#resolve(word));
  }

  async #resolve(word: readonly string[]): Promise<void> {
    const { tree } = this.#experiments;
    const parent = word.slice(0, -1);
    // Long timeouts are waited for at the same time where they do not depend on each other.
    const above = word.length === 0 ? null : this.resolve(parent);
    // Thrown below, unless something else is thrown first.
    above?.catch(() => {});
    const [node] = await Promise.all([
      this.#experiments.ask(word),
      ...(above ? [this.#experiments.ask(parent)] : []),
    ]);
    if (hasTimeout(node, word) && !this.isGivenUp(word)) await this.#measure(node);
    await above;
    if (!hasTimeout(node, word) || this.isGivenUp(word)) return;
    for (let round = 0; ; round += 1) {
      const now = tree.root.follow(word);
      if (!hasTimeout(now, word)) return;
      const clock = clockOf(now, this.#tolerance);
      if (clock) {
        if (await this.#isAlone(now, clock)) return;
        break;
      }
      if (round === maxRounds) break;
      await this.#experiments.observe(word, this.#spread(now, round));
    }
    this.giveUp(word);
  }

  /** The first measurements of a clock, with different pauses. */
  async #measure(node: ObservationNode): Promise<void> {
    const { word } = node;
    // Before a connect, or before silence, there is nothing to pause.
    const isFixed = word.length === 0 || word.at(-1) === silence;
    const pauses = isFixed ? [[], []] : this.#pauses(node);
    const { length = 0 } = node.child(silence)?.samples ?? [];
    if (length > pauses.length) return;
    await Promise.all(pauses.map((one) => this.#experiments.observe(word, one)));
  }

  /** The timeout after a word has no explanation by one clock that an edge starts or keeps. */
  giveUp(word: readonly string[]): void {
    this.#unexplained.set(keyOf(word), word);
  }

  isGivenUp(word: readonly string[]): boolean {
    return this.#unexplained.size > 0 && this.#unexplained.has(keyOf(word));
  }

  /** Whether enough was observed after a node to know its clock. */
  isSettled(node: ObservationNode): boolean {
    const after = node.child(silence);
    if (!after || node.isClosed) return node.isClosed;
    const isQuiet = after.output === '' || node.input === silence;
    return isQuiet || clockOf(node, this.#tolerance) !== null || this.isGivenUp(node.word);
  }

  /**
   * Whether a clock that an input starts is the only one: the clock that ran before it may run on, and expire first after a long
   * pause. Without such a second clock one measurement is enough, otherwise three must show it.
   */
  async #isAlone({ word, depth, parent }: ObservationNode, clock: MeasuredClock): Promise<boolean> {
    const before = waitAfter(parent);
    const isStarted = clock.origin === depth && word.at(-1) !== silence;
    if (!isStarted || before * (1 - longPause) > clock.length - this.#tolerance) return true;
    for (let plays = 0; ; plays += 1) {
      const { samples = [] } = this.#experiments.tree.root.follow(word).child(silence) ?? {};
      const late = samples.filter((one) => pauseOf(one) > before * (longPause - 0.05));
      const isShown = late.some((one) => Math.abs(waitOf(one) - clock.length) <= this.#tolerance);
      if (isShown) return true;
      if (plays === longPlays) return late.length === 0;
      await this.#experiments.observe(word, pausesBefore(depth - 1, before * longPause));
    }
  }

  /** Measures the clock after a word often enough to believe what differs. */
  async measureAgain(word: readonly string[]): Promise<void> {
    for (let round = 0; round < maxRounds; round += 1) {
      const node = this.#experiments.tree.root.follow(word);
      const { length = enoughSamples } = node.child(silence)?.samples ?? [];
      if (node.depth < word.length || length >= enoughSamples) return;
      const pauses = Array.from({ length: enoughSamples - length }, (_, at) =>
        this.#spread(node, round + at),
      );
      await Promise.all(pauses.map((one) => this.#experiments.observe(word, one)));
    }
  }

  /** Pauses before the last input. */
  #pauses(node: ObservationNode): number[][] {
    const [own, before] = [waitAfter(node), waitAfter(node.parent)];
    const pauses = pauseParts.map((part) => Math.min(own, before) * part);
    // Another length is another clock, which the input may have started beside the one before.
    const isOther = Math.abs(before - own) > this.#tolerance && Number.isFinite(before);
    if (isOther && before * (1 - longPause) < own) pauses.push(before * longPause);
    return pauses.map((pause) => pausesBefore(node.depth - 1, pause));
  }

  /** Different pauses before all inputs: the moment of the timeout names its origin. */
  #spread(node: ObservationNode, round: number): number[] {
    let shortest = waitAfter(node);
    for (let above = node.parent; above; above = above.parent) {
      shortest = Math.min(shortest, waitAfter(above));
    }
    const { depth, word } = node;
    const part = (0.7 - 0.05 * round) / (depth * (depth + 1));
    return word.map((input, at) => (input === silence ? 0 : shortest * part * 2 * (at + 1)));
  }
}

/** Whether something happens in the silence after a word. */
function hasTimeout(node: ObservationNode, { length }: readonly string[]): boolean {
  const output = node.child(silence)?.output ?? '';
  return node.depth === length && !node.isClosed && output !== '';
}

/** Milliseconds of the silence after a node, from its last input; infinite without a timeout. */
function waitAfter(node: ObservationNode | null): number {
  const { samples = [] } = node?.child(silence) ?? {};
  return samples.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...samples.map(waitOf));
}

function pausesBefore(at: number, pause: number): number[] {
  return Array.from({ length: at + 1 }, (_, index) => (index === at ? pause : 0));
}
