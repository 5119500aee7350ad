/** What of the chart is covered and what is not, part by part. */
import {
  type Configuration,
  configurations,
  deadlineOf,
} from '../../registration/chart/configurations.js';
import {
  type RegistrationEdge,
  registrationEdges,
  stateNodesOf,
} from '../../registration/chart/edges.js';
import { registrationMachine } from '../../registration/chart/registration.js';
import type { CoverageCounts } from './coverage.js';
import { chartPairs, type Pair } from './pairs.js';

/** Covered items out of all there are. */
export interface CoveredPart<Item> {
  readonly covered: number;
  readonly of: number;
  /** Those that are not covered, in the chart's order. */
  readonly missing: readonly Item[];
}

export interface CoverageParts {
  readonly states: CoveredPart<Configuration>;
  readonly transitions: CoveredPart<RegistrationEdge>;
  /** Of the transitions: those that a documented figure shows. */
  readonly documented: CoveredPart<RegistrationEdge>;
  /** Of the transitions: the steps of the protocol, the documented ones among them. */
  readonly protocolSteps: CoveredPart<RegistrationEdge>;
  /** Of the transitions: stated outcomes that are no step. Most of them need a peer, or a seat, that is wrong. */
  readonly unexpected: CoveredPart<RegistrationEdge>;
  readonly pairs: CoveredPart<Pair>;
  /** Of the pairs: both are steps of the protocol. */
  readonly pairsOfSteps: CoveredPart<Pair>;
}

/** The parts of the chart, with what is covered of each. */
export function coverageParts({ states, transitions, pairs }: CoverageCounts): CoverageParts {
  const edges = (wanted: (edge: RegistrationEdge) => boolean) =>
    part(registrationEdges.filter(wanted), ({ id }) => transitions.get(id));
  const all = [...chartPairs().values()];
  return {
    states: part(configurations, (state) => states.get(state)),
    transitions: edges(() => true),
    documented: edges(({ figures }) => figures.length > 0),
    protocolSteps: edges(({ unexpected }) => !unexpected),
    unexpected: edges(({ unexpected }) => unexpected),
    pairs: part(all, ({ id }) => pairs.get(id)),
    pairsOfSteps: part(
      all.filter(({ unexpected }) => !unexpected),
      ({ id }) => pairs.get(id),
    ),
  };
}

function part<Item>(
  items: readonly Item[],
  times: (item: Item) => number | undefined,
): CoveredPart<Item> {
  const missing = items.filter((item) => !times(item));
  return { covered: items.length - missing.length, of: items.length, missing };
}

/** A configuration in words, from the chart's own descriptions. */
export function describeConfiguration(configuration: Configuration): string {
  const [key] = configuration.split('/');
  const node = stateNodesOf(registrationMachine.root).find(
    (candidate) => candidate.key === key && candidate.parent !== undefined,
  );
  const deadline = deadlineOf(configuration);
  const running = deadline === null ? '' : ` The ${deadline} deadline runs.`;
  return `${node?.description ?? ''}${running}`;
}

/** The steps that never followed a step, out of all that can. */
export interface MissingFollowers {
  /** Ids of steps (`Pair`). */
  readonly first: string;
  readonly seconds: readonly string[];
  /** How many steps of the protocol can follow the first. */
  readonly of: number;
}

/** Missing pairs of steps by their first step, in the chart's order. */
export function missingFollowers({ pairsOfSteps }: CoverageParts): MissingFollowers[] {
  const groups = new Map<string, string[]>();
  for (const { first, second } of pairsOfSteps.missing)
    groups.set(first, [...(groups.get(first) ?? []), second]);
  const possible = [...chartPairs().values()].filter(({ unexpected }) => !unexpected);
  return [...groups].map(([first, seconds]) => {
    const of = possible.filter((pair) => pair.first === first).length;
    return { first, seconds, of };
  });
}
