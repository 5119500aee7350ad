export * from './check.js';
export { conversationOf, type Utterance } from './conversation.js';
export * from './faults.js';
export type { SeatMistakes } from './model.js';
export { describeModelStep, type ModelSeat, type ModelStep } from './model-step.js';
export * from './properties.js';
export { type Replay, replay } from './replay.js';
