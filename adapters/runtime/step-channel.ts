import { channel } from 'node:diagnostics_channel';
import type { StepRecord } from '../../machines/index.js';

/** Where every step of this process is published, whichever gate, client or tester makes it: see docs/feed.md. */
export const stepChannel = 'ixgate:step';

const steps = channel(stepChannel);

/** Whether anybody has subscribed. */
export function isStepRead(): boolean {
  return steps.hasSubscribers;
}

/** Publishes a step. Costs next to nothing while nobody has subscribed. */
export function publishStep(step: StepRecord): void {
  if (steps.hasSubscribers) steps.publish(step);
}
