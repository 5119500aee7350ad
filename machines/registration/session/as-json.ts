/** What is written thousands of times a second, as JSON: to the letter what `JSON.stringify` makes of it, in a third of the time. */
import type { StepRecord } from './step.js';
import type { SessionSummary } from './verdict.js';

/** Texts of ours that stand in every step, as JSON; what a client may choose is not among them. */
const written = new Map<string, string>();
const idsWritten = new WeakMap<readonly string[], string>();

function ofOurs(text: string | null): string {
  if (text === null) return 'null';
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

/** What may be anything, and is null more often than not. */
function orNull(value: unknown): string {
  return value === null ? 'null' : JSON.stringify(value);
}

/**
 * A step: a gate that records writes four of them for a client that comes and goes.
 * @throws {TypeError} when its payload holds what JSON has no way to write.
 */
export function stepJson(step: StepRecord): string {
  const { payload } = step;
  if ('observed' in step) return JSON.stringify(step);
  return (
    `{"seq":${step.seq},"session":${JSON.stringify(step.session)},"seat":${ofOurs(step.seat)},"at":${step.at},` +
    `"elapsed":${step.elapsed},"kind":${ofOurs(step.kind)},"direction":${ofOurs(step.direction)},` +
    `"name":${JSON.stringify(step.name)},"referenceId":${step.referenceId},"from":${ofOurs(step.from)},"to":${ofOurs(step.to)},` +
    `"transition":${ofIds(step.transition)},"deadline":${step.deadline},` +
    `"reason":${ofOurs(step.reason)},"payload":${orNull(payload)}}`
  );
}

/** What became of a session: each of them goes to every viewer of the list. */
export function summaryJson(summary: SessionSummary): string {
  const { session, clientName, clientType, mediaType, deadline, error, story, logName } = summary;
  const log = logName === undefined ? '' : `,"logName":${JSON.stringify(logName)}`;
  return (
    `{"session":${JSON.stringify(session)},"seat":${ofOurs(summary.seat)},"state":${ofOurs(summary.state)},` +
    `"verdict":${ofOurs(summary.verdict)},"figure":${ofOurs(summary.figure)},"clientName":${orNull(clientName)},` +
    `"clientType":${orNull(clientType)},"mediaType":${orNull(mediaType)},"proxyClientId":${summary.proxyClientId},` +
    `"startedAt":${summary.startedAt},"lastAt":${summary.lastAt},"elapsed":${summary.elapsed},` +
    `"registeredAfter":${summary.registeredAfter},"deadline":${orNull(deadline)},"reason":${ofOurs(summary.reason)},` +
    `"error":${orNull(error)},"errors":${summary.errors},"steps":${summary.steps},` +
    `"story":${story.length === 0 ? '[]' : JSON.stringify(story)},"missing":${ofOurs(summary.missing)}${log}}`
  );
}
