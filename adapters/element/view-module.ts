/** The interface of the module that draws: a separate build, with its own React and the layout engine, loaded when an element is first shown. */
import type { ChartTree } from '../../machines/engine/diagrams/chart-tree.js';

/** A chart to draw. */
export interface ShownChart {
  readonly tree: ChartTree;
  /** Equal for equal charts, so that each chart is laid out once. */
  readonly key: string;
  /** The id of the machine. */
  readonly name: string;
}

export interface ViewProps {
  /** The chart, or why there is none; null without a machine. */
  readonly chart: ShownChart | { readonly problem: string } | null;
  /** State value; undefined when no state is active. */
  readonly value: unknown;
  /** The edges of the last step, and a number that differs from step to step; null without a step. */
  readonly taken: { readonly edges: readonly string[]; readonly seq: number } | null;
  readonly theme: 'auto' | 'light' | 'dark';
  /** Called when the user selects a transition, with its id, and with null when none is selected any more. */
  onSelect(transition: string | null): void;
}

export interface MountedView {
  show(props: ViewProps): void;
  unmount(): void;
}

export interface ViewModule {
  mountView(root: ShadowRoot): MountedView;
}
