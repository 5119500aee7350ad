/**
 * Active learning of a machine with clocks: L# (Vaandrager and others 2022) on an observation tree, in which silence is an input and
 * lengths and beginnings of clocks tell states apart.
 */
import { apart, type Witness } from './apartness.js';
import { clockOf } from './clock-origin.js';
import type { Experiments } from './experiments.js';
import { type Hypothesis, hypothesisOf, type Inconsistency, inconsistency } from './hypothesis.js';
import { TooManyStatesError } from './learning-errors.js';
import type { ObservationNode } from './observation-tree.js';
import { silence } from './timed-machine.js';
import { stateAfter } from './timed-run.js';

/** Pauses before the last input, as parts of the shorter of the timeouts before and after it. Two, since one may equal the difference of two timeouts. */
const pauseParts = [0.55, 0.23];
/** More measurements until a clock is given up: the system has other clocks than one that is started or kept. */
const maxRounds = 9;
/** Measurements of a clock that makes a new state. */
export const enoughSamples = 5;
/** How often a node is split from its state before it is given up. */
const maxAttempts = 5;

export class Learner {
  readonly #experiments: Experiments;
  readonly #maxStates: number;
  readonly #tolerance: number;
  /** Words to nodes that are pairwise apart; the empty word first. */
  readonly #basis: (readonly string[])[] = [[]];
  /** Words whose clock no origin explains, and those that no edge explains. */
  readonly #unexplained = new Map<string, readonly string[]>();
  readonly #resolving = new Map<string, Promise<void>>();
  readonly #attempts = new Map<string, number>();

  constructor(experiments: Experiments, maxStates: number) {
    this.#experiments = experiments;
    this.#maxStates = maxStates;
    this.#tolerance = experiments.system.tolerance;
  }

