/** Layouts of charts that are known only when the page runs. */
import { useEffect, useState } from 'react';
import type { ChartLayout } from '../../layout/chart-layout.js';
import type { ChartTree } from '../../layout/tree.js';
import { layoutInWorker } from './worker-layout.js';

interface KeyedChart {
  readonly tree: ChartTree;
  /** Equal for equal charts, so that each chart is laid out once. */
  readonly key: string;
}

/** Layouts by chart, so that many services of one machine are laid out once. */
const layouts = new Map<string, Promise<ChartLayout>>();
const mostLayouts = 20;

function layoutOf({ key, tree }: KeyedChart): Promise<ChartLayout> {
  const known = layouts.get(key);
  if (known) return known;
  const made = layoutInWorker(tree);
  layouts.set(key, made);
  const [oldest] = layouts.keys();
  if (layouts.size > mostLayouts && oldest !== undefined) layouts.delete(oldest);
  return made;
}

/** `problem`: the chart cannot be laid out; null until the layout is ready. */
export type MachineLayout = ChartLayout | { readonly problem: string } | null;

/** The layout of a machine's chart; null until it is ready. */
export function useLayout(machine: KeyedChart | null): MachineLayout {
  const [made, setMade] = useState<{ key: string; layout: MachineLayout } | null>(null);
  const key = machine?.key ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a machine with the same key is the same chart
  useEffect(() => {
    if (machine === null) return;
    let wanted = true;
    layoutOf(machine).then(
      (layout) => wanted && setMade({ key: machine.key, layout }),
      (error: Error) => wanted && setMade({ key: machine.key, layout: { problem: error.message } }),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return made?.key === key ? made.layout : null;
}
