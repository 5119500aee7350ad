export type { ChartLayout, Divider, PlacedEdge, PlacedState } from './chart-layout.js';
export { layoutChart } from './layout.js';
export type { Box, Point, Size } from './measure.js';

export { type ChartEdge, type ChartState, type ChartTree, statesOf, treeOf } from './tree.js';
