import { channel } from 'node:diagnostics_channel';
import type { StepRecord } from '../../machines/registration/session/step.js';

/** The diagnostics channel on which all gates, clients and testers of this process publish their steps: see docs/feed.md. */
export const stepChannel = 'ixgate:step';

const steps = channel(stepChannel);

/** Whether the channel has subscribers. */
export function isStepRead(): boolean {
  return steps.hasSubscribers;
}

/** Publishes a step. Costs almost nothing without subscribers. */
export function publishStep(step: StepRecord): void {
  if (steps.hasSubscribers) steps.publish(step);
}
