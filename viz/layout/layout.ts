/** Layout of a chart with ELK. The same chart always gets the same layout. */
import type { ELK, ElkNode } from 'elkjs/lib/elk-api.js';
import type { ChartLayout } from './chart-layout.js';
import { elkGraph, variants } from './elk-graph.js';
import { placed } from './placed.js';
import { type ChartTree, statesOf } from './tree.js';

/** Charts with more states are laid out only once, not as the best of several. */
const manyStates = 60;

/** Assumed size of the pane; only the ratio matters. */
const frame = { width: 640, height: 560 };

/**
 * Lays out a chart. The first call loads ELK (half a megabyte).
 * @throws {Error} when ids are not unique, or ELK cannot lay out the chart.
 */
export async function layoutChart(tree: ChartTree): Promise<ChartLayout> {
  const states = statesOf(tree.root);
  unique([...states, ...tree.edges].map(({ id }) => id));
  // A CommonJS module: the type of its default export depends on the module resolution of TypeScript.
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js');
  const elk = new (Elk as unknown as new () => ELK)();
  let best: { drawing: ElkNode; cost: number } | null = null;
  let failure: unknown = null;
  for (const layoutOptions of states.length > manyStates ? variants.slice(0, 1) : variants) {
    try {
      const drawing = await elk.layout(elkGraph(tree), { layoutOptions });
      const cost = costOf(drawing, tree);
      if (!best || cost < best.cost) best = { drawing, cost };
    } catch (error) {
      failure = error;
    }
  }
  if (!best) throw new Error('the chart could not be laid out', { cause: failure });
  return placed(best.drawing, tree);
}

function unique(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new Error(`two parts of the chart have the id ${JSON.stringify(id)}`);
    seen.add(id);
  }
}

/** How hard a drawing is to read: its scale, the length of its edges, and initial states that are not at the top. */
function costOf(drawing: ElkNode, tree: ChartTree): number {
  const { width = 0, height = 0 } = drawing;
  const scale = Math.max(width / frame.width, height / frame.height);
  const top = new Map<string, number>();
  let length = 0;
  const visit = (node: ElkNode) => {
    top.set(node.id, node.y ?? 0);
    for (const { sections = [] } of node.edges ?? [])
      for (const { startPoint, bendPoints = [], endPoint } of sections) {
        const points = [startPoint, ...bendPoints, endPoint];
        for (const [index, { x, y }] of points.entries()) {
          const before = points[index - 1];
          if (before) length += Math.abs(x - before.x) + Math.abs(y - before.y);
        }
      }
    node.children?.forEach(visit);
  };
  visit(drawing);
  const buried = statesOf(tree.root).filter(({ initial, children }) => {
    if (initial === null) return false;
    const own = top.get(initial) ?? 0;
    return children.some(({ id }) => (top.get(id) ?? 0) < own);
  });
  return scale + length / (tree.edges.length * 600 + 1) + buried.length;
}
