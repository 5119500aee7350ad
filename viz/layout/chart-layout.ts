/** The layout of a chart. Positions are absolute; the unit is one CSS pixel at zoom 1. */
import type { Box, Point, Size } from './measure.js';
import type { ChartEdge, ChartState } from './tree.js';

export interface PlacedState extends Box {
  readonly id: string;
  readonly key: string;
  readonly type: ChartState['type'];
  readonly description: string;
  /** Id of the state around it; null for the outermost boxes. */
  readonly parent: string | null;
  /** True for a child of a parallel state that stands beside its siblings: it has dividers instead of a frame. */
  readonly region: boolean;
  /** True for a state with a timer: the box has room for the time left. */
  readonly timed: boolean;
  /** Position of the dot of an initial state; its arrow leads straight down to the box. */
  readonly initial: Point | null;
}

export interface PlacedEdge extends ChartEdge {
  readonly labelBox: Box;
  /** SVG path data of the line. Edges that share a loop have the same path. */
  readonly path: string;
  /** SVG path data of the arrow head. */
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
