/** A learned machine over the machine of its figure. */
export { LearnedPanel } from './learned-panel.js';
export { LearnedStage } from './learned-stage.js';
