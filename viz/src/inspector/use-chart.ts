import { useMemo } from 'react';
import type { Definition } from '../../../machines/engine/inspection/definition.js';
import type { ChartTree } from '../../layout/tree.js';

const trees = new WeakMap<Definition, ChartTree | null>();

/** The chart of a definition; null when it has none. */
export function treeOf(definition: Definition | null): ChartTree | null {
  if (definition === null) return null;
  let tree = trees.get(definition);
  if (tree === undefined) {
    tree = definition.tree();
    trees.set(definition, tree);
  }
  return tree;
}

/** A definition's chart for `useLayout`. */
export function useKeyedChart(definition: Definition | null) {
  return useMemo(() => {
    const tree = treeOf(definition);
    return tree && definition && { tree, key: definition.text };
  }, [definition]);
}
