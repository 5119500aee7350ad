export {
  type CheckOptions,
  type CheckResult,
  type Counterexample,
  type CounterexampleStep,
  checkRegistration,
  type PropertyResult,
} from './check.js';
export type { Utterance } from './conversation.js';
export * from './faults.js';
export type { SeatMistakes } from './model.js';
export type { ModelSeat, ModelStep } from './model-step.js';
export * from './properties.js';
export { type CounterexampleReplay, replayCounterexample } from './replay.js';
