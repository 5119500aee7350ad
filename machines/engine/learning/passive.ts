/** A passive learner: it folds recorded sessions along the machine of a figure. It sends nothing. */
import { edgeText, isAllowed } from './differences.js';
import { type Departure, DifferenceLog, type PassiveDifference } from './passive-differences.js';
import { type EdgeCount, observedMachine } from './passive-machine.js';
import type { PassiveSession, SessionStep } from './passive-session.js';
import { PassiveWalk } from './passive-walk.js';
import { Residues } from './residue.js';
import {
  edgeOf,
  endsSession,
  silence,
  type TimedEdge,
  type TimedMachine,
} from './timed-machine.js';
import { TimeoutLengths } from './timeout-lengths.js';
import { settle, sinceStart } from './timing.js';
import { TimingEvidence } from './timing-evidence.js';

export interface PassiveResult {
  readonly sessions: number;
  /** The number of sessions that show a difference. */
  readonly departed: number;
  /** Every edge of the figure. No session has taken those with the count 0. */
  readonly edges: readonly EdgeCount[];
  /** Those that were seen first come first. */
  readonly differences: readonly PassiveDifference[];
  /**
   * What timeouts would show that came up to 500 ms late in fewer than four of five sessions. A busy machine does that, so they do not
   * count as differences.
   */
  readonly doubtful: readonly PassiveDifference[];
  /** The machine as far as it was observed. */
  readonly machine: TimedMachine;
  /** Milliseconds of the timeouts by state, as the figure states them or as they were measured; null for an unknown length. */
  readonly lengths: Readonly<Record<string, number | null>>;
  /** The gaps of the machine, one sentence each. */
  readonly unknown: readonly string[];
}

export interface PassiveOptions {
  /** Milliseconds by which equal lengths may differ. @default a tenth of each length, from 50 to 500 */
  readonly tolerance?: number | undefined;
}

/** Takes sessions one by one. Its memory does not grow with their number. */
export class PassiveLearner {
  readonly #expected: TimedMachine;
  readonly #lengths: TimeoutLengths;
  /** By state and input. */
  readonly #counts = new Map<string, number>();
  readonly #differences = new DifferenceLog();
  readonly #evidence: TimingEvidence;
  readonly #residues: Residues;
  /** The longest silence in each state in which nothing happened, in milliseconds. */
  readonly #silences = new Map<string, number>();
  /** Inputs that the figure does not have. */
  readonly #unknownInputs = new Set<string>();
  #sessions = 0;

  /** @param expected the machine of the figure; lengths that it leaves open are measured */
  constructor(expected: TimedMachine, { tolerance }: PassiveOptions = {}) {
    this.#expected = expected;
    this.#lengths = new TimeoutLengths(expected, tolerance ?? null);
    this.#evidence = new TimingEvidence(this.#lengths);
    this.#residues = new Residues(expected, this.#lengths);
  }

  get sessions(): number {
    return this.#sessions;
  }

