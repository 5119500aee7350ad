import { useMemo } from 'react';
import type { Definition } from '../../../machines/engine/inspection/definition.js';
import type { ChartState, ChartTree } from '../../layout/tree.js';
import { visible } from '../parts/visible.js';

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

/** A chart with its drawing. */
export interface KeyedChart {
  readonly tree: ChartTree;
  /** For `useLayout`: with visible texts. */
  readonly drawn: { readonly tree: ChartTree; readonly key: string };
}

export function useKeyedChart(definition: Definition | null): KeyedChart | null {
  return useMemo(() => {
    const tree = treeOf(definition);
    if (tree === null || definition === null) return null;
    return { tree, drawn: { tree: visibleTree(tree), key: definition.text } };
  }, [definition]);
}

/** The same chart with all characters of its texts visible. */
function visibleTree({ root, edges }: ChartTree): ChartTree {
  const stateOf = (state: ChartState): ChartState => ({
    ...state,
    key: visible(state.key),
    description: visible(state.description),
    children: state.children.map(stateOf),
  });
  return {
    root: stateOf(root),
    edges: edges.map((edge) => ({
      ...edge,
      label: visible(edge.label),
      description: visible(edge.description),
    })),
  };
}
