import type { TimedEdge, Timeout } from '../../../machines/engine/learning/timed-machine.js';
import { duration } from '../../../machines/index.js';
import { visible } from '../parts/visible.js';

export function outputText({ output }: TimedEdge): string {
  return output === '' ? 'nothing' : visible(output);
}

/** `closed after 5 s`. */
export function timeoutText(edge: TimedEdge | Timeout): string {
  const length = lengthText(edge);
  return length === null ? outputText(edge) : `${outputText(edge)} ${length}`;
}

/** `after 5 s`; null for the edge of an input. */
export function lengthText(edge: TimedEdge | Timeout): string | null {
  if (!('length' in edge)) return null;
  return edge.length === null ? 'some time later' : `after ${timeText(edge.length)}`;
}

function timeText(milliseconds: number): string {
  return duration(milliseconds).replace('.0 ', ' ');
}

export const clockWords = {
  start: 'starts the clock',
  keep: 'keeps the clock running',
  stop: 'stops the clock',
  none: null,
} as const;
