/** The steps of the directory's model. */
import type { ModelledStep } from '../engine/checking/model.js';

/** The actions, and whether each must happen sooner or later. */
const actions = {
  execute: true,
  answer: true,
  kick: true,
  late: true,
  tick: true,
  'keep-alive': true,
  resume: true,
  flow: true,
  restart: true,
  claim: false,
  end: false,
  crash: false,
  cut: false,
  'cut-late': false,
  pause: false,
  stall: false,
  'kick-lost': false,
  lag: false,
  failover: false,
  empty: false,
} as const;
export type Action = keyof typeof actions;

export interface DirectoryStep extends ModelledStep {
  readonly action: Action;
  readonly gate: number;
  /** Which of several messages or sessions. */
  readonly index: number;
}

const made = new Map<string, DirectoryStep>();

/** The same object for the same step. */
export function directoryStep(action: Action, gate: number, index: number): DirectoryStep {
  const key = `${action} ${gate} ${index}`;
  let step = made.get(key);
  if (!step) {
    step = { action, gate, index, isDue: actions[action] };
    made.set(key, step);
  }
  return step;
}
