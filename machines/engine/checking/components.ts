/** Strongly connected components of a graph. */

interface Arc {
  readonly to: number;
}

/** Strongly connected components (Tarjan), without recursion, because a graph may be deep. */
export function componentsOf(graph: ReadonlyMap<number, readonly Arc[]>): number[][] {
  const components: number[][] = [];
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  for (const root of graph.keys()) {
    if (order.has(root)) continue;
    const calls: { readonly node: number; next: number }[] = [];
    const enter = (node: number) => {
      order.set(node, order.size);
      low.set(node, order.get(node) as number);
      open.push(node);
      isOpen.add(node);
      calls.push({ node, next: 0 });
    };
    enter(root);
    for (let call = calls.at(-1); call; call = calls.at(-1)) {
      const { node } = call;
      const arc = graph.get(node)?.[call.next];
      call.next += 1;
      if (arc) {
        if (!order.has(arc.to)) enter(arc.to);
        else if (isOpen.has(arc.to)) lower(low, node, order.get(arc.to) as number);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller) lower(low, caller.node, low.get(node) as number);
      if (low.get(node) !== order.get(node)) continue;
      const component = open.splice(open.lastIndexOf(node));
      for (const member of component) isOpen.delete(member);
      components.push(component);
    }
  }
  return components;
}

function lower(low: Map<number, number>, node: number, to: number): void {
  low.set(node, Math.min(low.get(node) as number, to));
}