  add(session: PassiveSession): void {
    this.#sessions += 1;
    const walk = new PassiveWalk(this.#expected, session, this.#sessions);
    for (const [index, step] of session.steps.entries()) {
      if (walk.state.isClosed) return;
      const goesOn = isSilent(step) ? this.#silent(walk, step) : this.#moved(walk, step, index);
      if (!goesOn) return;
    }
    if (!walk.state.isClosed) this.#lasted(walk, session.lasted);
  }

  /** The result of all sessions. Nothing can be added afterwards. */
  result(): PassiveResult {
    this.#lengths.end();
    const expected = this.#expected;
    const edges = expected.states.flatMap((state) =>
      [...expected.inputs, silence].flatMap((input): EdgeCount[] => {
        const edge = edgeOf(state, input);
        const count = this.#counts.get(keyOf(state.name, input)) ?? 0;
        return edge ? [{ from: state.name, input, output: edge.output, count }] : [];
      }),
    );
    const timed = expected.states.filter(({ timeout }) => timeout);
    const lengths = Object.fromEntries(
      timed.map(({ name }) => [name, this.#lengths.lengthOf(name)]),
    );
    const { differences, departed, doubtful } = this.#differences.result((departure) => {
      const { kind, expectedState, input } = departure;
      const counts = this.#counts.get(keyOf(expectedState, input)) ?? 0;
      return kind === 'output' ? counts : this.#evidence.against(expectedState, input);
    });
    const residues = this.#residues.merged();
    const silences = this.#silences;
    return {
      sessions: this.#sessions,
      departed,
      edges,
      differences,
      doubtful,
      lengths,
      machine: observedMachine({ expected, lengths, edges, differences, residues, silences }),
      unknown: [
        ...this.#lengths.unsteady.map((state) => `The timeout of ${state} has no steady length.`),
        ...[...this.#unknownInputs].map((input) => `The figure does not have the input ${input}.`),
        ...residues.flatMap(({ unknown }) => unknown),
      ],
    };
  }

  /** @returns whether the fold goes on */
  #moved(walk: PassiveWalk, step: SessionStep, index: number): boolean {
    const { state } = walk;
    this.#lasted(walk, step.at);
    const { output, answeredAt } = step;
    // What follows an unknown answer tells nothing.
    if (output === null) return false;
    const known = step.inputs.filter((input) => input in state.edges);
    const agrees = (seen: string) => (input: string) =>
      isAllowed(state.edges[input] as TimedEdge, seen);
    // An answer and a close may come apart.
    const next = walk.session.steps[index + 1];
    const isJoined = next && isSilent(next) && next.at - answeredAt <= settle;
    const joined = isJoined ? [output, next.output].filter(Boolean).join(' ') : output;
    const [seen, at] = known.some(agrees(output)) ? [output, answeredAt] : [joined, next?.at];
    const chosen = known.find(agrees(seen));
    if (chosen !== undefined) {
      this.#count(state.name, chosen);
      walk.take(chosen, state.edges[chosen] as TimedEdge, seen, at ?? answeredAt);
      return true;
    }
    const [input] = known;
    if (input === undefined) this.#unknownInputs.add(step.inputs.join(' or '));
    else this.#departed(walk, input, step, index);
    return false;
  }

  #departed(walk: PassiveWalk, input: string, step: SessionStep, index: number): void {
    const { state, session, clockAt } = walk;
    const output = step.output ?? '';
    const expected = edgeText(state.edges[input] ?? null);
    const departure = { kind: 'output', expectedState: state.name, input, expected } as const;
    walk.inputs.push(input);
    const observed = output || 'nothing';
    this.#note(walk, { ...departure, observed, depth: walk.inputs.length, after: null });
    if (endsSession(output)) return;
    const rest = session.steps.slice(index + 1);
    const clocks = { departedAt: step.answeredAt, clockAt };
    this.#residues.add({ from: state.name, input, output }, rest, clocks);
  }

  /** An output without an input. @returns whether the fold goes on */
  #silent(walk: PassiveWalk, step: SessionStep): boolean {
    const { timeout, name } = walk.state;
    const output = step.output ?? '';
    const depth = walk.inputs.length;
    const sample = walk.sample(output, step.at);
    const after = sinceStart(sample) ?? step.at - walk.lastAt;
    const isExpected = timeout !== null && isAllowed(timeout, output);
    this.#lengths.take(sample, (difference) => {
      if (difference) this.#note(walk, { ...difference, depth, after });
      else if (timeout) this.#evidence.add(sample);
      if (difference?.kind === 'output')
        this.#count(difference.expectedState, difference.input, -1);
      if (difference?.kind === 'output' || !timeout) return;
      if (isExpected) this.#count(name, silence);
      else {
        const silent = { kind: 'output', expectedState: name, input: silence } as const;
        const expected = edgeText({ ...timeout, length: this.#lengths.lengthOf(name) });
        this.#note(walk, { ...silent, expected, observed: output, depth, after });
      }
    });
    if (isExpected) walk.take(silence, timeout, output, step.at);
    return isExpected;
  }

  /** Nothing had come by itself until a moment. */
  #lasted(walk: PassiveWalk, at: number): void {
    const { name, timeout } = walk.state;
    const longest = this.#silences.get(name) ?? 0;
    this.#silences.set(name, Math.max(longest, at - walk.lastAt));
    if (!timeout || walk.isOverdue) return;
    const depth = walk.inputs.length;
    const sample = walk.sample(null, at);
    this.#lengths.take(sample, (difference) => {
      if (!difference) return;
      walk.isOverdue = true;
      this.#note(walk, { ...difference, depth, after: sinceStart(sample) });
    });
  }

  #note(walk: PassiveWalk, departure: Departure): void {
    this.#differences.add(departure, walk);
  }

  #count(state: string, input: string, by = 1): void {
    const key = keyOf(state, input);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }
}

function keyOf(state: string, input: string): string {
  return JSON.stringify([state, input]);
}

function isSilent({ inputs }: SessionStep): boolean {
  return inputs[0] === silence;
}
