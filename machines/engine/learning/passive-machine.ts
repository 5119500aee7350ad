/** The machine of a server as far as recordings show it. */
import type { PassiveDifference } from './passive-differences.js';
import type { MergedResidue } from './residue.js';
import {
  closedNameOf,
  edgeOf,
  endsSession,
  silence,
  stateNamed,
  type TimedEdge,
  type TimedMachine,
  type TimedState,
  type Timeout,
} from './timed-machine.js';

/** How often an edge of the figure was taken. */
export interface EdgeCount {
  readonly from: string;
  /** `silence` for a timeout. */
  readonly input: string;
  /** The expected output. */
  readonly output: string;
  /** The number of steps that agree with it. */
  readonly count: number;
}

export interface ObservedParts {
  readonly expected: TimedMachine;
  readonly lengths: Readonly<Record<string, number | null>>;
  readonly edges: readonly EdgeCount[];
  readonly differences: readonly PassiveDifference[];
  readonly residues: readonly MergedResidue[];
  readonly silences: ReadonlyMap<string, number>;
}

/** Where sessions differ from each other, the machine does what most of them show. */
export function observedMachine(parts: ObservedParts): TimedMachine {
  const { expected, residues } = parts;
  const own = expected.states.map((state) => observedState(state, parts));
  const all = [
    ...own,
    ...residues.flatMap(({ states }) => states),
    ...runningOn(parts).flatMap((edge) => carriedState(edge, own, parts)),
  ];
  const named = new Map(all.map((state) => [state.name, state]));
  const reached = new Set([expected.initial]);
  // New names are appended to the set that is being iterated.
  for (const name of reached) {
    const { timeout = null, edges = {} } = named.get(name) ?? {};
    for (const { to } of [...Object.values(edges), ...(timeout ? [timeout] : [])]) reached.add(to);
  }
  const states = all.filter(({ name }) => reached.has(name));
  return { initial: expected.initial, inputs: expected.inputs, states };
}

/** Edges that should have stopped a clock, and did not. */
function runningOn({ differences }: ObservedParts): PassiveDifference[] {
  return differences.filter(({ kind, expected }) => kind === 'clock' && expected === 'stop');
}

function carriedName(to: string, { expectedState }: PassiveDifference): string {
  return `${to} (clock of ${expectedState})`;
}

/** The state behind an edge that lets the clock run on: that of the figure with the timeout of the state before. */
function carriedState(
  difference: PassiveDifference,
  own: readonly TimedState[],
  { expected, lengths }: ObservedParts,
): TimedState[] {
  const { expectedState, input } = difference;
  const from = stateNamed(expected, expectedState);
  const to = edgeOf(from, input)?.to;
  const target = own.find(({ name }) => name === to);
  if (!target || !from.timeout) return [];
  const name = carriedName(target.name, difference);
  const edges = Object.entries(target.edges).map(([key, edge]) => [
    key,
    edge.to === target.name ? { ...edge, to: name, clock: 'keep' as const } : edge,
  ]);
  const timeout = { ...from.timeout, length: lengths[expectedState] ?? null };
  return [{ name, isClosed: false, timeout, edges: Object.fromEntries(edges) }];
}

function observedState(state: TimedState, parts: ObservedParts): TimedState {
  if (state.isClosed) return state;
  const edges = Object.fromEntries(
    parts.expected.inputs.flatMap((input): [string, TimedEdge][] => {
      const edge = observedEdge(state, input, parts);
      return edge ? [[input, edge]] : [];
    }),
  );
  const timeout = observedTimeout(state, parts);
  const known = Object.values(parts.lengths).map((length) => length ?? 0);
  const isLong = (parts.silences.get(state.name) ?? 0) > Math.max(0, ...known);
  if (timeout || isLong) return { ...state, timeout, edges };
  return { ...state, timeout, isSilenceUnobserved: true, edges };
}

function observedEdge(
  { name, edges }: TimedState,
  input: string,
  parts: ObservedParts,
): TimedEdge | null {
  const { from, to, output, clock } = { from: name, ...(edges[input] as TimedEdge) };
  const count = countOf(from, input, parts);
  const other = mostSeen(from, input, 'output', parts);
  if (!other || count >= other.sessions) {
    if (count === 0) return null;
    const other = mostSeen(from, input, 'clock', parts);
    const seen = other?.observed === 'start' || other?.observed === 'keep' ? other.observed : clock;
    const isCarried = other?.expected === 'stop';
    const target = isCarried ? carriedName(to, other) : to;
    return { ...(edges[input] as TimedEdge), to: target, output, clock: seen };
  }
  const observed = other.output;
  if (endsSession(observed)) return { to: closedState(parts), output: observed, clock: 'stop' };
  const residue = parts.residues.find(
    (one) => one.from === from && one.input === input && one.output === observed,
  );
  return { to: residue?.to ?? to, output: observed, clock: residue?.clock ?? clock };
}

function observedTimeout({ name, timeout }: TimedState, parts: ObservedParts): Timeout | null {
  const count = countOf(name, silence, parts);
  const isOther = ({ kind, expectedState, input, after }: PassiveDifference) =>
    (kind === 'length' || kind === 'timeout') &&
    expectedState === name &&
    input === silence &&
    after !== null;
  const other = parts.differences.find((one) => isOther(one) && one.output !== '');
  const [min, max] = other?.after ?? [0, 0];
  const length = Math.round((min + max) / 2);
  if (!timeout) {
    if (!other) return null;
    return { to: closedState(parts), output: other.output, clock: 'stop', length };
  }
  if (count === 0) return null;
  const { to, output, clock } = timeout;
  const isMostly = other?.kind === 'length' && other.sessions * 2 > count;
  return { to, output, clock, length: isMostly ? length : (parts.lengths[name] ?? null) };
}

function mostSeen(
  from: string,
  input: string,
  kind: PassiveDifference['kind'],
  { differences }: ObservedParts,
): PassiveDifference | undefined {
  return differences
    .filter((one) => one.kind === kind && one.expectedState === from && one.input === input)
    .sort((one, other) => other.sessions - one.sessions)[0];
}

function countOf(from: string, input: string, { edges }: ObservedParts): number {
  return edges.find((edge) => edge.from === from && edge.input === input)?.count ?? 0;
}

function closedState({ expected }: ObservedParts): string {
  return closedNameOf(expected) ?? expected.initial;
}
