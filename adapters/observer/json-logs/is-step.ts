import { configurations } from '../../../machines/registration/chart/configurations.js';
import { isWireMessage } from '../../../machines/registration/chart/messages.js';
import { disconnectReasons } from '../../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { JsonObject } from './json-lines.js';

const seats: ReadonlySet<unknown> = new Set(['server', 'client', 'observer', 'tester']);
const kinds: ReadonlySet<unknown> = new Set(['message', 'timer', 'lifecycle']);
const places: ReadonlySet<unknown> = new Set(configurations);
const reasons: ReadonlySet<unknown> = new Set([null, ...Object.keys(disconnectReasons)]);

/**
 * Whether an object is a step record, without a check of the marks of an observer. The schema of recordings
 * checks the same and explains problems, but takes longer than parsing the JSON.
 */
export function isStep(object: JsonObject): object is JsonObject & StepRecord {
  const { seq, session, at, elapsed, name, direction, referenceId, payload } = object;
  return (
    Number.isSafeInteger(seq) &&
    (seq as number) >= 1 &&
    typeof session === 'string' &&
    session !== '' &&
    seats.has(object.seat) &&
    Number.isFinite(at) &&
    Number.isFinite(elapsed) &&
    (elapsed as number) >= 0 &&
    kinds.has(object.kind) &&
    (direction === 'in' || direction === 'out' || direction === null) &&
    typeof name === 'string' &&
    name !== '' &&
    (referenceId === null || Number.isSafeInteger(referenceId)) &&
    places.has(object.from) &&
    places.has(object.to) &&
    reasons.has(object.reason) &&
    (payload === null || isWireMessage(payload))
  );
}
