/** Which answer belongs to which request. */
import { speakerOf } from '../../../machines/index.js';
import type { StepRecord } from '../state/contracts.js';

export interface Pair {
  /** seq of the client's message. */
  readonly request: number;
  /** seq of the server's answer. */
  readonly answer: number;
  /** Milliseconds from the one to the other. */
  readonly after: number;
}

export interface Pairing {
  /** By the seq of either end. */
  readonly pairs: ReadonlyMap<number, Pair>;
  /** seqs of requests that carry a reference id and have no answer. */
  readonly unanswered: ReadonlySet<number>;
  /** seqs of answers whose reference id no request had. */
  readonly unasked: ReadonlySet<number>;
}

/**
 * Pairs each answer with the first unanswered request of the same reference id. A message without a reference id is
 * answered with none, but only before the registration: there exactly one answer is owed at a time.
 */
export function pairingOf(steps: readonly StepRecord[]): Pairing {
  const pairs = new Map<number, Pair>();
  const unasked = new Set<number>();
  const waiting = new Map<number | null, StepRecord[]>();
  for (const step of steps) {
    if (step.kind !== 'message') continue;
    const id = step.referenceId;
    if (speakerOf(step) === 'Client') {
      const queue = waiting.get(id);
      if (queue) queue.push(step);
      else waiting.set(id, [step]);
      continue;
    }
    if (id === null && !isOwed(step)) continue;
    const request = waiting.get(id)?.shift();
    if (!request) {
      if (id !== null) unasked.add(step.seq);
      continue;
    }
    const after = step.elapsed - request.elapsed;
    const pair = { request: request.seq, answer: step.seq, after };
    pairs.set(pair.request, pair);
    pairs.set(pair.answer, pair);
  }
  waiting.delete(null);
  const unanswered = new Set([...waiting.values()].flat().map(({ seq }) => seq));
  return { pairs, unanswered, unasked };
}

/** Whether the server owed an answer when it said this. */
function isOwed({ from }: StepRecord): boolean {
  return from.startsWith('validating') || from.startsWith('refusing');
}
