/** What sessions do after they have departed from the figure: a tree for each departure, merged into the states of the figure. */
import { isAllowed } from './differences.js';
import { OwnStates } from './own-states.js';
import type { SessionStep } from './passive-session.js';
import type { Branch, ResidueNode } from './residue-tree.js';
import {
  type ClockEffect,
  edgeOf,
  silence,
  stateNamed,
  type TimedMachine,
  type TimedState,
} from './timed-machine.js';
import type { KnownTimeouts } from './timing.js';

/** An edge that the figure has with another output. */
export interface Departed {
  readonly from: string;
  readonly input: string;
  readonly output: string;
}

/** Milliseconds since the connect. */
export interface DepartureClocks {
  readonly departedAt: number;
  /** When the clock was started that ran at the departure; null for an unknown moment or none. */
  readonly clockAt: number | null;
}

/** The outcome of a departure. */
export interface MergedResidue extends Departed {
  readonly to: string;
  readonly clock: ClockEffect;
  /** States that the figure does not have. */
  readonly states: readonly TimedState[];
  /** The gaps of these states, one sentence each. */
  readonly unknown: readonly string[];
}

/** Which moment started the clock; null when it is not known, and lengths are not compared. */
type Origin = 'departure' | 'clock' | null;

const maxNodes = 2_000;
const maxSteps = 20;

export class Residues {
  readonly #expected: TimedMachine;
  readonly #known: KnownTimeouts;
  readonly #trees = new Map<string, { readonly departed: Departed; readonly root: ResidueNode }>();
  #nodes = 0;

  constructor(expected: TimedMachine, known: KnownTimeouts) {
    this.#expected = expected;
    this.#known = known;
  }

  add(departed: Departed, rest: readonly SessionStep[], clocks: DepartureClocks): void {
    const key = JSON.stringify(departed);
    const tree = this.#trees.get(key) ?? { departed, root: { branches: new Map() } };
    this.#trees.set(key, tree);
    let node: ResidueNode = tree.root;
    for (const { inputs, output, at } of rest.slice(0, maxSteps)) {
      if (output === null) return;
      const next = this.#branch(node, inputs, output);
      if (!next) return;
      next.count += 1;
      widen(next.sinceDeparture, at - clocks.departedAt);
      if (clocks.clockAt !== null) widen(next.sinceClock, at - clocks.clockAt);
      node = next.to;
    }
  }

  /** Merges each tree into a state of the figure with which all of it agrees. The lengths must be known. */
  merged(): MergedResidue[] {
    return [...this.#trees.values()].map(({ departed, root }) => this.#merge(departed, root));
  }

  #branch(node: ResidueNode, inputs: readonly string[], output: string): Branch | null {
    const key = JSON.stringify([inputs, output]);
    const known = node.branches.get(key);
    if (known || this.#nodes >= maxNodes) return known ?? null;
    this.#nodes += 1;
    const spans = { sinceDeparture: emptySpan(), sinceClock: emptySpan() };
    const branch: Branch = { inputs, output, count: 0, ...spans, to: { branches: new Map() } };
    node.branches.set(key, branch);
    return branch;
  }

  #merge(departed: Departed, root: ResidueNode): MergedResidue {
    const { from, input } = departed;
    const edge = edgeOf(stateNamed(this.#expected, from), input);
    const names = this.#expected.states.filter(({ isClosed }) => !isClosed).map(({ name }) => name);
    const likely = [edge?.to ?? from, from].filter((name) => names.includes(name));
    for (const to of new Set([...likely, ...names])) {
      for (const clock of this.#effects(from, to, edge?.clock)) {
        const origin = clock === 'keep' ? 'clock' : 'departure';
        if (this.#agrees(root, to, origin))
          return { ...departed, to, clock, states: [], unknown: [] };
      }
    }
    const own = new OwnStates(this.#expected, `after ${input} in ${from}`, (node) =>
      names.find((name) => this.#agrees(node, name, null)),
    );
    const to = own.add(root);
    const sentence = `What follows ${input} in ${from} fits no state of the figure.`;
    const unknown = [sentence, ...own.conflicts];
    return { ...departed, to, clock: 'start', states: own.states, unknown };
  }

  /** The clock effects that an edge may have, the likeliest first. */
  #effects(from: string, to: string, expected: ClockEffect | undefined): ClockEffect[] {
    const ran = stateNamed(this.#expected, from).timeout !== null;
    if (!stateNamed(this.#expected, to).timeout) return [ran ? 'stop' : 'none'];
    if (!ran) return ['start'];
    return expected === 'start' ? ['start', 'keep'] : ['keep', 'start'];
  }

  #agrees(node: ResidueNode, name: string, origin: Origin): boolean {
    const state = stateNamed(this.#expected, name);
    return [...node.branches.values()].every((branch) => {
      if (state.isClosed) return false;
      return branch.inputs.some((input) => {
        const edge = edgeOf(state, input);
        if (!edge || !isAllowed(edge, branch.output)) return false;
        if (input === silence && !this.#fits(branch, name, origin)) return false;
        const isKept = input !== silence && edge.clock === 'keep';
        return this.#agrees(branch.to, edge.to, isKept ? origin : null);
      });
    });
  }

  #fits({ sinceDeparture, sinceClock }: Branch, state: string, origin: Origin): boolean {
    const length = this.#known.lengthOf(state);
    if (origin === null || length === null) return true;
    const [min, max] = origin === 'departure' ? sinceDeparture : sinceClock;
    const tolerance = this.#known.tolerance(length);
    return min >= length - tolerance && max <= length + tolerance;
  }
}

function emptySpan(): [number, number] {
  return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
}

function widen(span: [number, number], value: number): void {
  span[0] = Math.min(span[0], value);
  span[1] = Math.max(span[1], value);
}
