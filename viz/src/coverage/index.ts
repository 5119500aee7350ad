/** A coverage on the chart, and what it covers in numbers and names beside it. */
export { CoveragePanel } from './coverage-panel.js';
export { CoverageStage } from './coverage-stage.js';
