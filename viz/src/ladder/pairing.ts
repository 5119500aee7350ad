/** Pairs requests with their answers. */
import { speakerOf } from '../../../machines/index.js';
import type { StepRecord } from '../state/contracts.js';

export interface Pair {
  /** seq of the client's message. */
  readonly request: number;
  /** seq of the server's answer. */
  readonly answer: number;
  /** Milliseconds from the request to the answer. */
  readonly after: number;
}

export interface Pairing {
  /** By the seq of either end. */
  readonly pairs: ReadonlyMap<number, Pair>;
  /** seqs of requests with a reference id and without an answer. */
  readonly unanswered: ReadonlySet<number>;
  /** seqs of answers with a reference id that no request had. */
  readonly unsolicited: ReadonlySet<number>;
}

/**
 * Pairs each answer with the first unanswered request with the same reference id. Messages without a reference id are paired only before
 * the registration, where at most one request is unanswered.
 */
export function pairingOf(steps: readonly StepRecord[]): Pairing {
  const pairs = new Map<number, Pair>();
  const unsolicited = new Set<number>();
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
      if (id !== null) unsolicited.add(step.seq);
      continue;
    }
    const after = step.elapsed - request.elapsed;
    const pair = { request: request.seq, answer: step.seq, after };
    pairs.set(pair.request, pair);
    pairs.set(pair.answer, pair);
  }
  waiting.delete(null);
  const unanswered = new Set([...waiting.values()].flat().map(({ seq }) => seq));
  return { pairs, unanswered, unsolicited };
}

/** Whether the server had to answer a request when it sent this. */
function isOwed({ from }: StepRecord): boolean {
  return from.startsWith('validating') || from.startsWith('refusing');
}
