import type { StepRecord } from '../session/step.js';
import type { ObservedEvent } from './events.js';
import type { Finding } from './findings.js';
import type { ObservedSession } from './observed-session.js';
import { Observer, type ObserverListener, type ObserverOptions } from './observer.js';

/** An output of the observer. */
export type Observation =
  | { readonly type: 'step'; readonly step: StepRecord }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'session'; readonly session: ObservedSession };

/**
 * Turns events into step records, findings and sessions, in order and as they come. `Observer` does the same with
 * callbacks, which is faster.
 */
export async function* observe(
  events: Iterable<ObservedEvent> | AsyncIterable<ObservedEvent>,
  options: Omit<ObserverOptions, keyof ObserverListener> = {},
): AsyncGenerator<Observation, void, void> {
  const seen: Observation[] = [];
  const observer = new Observer({
    ...options,
    onStep: (step) => seen.push({ type: 'step', step }),
    onFinding: (finding) => seen.push({ type: 'finding', finding }),
    onSession: (session) => seen.push({ type: 'session', session }),
  });
  for await (const event of events) {
    observer.take(event);
    yield* seen.splice(0);
  }
  observer.end();
  yield* seen.splice(0);
}
