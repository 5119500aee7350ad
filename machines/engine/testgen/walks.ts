/** Walks through a graph that begin at one node and take every arc: the minimum number of walks, with the minimum number of arcs. */
import { Network } from './minimum-cost-flow.js';

export interface Arc {
  readonly from: number;
  readonly to: number;
}

/**
 * Walks from node 0 that together take every arc; each walk is a list of numbers of arcs. The number of walks is minimal, then the
 * number of arcs in all of them. Among equal solutions, long walks are avoided.
 * @param nodes the number of nodes 0, 1 ...; every node is reachable from 0.
 */
export function walksOverAll(nodes: number, arcs: readonly Arc[]): number[][] {
  if (arcs.length === 0) return [];
  const { times, walks } = taken(nodes, arcs);
  return new FlowDecomposition(nodes, arcs, times, walks).walks();
}

/** How often each arc is taken and how many walks there are: a minimum flow in which each arc carries 1 or more. */
function taken(nodes: number, arcs: readonly Arc[]): { times: number[]; walks: number } {
  const network = new Network(nodes + 1);
  const end = nodes;
  const numbers = arcs.map(({ from, to }) => {
    network.addExcess(to, 1);
    network.addExcess(from, -1);
    return network.addArc(from, to, 1);
  });
  for (let node = 0; node < nodes; node += 1) network.addArc(node, end, 0);
  // Another walk costs more than all the arcs that it could save. There is at least one walk.
  const again = network.addArc(end, 0, (arcs.length + 1) * (nodes + 1));
  network.addExcess(0, 1);
  network.addExcess(end, -1);
  network.settle();
  return {
    times: numbers.map((number) => 1 + network.flow(number)),
    walks: 1 + network.flow(again),
  };
}

/** Splits a flow into walks: first the paths, then the remaining cycles, each inserted into the shortest walk that it touches. */
class FlowDecomposition {
  readonly #arcs: readonly Arc[];
  readonly #left: number[];
  readonly #out: number[][];
  /** The number of walks that end at each node. */
  readonly #ends: number[];
  readonly #count: number;

  constructor(nodes: number, arcs: readonly Arc[], times: readonly number[], count: number) {
    this.#arcs = arcs;
    this.#left = [...times];
    this.#count = count;
    this.#out = Array.from({ length: nodes }, () => []);
    this.#ends = new Array<number>(nodes).fill(0);
    this.#ends[0] = count;
    for (const [number, { from, to }] of arcs.entries()) {
      this.#out[from]?.push(number);
      this.#ends[from] = (this.#ends[from] ?? 0) - (times[number] ?? 0);
      this.#ends[to] = (this.#ends[to] ?? 0) + (times[number] ?? 0);
    }
  }

  walks(): number[][] {
    const walks = Array.from({ length: this.#count }, () => this.#path());
    for (;;) {
      const open = walks.filter((walk) => this.#opening(walk) >= 0);
      const [first, ...others] = open;
      if (!first) return walks;
      const shortest = others.reduce(
        (best, walk) => (walk.length < best.length ? walk : best),
        first,
      );
      const at = this.#opening(shortest);
      const node = this.#nodeAt(shortest, at);
      shortest.splice(at, 0, ...this.#take(node, (to) => to === node));
    }
  }

  #path(): number[] {
    if (this.#ends[0]) {
      this.#ends[0] -= 1;
      return [];
    }
    const path = this.#take(0, (to) => (this.#ends[to] ?? 0) > 0);
    const end = this.#nodeAt(path, path.length);
    this.#ends[end] = (this.#ends[end] ?? 0) - 1;
    return path;
  }

  /** The last position in a walk from which arcs remain; -1 when there is none. Late detours keep the tested beginning of a walk. */
  #opening(walk: readonly number[]): number {
    for (let at = walk.length; at >= 0; at -= 1) {
      if (this.#out[this.#nodeAt(walk, at)]?.some((arc) => this.#left[arc])) return at;
    }
    return -1;
  }

  #nodeAt(walk: readonly number[], at: number): number {
    return at === 0 ? 0 : (this.#arcs[walk[at - 1] ?? -1]?.to ?? 0);
  }

  /** Takes a shortest path along remaining arcs, with at least one arc. */
  #take(from: number, isGoal: (node: number) => boolean): number[] {
    const arrivals = new Map<number, number>();
    const queue = [from];
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      for (const arc of this.#out[node] ?? []) {
        const { to } = this.#arcs[arc] as Arc;
        if (!this.#left[arc] || arrivals.has(to)) continue;
        arrivals.set(to, arc);
        if (isGoal(to)) return this.#back(from, to, arrivals);
        queue.push(to);
      }
    }
    throw new Error('a flow that does not balance');
  }

  #back(from: number, goal: number, arrivals: ReadonlyMap<number, number>): number[] {
    const path: number[] = [];
    let node = goal;
    do {
      const arc = arrivals.get(node) as number;
      path.unshift(arc);
      this.#left[arc] = (this.#left[arc] ?? 0) - 1;
      node = (this.#arcs[arc] as Arc).from;
    } while (node !== from);
    return path;
  }
}
