/** The gates of a cluster in the answers of live control. */
import type { ClusterView, NodeOutcome } from '../server/gate-view.js';
import type { GateView } from '../server/index.js';
import type { NodeAnswer, Unreachable } from './answers.js';
import { optional, text, yesNo } from './arguments.js';
import { badRequest, ControlProblem } from './problem.js';

/** Arguments of a request that names gates. */
export const nodeArguments = {
  node: optional(text('gate of the cluster (default this gate)', 64)),
  allNodes: optional(yesNo('whether all gates of the cluster do it (default false)')),
};

interface NodeValues {
  readonly node: string | undefined;
  readonly allNodes: boolean | undefined;
}

/** Brings the sessions up to date with the other gates. */
export async function looked({ cluster }: Pick<GateView, 'cluster'>): Promise<Unreachable> {
  return cluster ? { unreachable: await cluster.look() } : {};
}

/** Waits for the other gates. @param before what did not answer until now */
export async function settled(
  { cluster }: Pick<GateView, 'cluster'>,
  { unreachable = [] }: Unreachable = {},
): Promise<Unreachable> {
  if (!cluster) return {};
  return { unreachable: [...new Set([...unreachable, ...(await cluster.settled())])].sort() };
}

/** The cluster of a gate. @throws {ControlProblem} 404 */
export function clusterOf({ cluster }: Pick<GateView, 'cluster'>): ClusterView {
  if (cluster) return cluster;
  throw new ControlProblem(404, 'this gate is not in a cluster: it has no directory');
}

/**
 * The gates that a request names.
 * @returns a name, null for all gates, undefined for this one
 * @throws {ControlProblem}
 */
export function wantedNode({ node, allNodes }: NodeValues): string | null | undefined {
  if (node !== undefined && allNodes) throw badRequest('node and allNodes exclude each other');
  return allNodes ? null : node;
}

export function nodeAnswers(outcomes: readonly NodeOutcome[]): NodeAnswer[] {
  return outcomes.map(({ node, problem, answer }) => ({
    node,
    problem,
    ...(answer as Record<string, unknown> | null),
  }));
}
