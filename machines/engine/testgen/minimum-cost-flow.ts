/** Minimum-cost flow by successive shortest paths, for graphs of some hundred arcs. */

interface Arc {
  readonly to: number;
  readonly cost: number;
  /** The remaining capacity. */
  left: number;
  /** The number of the reverse arc. */
  readonly back: number;
}

/** A network: arcs with costs (0 or more), and the supply or demand of each node. */
export class Network {
  readonly #arcs: Arc[] = [];
  readonly #out: number[][];
  readonly #excess: number[];

  /** @param nodes the number of nodes 0, 1 ... */
  constructor(nodes: number) {
    this.#out = Array.from({ length: nodes }, () => []);
    this.#excess = new Array<number>(nodes).fill(0);
  }

  /** Adds an arc without an upper bound. @returns its number, for `flow`. */
  addArc(from: number, to: number, cost: number): number {
    const number = this.#arcs.length;
    this.#arcs.push({ to, cost, left: Number.POSITIVE_INFINITY, back: number + 1 });
    this.#arcs.push({ to: from, cost: -cost, left: 0, back: number });
    this.#out[from]?.push(number);
    this.#out[to]?.push(number + 1);
    return number;
  }

  /** Adds supply to a node, or demand when the amount is negative. */
  addExcess(node: number, amount: number): void {
    this.#excess[node] = (this.#excess[node] ?? 0) + amount;
  }

  /** Computes the cheapest flow from the supplies to the demands. */
  settle(): void {
    for (let path = this.#cheapest(); path !== null; path = this.#cheapest()) {
      const { from, to, arcs } = path;
      const amount = Math.min(
        this.#excess[from] ?? 0,
        -(this.#excess[to] ?? 0),
        ...arcs.map((arc) => arc.left),
      );
      this.addExcess(from, -amount);
      this.addExcess(to, amount);
      for (const arc of arcs) {
        arc.left -= amount;
        (this.#arcs[arc.back] as Arc).left += amount;
      }
    }
  }

  /** The flow along an arc. */
  flow(arc: number): number {
    return this.#arcs[arc + 1]?.left ?? 0;
  }

  /** The cheapest path from a node with supply to a node with demand (Bellman and Ford, with a queue). */
  #cheapest(): { from: number; to: number; arcs: Arc[] } | null {
    const costs = this.#excess.map((amount) => (amount > 0 ? 0 : Number.POSITIVE_INFINITY));
    const arrivals = new Map<number, { arc: Arc; from: number }>();
    const queue = [...costs.keys()].filter((node) => costs[node] === 0);
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      for (const number of this.#out[node] ?? []) {
        const arc = this.#arcs[number] as Arc;
        const cost = (costs[node] as number) + arc.cost;
        if (arc.left === 0 || cost >= (costs[arc.to] as number)) continue;
        costs[arc.to] = cost;
        arrivals.set(arc.to, { arc, from: node });
        if (!queue.includes(arc.to)) queue.push(arc.to);
      }
    }
    let to = -1;
    for (const [node, amount] of this.#excess.entries()) {
      const cost = costs[node] as number;
      if (amount < 0 && cost < (costs[to] ?? Number.POSITIVE_INFINITY)) to = node;
    }
    if (to < 0) return null;
    const arcs: Arc[] = [];
    let from = to;
    for (let step = arrivals.get(from); step !== undefined; step = arrivals.get(from)) {
      arcs.push(step.arc);
      from = step.from;
    }
    return { from, to, arcs };
  }
}