  /** Words after which the timeout follows no single input. */
  get unexplained(): readonly (readonly string[])[] {
    return [...this.#unexplained.values()];
  }

  /** The number of states that are open. */
  get states(): number {
    return this.#basis.length;
  }

  /** Observes words and clocks before the learning, in which hypotheses then agree with them. */
  async observeFirst(words: readonly (readonly string[])[]): Promise<void> {
    await Promise.all(words.map((word) => this.resolve(word)));
  }

  /** The hypothesis of what is known so far, also while experiments are missing. */
  get current(): Hypothesis {
    const { inputs } = this.#experiments.system;
    return hypothesisOf(this.#nodes, inputs, this.#tolerance, (node) => this.#isSettled(node));
  }

  /** Observes what is missing for a hypothesis that agrees with everything that was observed. */
  async next(): Promise<Hypothesis> {
    for (;;) {
      this.#checkBasis();
      await this.#expand();
      if (await this.#promote()) continue;
      if (await this.#identify()) continue;
      const hypothesis = this.current;
      const isLeftOut = (node: ObservationNode) => this.isGivenUp(node.word);
      const found = inconsistency(hypothesis, this.#root, this.#tolerance, isLeftOut);
      if (!found) return hypothesis;
      const before = this.#experiments.connections;
      await this.#split(found, hypothesis);
      // Without a new play the same node would be found again.
      if (this.#experiments.connections === before) this.giveUp(found.node.word);
      else this.#count(found.node.word);
    }
  }

  /** Measures the clock after a word until one origin explains it. */
  async resolve(word: readonly string[]): Promise<void> {
    const key = keyOf(word);
    const resolving = this.#resolving.get(key) ?? this.#resolve(word);
    this.#resolving.set(key, resolving);
    try {
      await resolving;
    } finally {
      this.#resolving.delete(key);
    }
  }

  async #resolve(word: readonly string[]): Promise<void> {
    const { tree } = this.#experiments;
    const node = await this.#experiments.ask(word);
    const timeout = node.child(silence);
    if (node.isClosed || !timeout || timeout.output === '' || node.depth < word.length) return;
    if (this.isGivenUp(word)) return;
    if (word.length > 0) await this.resolve(word.slice(0, -1));
    // Before a connect, or before silence, there is nothing to pause.
    const isFixed = word.length === 0 || word.at(-1) === silence;
    const first = isFixed ? [[], []] : this.#pauses(node);
    if (timeout.samples.length < 1 + first.length) {
      await Promise.all(first.map((pauses) => this.#experiments.observe(word, pauses)));
    }
    for (let round = 0; ; round += 1) {
      const now = tree.root.follow(word);
      if (now.isClosed || now.child(silence)?.output === '') return;
      if (clockOf(now, this.#tolerance)) return;
      if (round === maxRounds) break;
      await this.#experiments.observe(word, this.#spread(now, round));
    }
    this.giveUp(word);
  }

  /** The timeout after a word has no explanation by one clock that an edge starts or keeps. */
  giveUp(word: readonly string[]): void {
    this.#unexplained.set(keyOf(word), word);
  }

  isGivenUp(word: readonly string[]): boolean {
    return this.#unexplained.size > 0 && this.#unexplained.has(keyOf(word));
  }

  #isSettled(node: ObservationNode): boolean {
    const after = node.child(silence);
    if (!after || node.isClosed) return node.isClosed;
    const isQuiet = after.output === '' || node.input === silence;
    return isQuiet || clockOf(node, this.#tolerance) !== null || this.isGivenUp(node.word);
  }

  /** A node for which splitting does not help is given up. */
  #count(word: readonly string[]): void {
    const key = keyOf(word);
    const attempts = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempts);
    if (attempts > maxAttempts) this.giveUp(word);
  }

  get #root(): ObservationNode {
    return this.#experiments.tree.root;
  }

  get #nodes(): ObservationNode[] {
    return this.#basis.map((word) => this.#root.follow(word));
  }

  /** A repair may have made two nodes of the basis equal, or closed one. */
  #checkBasis(): void {
    const kept: ObservationNode[] = [];
    const words = this.#basis.splice(0);
    for (const word of words) {
      const node = this.#root.follow(word);
      const isReached = node.depth === word.length && !node.isClosed;
      if (word.length > 0 && (!isReached || kept.some((one) => !this.#apart(one, node)))) continue;
      kept.push(node);
      this.#basis.push(word);
    }
  }

  /** Every input after every node of the basis, and the clocks. */
  async #expand(): Promise<void> {
    const { inputs } = this.#experiments.system;
    await Promise.all(
      this.#basis.flatMap((word) => [
        this.resolve(word),
        ...inputs.map((input) => this.resolve([...word, input])),
      ]),
    );
    await Promise.all(this.#frontier().map((node) => this.resolve(node.word)));
  }

  /** The nodes one input after the basis that are not of the basis. */
  #frontier(): ObservationNode[] {
    const nodes = this.#nodes;
    return nodes.flatMap((node) =>
      [...node.children].filter((child) => {
        const isOpen = !child.isClosed && !(child.input === silence && child.output === '');
        return isOpen && !nodes.includes(child);
      }),
    );
  }

  #apart(one: ObservationNode, other: ObservationNode): Witness | null {
    return apart(one, other, this.#tolerance);
  }

  /** Takes nodes into the basis that are apart from all of it. @returns whether something changed */
  async #promote(): Promise<boolean> {
    const found: ObservationNode[] = [];
    for (const node of this.#frontier()) {
      if (this.#isNew(node) && found.every((one) => this.#apart(one, node))) found.push(node);
    }
    await Promise.all(found.map((node) => this.#measureAgain(node)));
    const now = found.map((node) => this.#root.follow(node.word));
    for (const node of now) {
      if (node.isClosed || !this.#isNew(node)) continue;
      this.#basis.push(node.word);
      if (this.#basis.length > this.#maxStates) throw new TooManyStatesError(this.#maxStates);
    }
    return found.length > 0;
  }

  #isNew(node: ObservationNode): boolean {
    return this.#nodes.every((one) => this.#apart(one, node));
  }

  /** Measures a clock that makes a node a new state often enough: of three measurements two late ones look like another clock. */
  async #measureAgain(node: ObservationNode): Promise<void> {
    const witnesses = this.#nodes.flatMap((one) => this.#apart(one, node) ?? []);
    for (const { isClock, suffix } of witnesses) {
      const word = [...node.word, ...suffix];
      const measured = () =>
        this.#root.follow(word).child(silence)?.samples.length ?? enoughSamples;
      for (let round = 0; isClock && measured() < enoughSamples; round += 1) {
        await this.#experiments.observe(word, this.#spread(this.#root.follow(word), round));
      }
    }
  }

  /**
   * Observes what tells the possible states of a node apart.
   * @returns whether something was played: a clock that was given up leaves a node with several states
   */
  async #identify(): Promise<boolean> {
    const nodes = this.#nodes;
    const before = this.#experiments.connections;
    const tasks = this.#frontier().flatMap((node) => {
      const [one, other] = nodes.filter((candidate) => !this.#apart(candidate, node));
      const witness = one && other && this.#apart(one, other);
      return witness ? [this.#observe(node.word, witness)] : [];
    });
    await Promise.all(tasks);
    return this.#experiments.connections > before;
  }

  async #observe(word: readonly string[], { suffix, isClock }: Witness): Promise<void> {
    const whole = [...word, ...suffix];
    await (isClock ? this.resolve(whole) : this.#experiments.ask(whole));
  }

  /** Finds the edge that leads to the wrong state: half of the distance is tried each time. */
  async #split({ node, witness, state }: Inconsistency, hypothesis: Hypothesis): Promise<void> {
    const { machine, access } = hypothesis;
    const accessOf = (name: string) => access.get(name)?.word ?? [];
    let word: readonly string[] = node.word;
    let [end, told] = [state, witness];
    for (;;) {
      await this.#observe(word, told);
      await this.#observe(accessOf(end), told);
      const edge = this.#leaving(word);
      if (edge >= word.length) return;
      const half = (edge + word.length) >> 1;
      const middle = stateAfter(machine, word.slice(0, half)).name;
      const shorter = [...accessOf(middle), ...word.slice(half)];
      await this.#observe(shorter, told);
      const [here, there] = [this.#root.follow(word.slice(0, half)), access.get(middle)];
      const between = there && this.#apart(here, this.#root.follow(there.word));
      if (between) [word, end, told] = [word.slice(0, half), middle, between];
      else {
        const next = this.#root.follow(shorter);
        const target = stateAfter(machine, shorter).name;
        const still = access.get(target) && this.#apart(next, this.#root.follow(accessOf(target)));
        // The suffix behaves as it should from here: an observation has changed meanwhile.
        if (!still) return;
        [word, end, told] = [shorter, target, still];
      }
    }
  }

  /** The number of inputs with which a word leaves the basis. */
  #leaving(word: readonly string[]): number {
    const known = new Set(this.#basis.map(keyOf));
    return word.findIndex((_, at) => !known.has(keyOf(word.slice(0, at + 1)))) + 1 || word.length;
  }

  /** Pauses before the last input. */
  #pauses(node: ObservationNode): number[][] {
    const shortest = Math.min(waitAfter(node), waitAfter(node.parent));
    return pauseParts.map((part) => pausesBefore(node.depth - 1, shortest * part));
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

/** Milliseconds of the silence after a node, from its last input; infinite without a timeout. */
function waitAfter(node: ObservationNode | null): number {
  const waits = (node?.child(silence)?.samples ?? []).map(
    ({ moments, at }) => at - (moments.at(-1) ?? 0),
  );
  return Math.max(...waits, Number.NEGATIVE_INFINITY) === Number.NEGATIVE_INFINITY
    ? Number.POSITIVE_INFINITY
    : Math.max(...waits);
}

export function pausesBefore(at: number, pause: number): number[] {
  return Array.from({ length: at + 1 }, (_, index) => (index === at ? pause : 0));
}

function keyOf(word: readonly string[]): string {
  return JSON.stringify(word);
}
