import { useEffect, useState } from 'react';
import type { ChartLayout } from '../../layout/chart-layout.js';
import { type ForeignView, openXStateInspector } from './inspector.js';
import type { ForeignMachine } from './machine-tree.js';

/** The services at an address; null without an address. */
export function useInspector(url: string): ForeignView | null {
  const [view, setView] = useState<ForeignView | null>(null);
  useEffect(() => {
    setView(null);
    return url === '' ? undefined : openXStateInspector(url, setView);
  }, [url]);
  return view;
}

/** Layouts by chart, so that many services of one machine are laid out once. */
const layouts = new Map<string, Promise<ChartLayout>>();
const mostLayouts = 20;

function layoutOf({ key, tree }: ForeignMachine): Promise<ChartLayout> {
  const known = layouts.get(key);
  if (known) return known;
  const made = import('../../layout/layout.js').then(({ layoutChart }) => layoutChart(tree));
  layouts.set(key, made);
  const [oldest] = layouts.keys();
  if (layouts.size > mostLayouts && oldest !== undefined) layouts.delete(oldest);
  return made;
}

export type MachineLayout = ChartLayout | { readonly problem: string } | null;

/** The layout of a machine's chart; null until it is ready. */
export function useLayout(machine: ForeignMachine | null): MachineLayout {
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
