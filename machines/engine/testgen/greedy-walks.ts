/** Walks over all arcs of a large graph, and walks of a limited length. */
import type { Arc } from './walks.js';

/** An exact solution for more arcs takes minutes. */
export const maxExactArcs = 3_000;

/**
 * Walks from node 0 that together take every arc; each walk is a list of numbers of arcs. Each step takes an arc that was not taken, or
 * the shortest way to one.
 * @param nodes the number of nodes 0, 1 ...; every node is reachable from 0.
 */
export function greedyWalks(nodes: number, arcs: readonly Arc[]): number[][] {
  const open = Array.from({ length: nodes }, (): number[] => []);
  const out = Array.from({ length: nodes }, (): number[] => []);
  for (const [number, { from }] of arcs.entries()) {
    open[from]?.push(number);
    out[from]?.push(number);
  }
  for (const list of open) list.reverse();
  const walks: number[][] = [];
  let left = arcs.length;
  while (left > 0) {
    const walk: number[] = [];
    let node = 0;
    for (;;) {
      const next = open[node]?.pop();
      if (next !== undefined) {
        left -= 1;
        walk.push(next);
        node = (arcs[next] as Arc).to;
        continue;
      }
      const way = left > 0 ? wayToOpen(node, arcs, out, open) : null;
      if (way === null) break;
      walk.push(...way);
      node = (arcs[way.at(-1) as number] as Arc).to;
    }
    walks.push(walk);
  }
  return walks;
}

/** A shortest way to a node with arcs that were not taken; null without one. */
function wayToOpen(
  start: number,
  arcs: readonly Arc[],
  out: readonly (readonly number[])[],
  open: readonly (readonly number[])[],
): number[] | null {
  const arrivals = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const number of out[node] ?? []) {
      const { to } = arcs[number] as Arc;
      if (to === start || arrivals.has(to)) continue;
      arrivals.set(to, number);
      if ((open[to]?.length ?? 0) > 0) return back(to, start, arcs, arrivals);
      queue.push(to);
    }
  }
  return null;
}

function back(
  goal: number,
  start: number,
  arcs: readonly Arc[],
  arrivals: ReadonlyMap<number, number>,
): number[] {
  const way: number[] = [];
  for (let node = goal; node !== start; ) {
    const number = arrivals.get(node) as number;
    way.push(number);
    node = (arcs[number] as Arc).from;
  }
  return way.reverse();
}
