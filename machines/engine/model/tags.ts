import type { AnyStateNode, StateValue } from 'xstate';

/** The tags of a state value: those of all its states. */
export function tagsOf(root: AnyStateNode, value: StateValue): string[] {
  const tags = new Set<string>(root.tags as readonly string[]);
  const visit = (node: AnyStateNode, inner: StateValue) => {
    const entries = typeof inner === 'string' ? [[inner, {}] as const] : Object.entries(inner);
    for (const [key, deeper] of entries) {
      const child = node.states[key];
      if (!child) continue;
      for (const tag of child.tags as readonly string[]) tags.add(tag);
      visit(child, (deeper ?? {}) as StateValue);
    }
  };
  visit(root, value);
  return [...tags].sort();
}
