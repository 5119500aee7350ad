/** What the cases of a suite cover, by the transitions that they expect. */
import type { AnyStateNode } from 'xstate';
import {
  ancestorsOf,
  type IdentifiedTransition,
  identifiedTransitions,
  isWithin,
} from '../table/edges.js';
import type { ActorCoverage } from './actor-coverage.js';
import { outcomeId, pairId, stepId } from './chart-steps.js';
import { asJson, Counts, count } from './counts.js';
import { initialNodes, leavesOf, stateName } from './machine-parts.js';
import { ReplayedSession } from './replayed-session.js';

/**
 * Counts the cases of a suite without playing them. Entered states follow from the transitions; the state behind a history state is counted when a
 * transition leaves it. The guard of a transition was true, and those before it in the same state for the same event were false.
 */
export class SuiteCounts {
  readonly #counts = new Counts<string>();
  readonly #coverage: ActorCoverage;
  readonly #input: unknown;
  readonly #transitions: ReadonlyMap<string, IdentifiedTransition>;

  /** @param input the input of the machine. */
  constructor(coverage: ActorCoverage, input: unknown) {
    this.#coverage = coverage;
    this.#input = input;
    const { machine } = coverage;
    this.#transitions = new Map(identifiedTransitions(machine).map((one) => [one.id, one]));
  }

  /** Counts a case. @param steps the ids of the transitions of each step. @throws what the machine throws at its start */
  add(steps: Iterable<readonly string[]>): void {
    new ReplayedSession(this.#coverage, this.#input);
    let last: string | null = null;
    for (const ids of steps) {
      if (ids.length === 0) continue;
      this.#counts.steps += 1;
      const isKnown = ids.map((id) => this.#take(id)).every(Boolean);
      const step = isKnown ? stepId(ids) : null;
      if (last !== null && step !== null) count(this.#counts.pairs, pairId(last, step));
      last = step;
    }
  }

  /** Adds what was counted to the coverage. */
  finish(): void {
    const { chart } = this.#coverage;
    this.#coverage.mergeJson({ coverage: 1, seats: { actor: asJson(this.#counts, chart) } });
  }

  #take(id: string): boolean {
    const taken = this.#transitions.get(id);
    if (!taken) {
      this.#counts.foreign += 1;
      return false;
    }
    const { node, transition } = taken;
    count(this.#counts.transitions, id);
    this.#visit(leavesOf([node]));
    for (const target of transition.target ?? []) this.#visit(enteredWith(target, node));
    if (transition.guard !== undefined) count(this.#counts.guards, outcomeId(id, true));
    for (const earlier of this.#transitions.values()) {
      if (earlier.node !== node || earlier.transition.eventType !== transition.eventType) continue;
      if (earlier.id === id) break;
      if (earlier.transition.guard !== undefined)
        count(this.#counts.guards, outcomeId(earlier.id, false));
    }
    return true;
  }

  #visit(leaves: readonly AnyStateNode[]): void {
    for (const leaf of leaves) count(this.#counts.states, stateName(leaf));
  }
}

/** The leaves that are entered with a target: its inner states, and the other regions of the parallel states around it. */
function enteredWith(target: AnyStateNode, source: AnyStateNode): AnyStateNode[] {
  const regions = ancestorsOf(target)
    .filter((outer) => outer.type === 'parallel' && !isWithin(source, outer))
    .flatMap((outer) => Object.values(outer.states))
    .filter((region) => !isWithin(target, region));
  return leavesOf([target, ...regions].flatMap(initialNodes));
}
