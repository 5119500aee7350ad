/** One actor of a covered machine: what its microsteps cover. */
import type {
  AnyMachineSnapshot,
  AnyStateNode,
  AnyTransitionDefinition,
  EventObject,
  InspectedMicrostepEvent,
} from 'xstate';
import { ancestorsOf, isWithin } from '../table/edges.js';
import { outcomeId, pairId, stepId } from './chart-steps.js';
import { type Counts, count, sum } from './counts.js';
import { executedOf } from './executed-transitions.js';
import { leavesIn, type MachineParts, stateName } from './machine-parts.js';

/** What XState reports of a microstep: the event, the selected transitions, and the snapshot after it. */
export type Microstep = Pick<InspectedMicrostepEvent, 'event' | 'snapshot' | '_transitions'>;

/** The names of a chart. What an actor of another version does beyond them is foreign. */
export interface KnownNames {
  readonly states: ReadonlySet<string>;
  readonly transitions: ReadonlySet<string>;
}

export class ActorSession {
  readonly #counts: Counts<string>;
  readonly #names: KnownNames;
  readonly #parts: MachineParts;
  /** The microsteps before the start: XState takes them when the actor is created. Null after the start. */
  #waiting: Microstep[] | null = [];
  #leaves: readonly AnyStateNode[] = [];
  /** The last microstep changed nothing and needed no event: XState does not ask the guards again. */
  #isSettled = false;
  #snapshot: AnyMachineSnapshot | null = null;
  /** Events that the actor has got and not taken yet; those that it sent to itself meanwhile belong to the same step. */
  #queued = 0;
  readonly #own = new Set<EventObject>();
  /** The transitions of the step. */
  #step: string[] = [];
  #lastStep: string | null = null;

  constructor(counts: Counts<string>, names: KnownNames, parts: MachineParts) {
    this.#counts = counts;
    this.#names = names;
    this.#parts = parts;
  }

  /** The actor starts, or is seen for the first time. An actor that never starts counts nothing. */
  start(snapshot: AnyMachineSnapshot): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    this.#counts.sessions = sum(this.#counts.sessions, 1);
    // A restored actor has taken no microsteps.
    this.#leaves = waiting.length === 0 ? leavesIn(snapshot) : this.#parts.initialLeaves;
    this.#countLeaves();
    for (const one of waiting) this.microstep(one);
    // The start is not a step.
    this.#step = [];
  }

  /** The actor gets an event. */
  queue(event: EventObject, isOwn: boolean): void {
    // What it sends to itself later is a timer.
    if (isOwn && this.#queued > 0) this.#own.add(event);
    this.#queued += 1;
  }

  microstep(microstep: Microstep): void {
    if (this.#waiting !== null) {
      this.#waiting.push(microstep);
      return;
    }
    const { event, _transitions: transitions } = microstep;
    const snapshot = microstep.snapshot as AnyMachineSnapshot;
    const isEventless = transitions[0]?.eventType === '';
    if (event.type !== 'xstate.stop') this.#countGuards(isEventless ? null : event, transitions);
    // The snapshot before the first microstep of a new session is not known.
    const isSame =
      this.#snapshot === null
        ? transitions.every(({ target }) => !target?.length)
        : snapshot === this.#snapshot;
    this.#isSettled = isEventless && isSame;
    this.#snapshot = snapshot;
    if (transitions.length === 0) return;
    for (const one of isEventless ? transitions : executedOf(transitions)) this.#countTaken(one);
    this.#leaves = leavesIn(snapshot);
    this.#countLeaves();
  }

  /** The actor has taken an event to its end. */
  rest(event: EventObject, { status }: AnyMachineSnapshot): void {
    if (this.#waiting !== null) return;
    this.#queued = Math.max(0, this.#queued - 1);
    this.#own.delete(event);
    if (status === 'active' && !this.#isSettled) this.#countGuards(null, []);
    if (this.#step.length === 0 || this.#own.size > 0) return;
    const step = stepId(this.#step);
    const isKnown = this.#step.every((id) => this.#names.transitions.has(id));
    this.#counts.steps = sum(this.#counts.steps, 1);
    if (this.#lastStep !== null && isKnown) count(this.#counts.pairs, pairId(this.#lastStep, step));
    this.#lastStep = isKnown ? step : null;
    this.#step = [];
  }

  #countTaken(transition: AnyTransitionDefinition): void {
    const id = this.#parts.ids.get(transition);
    if (id === undefined) return;
    this.#step.push(id);
    if (this.#names.transitions.has(id)) count(this.#counts.transitions, id);
    else this.#counts.foreign = sum(this.#counts.foreign, 1);
  }

  #countLeaves(): void {
    for (const leaf of this.#leaves) {
      const name = stateName(leaf);
      if (this.#names.states.has(name)) count(this.#counts.states, name);
    }
  }

  /**
   * Counts the results of guards that follow from the selected transitions: the guard of a selected transition was true. XState asks the
   * guards of a state in order, from the innermost state outwards, so those before a selected one were false.
   * @param event null for transitions without an event.
   */
  #countGuards(event: EventObject | null, selected: readonly AnyTransitionDefinition[]): void {
    if (!this.#parts.hasGuards) return;
    const outcomes = new Map<AnyTransitionDefinition, boolean>();
    for (const leaf of this.#leaves) {
      const chain = this.#asked(leaf, event, selected);
      const isTaken = chain.some((one) => selected.includes(one));
      // Of several regions XState reports only those whose eventless transitions do not exclude each other.
      if (event === null && selected.length > 0 && !isTaken) continue;
      for (const one of chain) outcomes.set(one, selected.includes(one));
    }
    for (const [transition, result] of outcomes) {
      if (transition.guard === undefined) continue;
      const id = this.#parts.ids.get(transition) ?? '';
      if (this.#names.transitions.has(id)) count(this.#counts.guards, outcomeId(id, result));
    }
  }

  /** The transitions that XState tried for one leaf, up to the one that it selected. */
  #asked(
    leaf: AnyStateNode,
    event: EventObject | null,
    selected: readonly AnyTransitionDefinition[],
  ): AnyTransitionDefinition[] {
    const asked: AnyTransitionDefinition[] = [];
    for (const node of [leaf, ...ancestorsOf(leaf)]) {
      // A parallel state is not asked when one of its regions takes the event.
      const isTaken = (one: AnyTransitionDefinition) =>
        one.source !== node && isWithin(one.source, node);
      if (event !== null && node.type === 'parallel' && selected.some(isTaken)) break;
      const candidates =
        event === null ? (node.always ?? []) : this.#parts.candidates(node, event.type);
      for (const one of candidates) {
        asked.push(one);
        if (selected.includes(one)) return asked;
      }
    }
    return asked;
  }
}
