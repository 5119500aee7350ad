/** What was observed of a system: every word that was played, as a tree. */

import { silence } from './timed-machine.js';
import type { Play, PlayedStep } from './timed-system.js';

/** One measurement of a silence. */
export interface SilenceSample {
  /** When the connection was open (0) and when each input of the word was sent, in milliseconds. */
  readonly moments: readonly number[];
  /** When the output of the silence came. */
  readonly at: number;
}

/** Milliseconds from the last input to the output of the silence. */
export function waitOf({ moments, at }: SilenceSample): number {
  return at - (moments.at(-1) ?? 0);
}

/** Milliseconds between the last two inputs. */
export function pauseOf({ moments }: SilenceSample): number {
  const [before = 0, last = 0] = moments.slice(-2);
  return last - before;
}

/** More measurements of one silence are not kept. */
const maxSamples = 12;

/** The system after a word. */
export class ObservationNode {
  readonly parent: ObservationNode | null;
  /** The last input of the word; empty at the root. */
  readonly input: string;
  /** The number of inputs. */
  readonly depth: number;
  /** The output of the last input. */
  readonly output: string;
  readonly isClosed: boolean;
  /** Whether an empty output was seen with the long patience, too. */
  isConfirmed = false;
  /** The latest child, and the one that was added before this node: separate lists would be half of a large tree. */
  #latest: ObservationNode | null = null;
  #sibling: ObservationNode | null = null;
  #samples: SilenceSample[] | null = null;

  constructor(
    parent: ObservationNode | null,
    step: Pick<PlayedStep, 'input' | 'output' | 'isClosed'>,
  ) {
    this.parent = parent;
    this.input = step.input;
    this.depth = parent ? parent.depth + 1 : 0;
    this.output = step.output;
    this.isClosed = step.isClosed;
  }

  get children(): ObservationNode[] {
    const children: ObservationNode[] = [];
    for (let one = this.#latest; one; one = one.#sibling) children.unshift(one);
    return children;
  }

  /** Measurements of this silence. Empty for other inputs, and when nothing came. */
  get samples(): readonly SilenceSample[] {
    return this.#samples ?? [];
  }

  get word(): string[] {
    return this.parent ? [...this.parent.word, this.input] : [];
  }

  child(input: string): ObservationNode | undefined {
    let child = this.#latest;
    while (child && child.input !== input) child = child.#sibling;
    return child ?? undefined;
  }

  /** The node of a word from here; as far as it was observed, or until the connection has ended. */
  follow(word: readonly string[]): ObservationNode {
    let node: ObservationNode = this;
    for (const input of word) {
      const next = node.child(input);
      if (!next) break;
      node = next;
    }
    return node;
  }

  /** @returns the new node; what was known behind the input is dropped. */
  replace(step: Pick<PlayedStep, 'input' | 'output' | 'isClosed'>): ObservationNode {
    const node = new ObservationNode(this, step);
    const others = this.children.filter((child) => child.input !== step.input);
    this.#latest = null;
    for (const child of [...others, node]) {
      child.#sibling = this.#latest;
      this.#latest = child;
    }
    return node;
  }

  measured(sample: SilenceSample): void {
    this.#samples ??= [];
    if (this.#samples.length < maxSamples) this.#samples.push(sample);
  }
}

/** A play that differs from what was observed before. */
export interface Conflict {
  /** The node before the input. */
  readonly node: ObservationNode;
  readonly step: PlayedStep;
}

export class ObservationTree {
  readonly root = new ObservationNode(null, { input: '', output: '', isClosed: false });
  /** Each text once: those of plays are copies. */
  readonly #texts = new Map<string, string>();
  #size = 1;
  #earliest = Number.POSITIVE_INFINITY;

  /** The number of nodes that were added. */
  get size(): number {
    return this.#size;
  }

  /** The earliest moment of a timeout, in milliseconds since the connect; infinite before the first. */
  get earliestTimeout(): number {
    return this.#earliest;
  }

  /** Adds the steps of a play up to the first one that differs from what is known. */
  add(play: Play): Conflict | null {
    let node = this.root;
    const moments = [0];
    for (const step of play.steps) {
      const known = node.child(step.input);
      if (known && !areEqual(known, step)) return { node, step };
      const next = known ?? node.replace(this.#shared(step));
      if (!known) this.#size += 1;
      if (step.input === silence && step.output !== '') {
        next.measured({ moments: [...moments], at: step.at });
        this.#earliest = Math.min(this.#earliest, step.at);
      }
      moments.push(step.at);
      node = next;
    }
    return null;
  }

  #shared({ input, output, isClosed }: PlayedStep) {
    return { input: this.#text(input), output: this.#text(output), isClosed };
  }

  #text(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }
}

/** Whether a step has the output and the end of what is known. */
export function areEqual(
  one: Pick<PlayedStep, 'output' | 'isClosed'>,
  other: Pick<PlayedStep, 'output' | 'isClosed'>,
): boolean {
  return one.output === other.output && one.isClosed === other.isClosed;
}
