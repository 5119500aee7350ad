import type { Branch, ResidueNode } from './residue-tree.js';
import {
  closedNameOf,
  endsSession,
  silence,
  type TimedEdge,
  type TimedMachine,
  type TimedState,
} from './timed-machine.js';

/** States of a server that its figure does not have, as recordings show them. */
export class OwnStates {
  readonly states: TimedState[] = [];
  /** Inputs with different outputs in one state, each in one sentence. */
  readonly conflicts: string[] = [];
  readonly #name: string;
  readonly #figureState: (node: ResidueNode) => string | undefined;
  readonly #closed: string | null;

  /**
   * @param name of the first state
   * @param figureState the state of the figure that fits a node
   */
  constructor(
    expected: TimedMachine,
    name: string,
    figureState: (node: ResidueNode) => string | undefined,
  ) {
    this.#name = name;
    this.#figureState = figureState;
    this.#closed = closedNameOf(expected);
  }

  /** @returns the name of the state of a node */
  add(node: ResidueNode): string {
    const number = this.states.length + 1;
    const name = number === 1 ? this.#name : `${this.#name} (${number})`;
    const at = this.states.push({ name, isClosed: false, timeout: null, edges: {} }) - 1;
    const edges: Record<string, TimedEdge> = {};
    let timeout: TimedState['timeout'] = null;
    for (const [input, branch] of this.#branchesOf(node, name)) {
      const to = this.#target(branch);
      if (input !== silence) edges[input] = { to, output: branch.output, clock: 'none' };
      else {
        const [min, max] = branch.sinceDeparture;
        const length = Math.round((min + max) / 2);
        timeout = { to, output: branch.output, clock: 'stop', length };
      }
    }
    const isSilenceUnobserved = timeout === null;
    this.states[at] = { name, isClosed: false, timeout, isSilenceUnobserved, edges };
    return name;
  }

  #target({ output, to }: Branch): string {
    if (endsSession(output) && this.#closed !== null) return this.#closed;
    return this.#figureState(to) ?? this.add(to);
  }

  /** One branch for each input: the most frequent. */
  #branchesOf(node: ResidueNode, name: string): Map<string, Branch> {
    const chosen = new Map<string, Branch>();
    for (const branch of node.branches.values()) {
      const input = branch.inputs[0] ?? silence;
      const other = chosen.get(input);
      if (other) this.conflicts.push(`${input} in ${name} has several outputs.`);
      if (!other || branch.count > other.count) chosen.set(input, branch);
    }
    return chosen;
  }
}
