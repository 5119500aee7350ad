/** Converts the result of ELK to a chart layout. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import type { ChartLayout, Divider, PlacedEdge, PlacedState } from './chart-layout.js';
import { drawsRoot, loopId, loopsOf, sizeOfLabel, timedStates } from './elk-graph.js';
import { type Box, headerHeight, type Point, wrapLabels } from './measure.js';
import { arrowHead, roundedLine } from './route.js';
import type { ChartState, ChartTree } from './tree.js';

export function placed(drawing: ElkNode, tree: ChartTree): ChartLayout {
  const nodes = new Map<string, ElkNode>();
  const routes = new Map<string, ElkExtendedEdge>();
  const visit = (node: ElkNode) => {
    nodes.set(node.id, node);
    for (const edge of node.edges ?? []) routes.set(edge.id, edge);
    node.children?.forEach(visit);
  };
  visit(drawing);
  const states = placedStates(tree, nodes);
  return {
    width: Math.ceil(drawing.width ?? 0),
    height: Math.ceil(drawing.height ?? 0),
    states,
    dividers: dividersOf(states),
    edges: placedEdges(tree, routes),
  };
}

function placedStates(tree: ChartTree, nodes: ReadonlyMap<string, ElkNode>): PlacedState[] {
  const timed = timedStates(tree);
  const found: PlacedState[] = [];
  const place = (state: ChartState, around: PlacedState | null, region: boolean) => {
    const node = nodes.get(state.id);
    const mark = node?.labels?.[0];
    const own = boxOf(node);
    const box: PlacedState = {
      id: state.id,
      key: state.key,
      type: state.type,
      description: state.description,
      parent: around?.id ?? null,
      region,
      timed: timed.has(state.id),
      initial: mark ? { x: round((mark.x ?? 0) + 10), y: round((mark.y ?? 0) + 4) } : null,
      // Regions are as high as the state around them.
      ...(region && around ? stretched(own, around) : own),
    };
    found.push(box);
    const regions = state.type === 'parallel' && sideBySide(state, nodes);
    for (const child of state.children) place(child, box, regions);
  };
  const outermost = drawsRoot(tree) ? [tree.root] : tree.root.children;
  for (const state of outermost) place(state, null, false);
  return found;
}

/** Whether the regions stand side by side. An edge to a region itself moves the region below the others. */
function sideBySide({ children }: ChartState, nodes: ReadonlyMap<string, ElkNode>): boolean {
  const boxes = children
    .map(({ id }) => boxOf(nodes.get(id)))
    .sort((left, right) => left.x - right.x);
  return boxes.every((box, index) => {
    const before = boxes[index - 1];
    return !before || before.x + before.width <= box.x;
  });
}

function stretched(own: Box, around: Box): Box {
  const top = around.y + headerHeight;
  return { ...own, y: top, height: around.y + around.height - top };
}

/** The dividers, halfway between neighbouring regions. */
function dividersOf(states: readonly PlacedState[]): Divider[] {
  return states
    .filter(({ type }) => type === 'parallel')
    .flatMap((around) => {
      const regions = states
        .filter(({ parent, region }) => region && parent === around.id)
        .sort((left, right) => left.x - right.x);
      return regions.slice(1).map((region, index) => {
        const before = regions[index] as PlacedState;
        return {
          x: round((before.x + before.width + region.x) / 2),
          top: region.y,
          bottom: region.y + region.height,
        };
      });
    });
}

function placedEdges(tree: ChartTree, routes: ReadonlyMap<string, ElkExtendedEdge>): PlacedEdge[] {
  const loops = loopsOf(tree.edges);
  return tree.edges.map((edge) => {
    const own = loops.get(edge.source)?.includes(edge) ? loops.get(edge.source) : undefined;
    const route = routes.get(own ? loopId(edge.source) : edge.id);
    const points = pointsOf(route);
    const label = boxOf(route?.labels?.[0]);
    const within = own && wrapLabels(own.map(sizeOfLabel)).places[own.indexOf(edge)];
    return {
      ...edge,
      labelBox: within ? { ...within, x: label.x + within.x, y: label.y + within.y } : label,
      path: roundedLine(points),
      head: arrowHead(points),
    };
  });
}

function pointsOf(route: ElkExtendedEdge | undefined): Point[] {
  const sections = route?.sections ?? [];
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
}

function boxOf(shape: Partial<Box> | undefined): Box {
  const { x = 0, y = 0, width = 0, height = 0 } = shape ?? {};
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
