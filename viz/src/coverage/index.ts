/** A coverage on the chart, with its numbers and names in the panel. */
export { CoveragePanel } from './coverage-panel.js';
export { CoverageStage } from './coverage-stage.js';
