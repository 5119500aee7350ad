/**
 * Active learning of a machine with clocks: L# (Vaandrager and others 2022) on an observation tree, in which silence is an input and
 * lengths and beginnings of clocks tell states apart.
 */
import { apart, type Witness } from './apartness.js';
import { Clocks } from './clocks.js';
import type { Experiments } from './experiments.js';
import { type Hypothesis, hypothesisOf, type Inconsistency, inconsistency } from './hypothesis.js';
import { TooManyStatesError } from './learning-errors.js';
import type { ObservationNode } from './observation-tree.js';
import { silence } from './timed-machine.js';
import { stateAfter } from './timed-run.js';
import { keyOf } from './timed-system.js';

/** How often a node is split from its state, or two states are distinguished, before it is given up. */
const maxAttempts = 5;

export class Learner {
  readonly clocks: Clocks;
  readonly #experiments: Experiments;
  readonly #maxStates: number;
  readonly #tolerance: number;
  /** Words to nodes that are pairwise apart; the empty word first. */
  readonly #basis: (readonly string[])[] = [[]];
  readonly #attempts = new Map<string, number>();

  constructor(experiments: Experiments, maxStates: number) {
    this.clocks = new Clocks(experiments);
    this.#experiments = experiments;
    this.#maxStates = maxStates;
    this.#tolerance = experiments.system.tolerance;
  }

  /** The number of states that are open. */
  get states(): number {
    return this.#basis.length;
  }

  /** Observes words and clocks before the learning, in which hypotheses then agree with them. */
  async observeFirst(words: readonly (readonly string[])[]): Promise<void> {
    await Promise.all(words.map((word) => this.clocks.resolve(word)));
  }

  /** The hypothesis of what is known so far, also while experiments are missing. */
  get current(): Hypothesis {
    const { inputs } = this.#experiments.system;
    return hypothesisOf(this.#nodes, inputs, this.#tolerance, (node) =>
      this.clocks.isSettled(node),
    );
  }

  /** Observes what is missing for a hypothesis that agrees with everything that was observed. */
  async next(): Promise<Hypothesis> {
    for (;;) {
      this.#checkBasis();
      await this.#expand();
      if (await this.#promote()) continue;
      if (await this.#identify()) continue;
      const hypothesis = this.current;
      const isLeftOut = (node: ObservationNode) => this.clocks.isGivenUp(node.word);
      const found = inconsistency(hypothesis, this.#root, this.#tolerance, isLeftOut);
      if (!found) return hypothesis;
      if (!this.#attempt(`split ${keyOf(found.node.word)}`)) this.clocks.giveUp(found.node.word);
      await this.#split(found, hypothesis);
    }
  }

  /** Whether something may be tried once more. What does not help is not tried for ever. */
  #attempt(what: string): boolean {
    const attempts = (this.#attempts.get(what) ?? 0) + 1;
    this.#attempts.set(what, attempts);
    return attempts <= maxAttempts;
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
        this.clocks.resolve(word),
        ...inputs.map((input) => this.clocks.resolve([...word, input])),
      ]),
    );
    await Promise.all(this.#frontier().map((node) => this.clocks.resolve(node.word)));
  }

  /** The nodes one input after the basis that are not of the basis. */
  #frontier(): ObservationNode[] {
    const nodes = this.#nodes;
    return nodes.flatMap((node) =>
      node.children.filter((child) => {
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
      const isFound = this.#isNew(node) && found.every((one) => this.#apart(one, node));
      if (isFound && this.#attempt(`promote ${keyOf(node.word)}`)) found.push(node);
    }
    await Promise.all(found.map((node) => this.#measureAgain(node)));
    const now = found.map((node) => this.#root.follow(node.word));
    for (const node of now) {
      if (node.isClosed || !this.#isNew(node)) continue;
      if (this.#basis.length === this.#maxStates) throw new TooManyStatesError(this.#maxStates);
      this.#basis.push(node.word);
    }
    return found.length > 0;
  }

  #isNew(node: ObservationNode): boolean {
    return this.#nodes.every((one) => this.#apart(one, node));
  }

  /** Measures a clock that makes a node a new state often enough. */
  async #measureAgain(node: ObservationNode): Promise<void> {
    const witnesses = this.#nodes.flatMap((one) => this.#apart(one, node) ?? []);
    for (const { isClock, suffix } of witnesses) {
      if (isClock) await this.clocks.measureAgain([...node.word, ...suffix]);
    }
  }

  /** Observes what tells the possible states of a node apart. @returns whether a node had several */
  async #identify(): Promise<boolean> {
    const nodes = this.#nodes;
    const tasks = this.#frontier().flatMap((node) => {
      const [one, other] = nodes.filter((candidate) => !this.#apart(candidate, node));
      const witness = one && other && this.#apart(one, other);
      const isWanted =
        witness && this.#attempt(`identify ${keyOf(node.word)} ${keyOf(witness.suffix)}`);
      return isWanted ? [this.#observe(node.word, witness)] : [];
    });
    await Promise.all(tasks);
    return tasks.length > 0;
  }

  async #observe(word: readonly string[], { suffix, isClock }: Witness): Promise<void> {
    const whole = [...word, ...suffix];
    await (isClock ? this.clocks.resolve(whole) : this.#experiments.ask(whole));
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
}
