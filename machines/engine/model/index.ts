/** The model of any finite chart: its inputs, what is observed of it, and its time. */

export { type ChartSources, chartWords, type TestRunner } from './chart-words.js';
export {
  type ChartCounterexample,
  type ChartOptions,
  type ChartProperties,
  type CheckedChart,
  checkModel,
  type PropertyVerdict,
} from './check-model.js';
export type { CheckedState, StatePredicate } from './checked-state.js';
export type { EventOptions } from './model-events.js';
export { ChartModel, type ChartSettings, type ModelOptions, modelOf } from './model-of.js';
export {
  type Observable,
  type Observation,
  observables,
  outputText,
} from './observation.js';
export { PayloadError, type PayloadSchema, type PayloadSource } from './payloads.js';
