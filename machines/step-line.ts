import type { StepRecord } from './step.js';

/** Texts of ours that stand in every step, as JSON; what a client may choose is not among them. */
const written = new Map<string, string>();
const idsWritten = new WeakMap<readonly string[], string>();

function ofOurs(text: string): string {
  let json = written.get(text);
  if (json === undefined) {
    json = JSON.stringify(text);
    written.set(text, json);
  }
  return json;
}

function ofIds(ids: readonly string[]): string {
  let json = idsWritten.get(ids);
  if (json === undefined) {
    json = JSON.stringify(ids);
    idsWritten.set(ids, json);
  }
  return json;
}

/**
 * A step as JSON, to the letter what `JSON.stringify` makes of it, in a third of the time: a gate that records writes four of them for a
 * client that comes and goes.
 * @throws {TypeError} when its payload holds what JSON has no way to write.
 */
export function stepJson(step: StepRecord): string {
  const { payload } = step;
  if ('observed' in step) return JSON.stringify(step);
  return (
    `{"seq":${step.seq},"session":${JSON.stringify(step.session)},"seat":${ofOurs(step.seat)},"at":${step.at},` +
    `"elapsed":${step.elapsed},"kind":${ofOurs(step.kind)},"direction":${step.direction === null ? 'null' : ofOurs(step.direction)},` +
    `"name":${JSON.stringify(step.name)},"referenceId":${step.referenceId},"from":${ofOurs(step.from)},"to":${ofOurs(step.to)},` +
    `"transition":${ofIds(step.transition)},"deadline":${step.deadline},` +
    `"reason":${step.reason === null ? 'null' : ofOurs(step.reason)},"payload":${payload === null ? 'null' : JSON.stringify(payload)}}`
  );
}
