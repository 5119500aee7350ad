/** Where everything of a chart is drawn. Absolute places; the unit is a CSS pixel at a zoom of 1. */
import type { Box, Point, Size } from './measure.js';
import type { ChartEdge, ChartState } from './tree.js';

export interface PlacedState extends Box {
  readonly id: string;
  readonly key: string;
  readonly type: ChartState['type'];
  readonly description: string;
  /** Id of the state around it; null for the outermost boxes. */
  readonly parent: string | null;
  /** True for a child of a parallel state beside its neighbours: it has no frame of its own but dividers. */
  readonly region: boolean;
  /** True where a timer leads out: there is room for the time left. */
  readonly timed: boolean;
  /** Where the dot of an initial state is; its arrow leads straight down to the box. */
  readonly initial: Point | null;
}

export interface PlacedEdge extends ChartEdge {
  readonly labelBox: Box;
  /** SVG path data of the line. Edges that share a loop have the same. */
  readonly path: string;
  /** SVG path data of the arrow's head. */
  readonly head: string;
}

/** The dashed line between two regions. */
export interface Divider {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

export interface ChartLayout extends Size {
  /** Parents before children, so that they can be drawn in this order. */
  readonly states: readonly PlacedState[];
  readonly dividers: readonly Divider[];
  readonly edges: readonly PlacedEdge[];
}
