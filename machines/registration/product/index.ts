export {
  type CheckOptions,
  type CheckResult,
  type Counterexample,
  type CounterexampleStep,
  checkBounds,
  checkModel,
  type PropertyResult,
} from './check.js';
export { conversationOf, type Utterance } from './conversation.js';
export * from './faults.js';
export type { SeatMistakes } from './model.js';
export { describeModelStep, type ModelSeat, type ModelStep } from './model-step.js';
export * from './properties.js';
export { type CounterexampleReplay, replayCounterexample } from './replay.js';
