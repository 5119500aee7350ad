/** Charts as tables: exploring, transitions, compiled charts and their runner. */
export type { CompactChart } from './compact-chart.js';
export { type CompiledChart, type CompiledStep, compiledChart } from './compiled-chart.js';
export { type Edge, edgesOf, stateNodesOf } from './edges.js';
export { type ExploreOptions, exploreMachine } from './explore.js';
export { ExploreError, type ExploreProblem, NotFiniteError } from './explore-error.js';
export {
  type ChartNote,
  type ChartTable,
  type GuardResults,
  stepOf,
  type TableState,
  type TableStep,
} from './table.js';
export { type RunnerObserver, TableRunner } from './table-runner.js';
