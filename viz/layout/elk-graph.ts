/** A chart as a graph for ELK: boxes with their sizes, edges with their labels. */
import type { ElkExtendedEdge, ElkLabel, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api.js';
import {
  boxSize,
  headerHeight,
  headerWidth,
  initialSize,
  labelSize,
  type Size,
  wrapLabels,
} from './measure.js';
import { type ChartEdge, type ChartState, type ChartTree, statesOf } from './tree.js';

const options: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.edgeLabels.inline': 'true',
  // ELK makes some random choices; the seed makes them repeatable.
  'elk.randomSeed': '1',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=10,left=10,bottom=10,right=10]',
  // The label of a long edge is placed where there is room, not in the middle beside a big box.
  'elk.layered.edgeLabels.centerLabelPlacementStrategy': 'SPACE_EFFICIENT_LAYER',
  'elk.layered.spacing.nodeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.spacing.nodeNode': '12',
  'elk.spacing.edgeNode': '10',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.nodeSelfLoop': '10',
  'elk.spacing.labelNode': '2',
};

/** Layout options to try, in this order; the best result is used. */
export const variants: readonly LayoutOptions[] = ['BRANDES_KOEPF', 'NETWORK_SIMPLEX'].flatMap(
  (placement) =>
    ['GREEDY', 'DEPTH_FIRST'].map((breaking) => ({
      ...options,
      'elk.layered.nodePlacement.strategy': placement,
      'elk.layered.cycleBreaking.strategy': breaking,
    })),
);

/** Id of the loop that all edges from a state to itself share. */
export const loopId = (state: string) => `loop of ${state}`;

/** Label text for ELK, which drops labels without text even if they have a size. */
const anyText = 'text';

/** The graph of a chart. The outermost state is a box only if an edge leads to or from it. */
export function elkGraph(tree: ChartTree): ElkNode {
  const states = statesOf(tree.root);
  const timed = timedStates(tree);
  const initials = new Set(states.map(({ initial }) => initial));
  const node = (state: ChartState): ElkNode => {
    const labels = initials.has(state.id) ? [initialMark(state)] : [];
    if (state.children.length === 0)
      return { id: state.id, labels, ...boxSize(state.key, timed.has(state.id)) };
    return {
      id: state.id,
      labels,
      children: state.children.map(node),
      layoutOptions: {
        'elk.padding': padding(state),
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${headerWidth(state.key)}, ${headerHeight + 20})`,
      },
    };
  };
  return {
    id: 'chart',
    children: drawsRoot(tree) ? [node(tree.root)] : tree.root.children.map(node),
    edges: [...straightEdges(tree.edges), ...loops(tree.edges)],
  };
}

/** States with a timer: they show the time left. */
export function timedStates({ edges }: ChartTree): Set<string> {
  return new Set(edges.filter(({ kind }) => kind === 'timer').map(({ source }) => source));
}

/** Whether the outermost state itself is a box. */
export function drawsRoot({ root, edges }: ChartTree): boolean {
  return (
    root.type === 'parallel' ||
    root.children.length === 0 ||
    edges.some(({ source, target }) => source === root.id || target === root.id)
  );
}

/** Edges that share a loop, by state. */
export function loopsOf(edges: readonly ChartEdge[]): Map<string, ChartEdge[]> {
  const byState = new Map<string, ChartEdge[]>();
  for (const edge of edges) {
    if (edge.source !== edge.target) continue;
    byState.set(edge.source, [...(byState.get(edge.source) ?? []), edge]);
  }
  return byState;
}

export function sizeOfLabel({ label, kind, mark }: ChartEdge): Size {
  return labelSize(label, kind === 'timer', mark);
}

function initialMark({ id }: ChartState): ElkLabel {
  return {
    id: `initial ${id}`,
    text: anyText,
    ...initialSize,
    layoutOptions: { 'elk.nodeLabels.placement': '[OUTSIDE, V_TOP, H_LEFT]' },
  };
}

/** Children begin right under the header: the dot needs that room, and a region has its own header. */
function padding({ type }: ChartState): string {
  const side = type === 'parallel' ? 8 : 12;
  return `[top=${headerHeight},left=${side},bottom=12,right=${side}]`;
}

function straightEdges(edges: readonly ChartEdge[]): ElkExtendedEdge[] {
  return edges
    .filter((edge) => edge.source !== edge.target)
    .map((edge) => ({
      id: edge.id,
      sources: [edge.source],
      targets: [edge.target],
      labels: [{ id: `label of ${edge.id}`, text: anyText, ...sizeOfLabel(edge) }],
    }));
}

function loops(edges: readonly ChartEdge[]): ElkExtendedEdge[] {
  return [...loopsOf(edges)].map(([state, own]) => ({
    id: loopId(state),
    sources: [state],
    targets: [state],
    labels: [
      { id: `labels of ${state}`, text: anyText, ...wrapLabels(own.map(sizeOfLabel)).block },
    ],
  }));
}
