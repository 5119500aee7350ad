import type { ClusterView, NodeStatus } from '../server/gate-view.js';
import type { GateView } from '../server/index.js';
import type { ReadMetric, Sample } from './metric.js';

/** Milliseconds that another gate may take to answer: a scrape must not wait. */
const answerTimeout = 500;
/** Milliseconds that the answers of the gates are used. */
const maxAge = 5_000;

/** How the gate stands with its store. */
export function directoryMetrics(gate: GateView): ReadMetric[] {
  return [
    {
      name: 'ixgate_directory_up',
      help: '1 while the directory of names answers; 0 while no name with a cap is granted',
      read: () => Number(gate.directory?.state === 'live'),
    },
    {
      name: 'ixgate_directory_names',
      help: 'Names in the directory that sessions of this gate hold',
      read: () => gate.directory?.names ?? 0,
    },
  ];
}

/** All gates of the cluster, as this gate sees them. Each gate reports all: take one of them, or the maximum. */
export function nodeMetrics(cluster: ClusterView): ReadMetric[] {
  const nodes = recently(() => cluster.nodes(answerTimeout));
  const each = async (value: (node: NodeStatus) => number | null): Promise<Sample[]> =>
    (await nodes()).flatMap((node) => {
      const read = value(node);
      return read === null ? [] : [{ labels: { node: node.node }, value: read }];
    });
  return [
    {
      name: 'ixgate_node_up',
      help: '1 for each gate of the cluster that answers this gate, 0 for one that has a lease and does not answer',
      labels: ['node'],
      read: () => each(({ state }) => Number(state !== 'unreachable')),
    },
    {
      name: 'ixgate_node_sessions',
      help: 'Sessions of each gate of the cluster that answers this gate',
      labels: ['node'],
      read: () => each(({ sessions }) => sessions),
    },
    {
      name: 'ixgate_node_registered',
      help: 'Registered clients of each gate of the cluster that answers this gate',
      labels: ['node'],
      read: () => each(({ registered }) => registered),
    },
  ];
}

/** The last answer while it is recent. */
function recently<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let at = Number.NEGATIVE_INFINITY;
  let last: Promise<Answer> | null = null;
  return () => {
    if (last && performance.now() - at < maxAge) return last;
    at = performance.now();
    last = ask();
    return last;
  };
}
