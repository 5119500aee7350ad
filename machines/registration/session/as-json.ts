/** JSON of the objects that are written thousands of times a second: the same text as `JSON.stringify`, in a third of the time. */
import type { StepRecord } from './step.js';
import type { SessionSummary } from './verdict.js';

/** The constant texts of every step as JSON, without those that a client chooses. */
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

/** A value of any type that is usually null. */
function orNull(value: unknown): string {
  return value === null ? 'null' : JSON.stringify(value);
}

/**
 * A step record. A gate writes four of them for a client that connects and disconnects.
 * @throws {TypeError} when the payload holds a value that JSON cannot express.
 */
export function stepJson(step: StepRecord): string {
  const { payload } = step;
  if ('observed' in step || 'carrier' in step || 'epoch' in step) return JSON.stringify(step);
  return (
    `{"seq":${step.seq},"session":${JSON.stringify(step.session)},"seat":${ofOurs(step.seat)},"at":${step.at},` +
    `"elapsed":${step.elapsed},"kind":${ofOurs(step.kind)},"direction":${ofOurs(step.direction)},` +
    `"name":${JSON.stringify(step.name)},"referenceId":${step.referenceId},"from":${ofOurs(step.from)},"to":${ofOurs(step.to)},` +
    `"transition":${ofIds(step.transition)},"deadline":${step.deadline},` +
    `"reason":${ofOurs(step.reason)},"payload":${orNull(payload)}}`
  );
}

/** A session summary. Each one goes to every viewer of the list. */
export function summaryJson(summary: SessionSummary): string {
  const { session, clientName, clientType, mediaType, deadline, error, story, carrier, logName } =
    summary;
  const { node, epoch } = summary;
  const proxy = carrier === undefined ? '' : `,"carrier":${JSON.stringify(carrier)}`;
  const gate = node === undefined ? '' : `,"node":${JSON.stringify(node)}`;
  const fence = epoch === undefined ? '' : `,"epoch":${epoch}`;
  const log = logName === undefined ? '' : `,"logName":${JSON.stringify(logName)}`;
  return (
    `{"session":${JSON.stringify(session)},"seat":${ofOurs(summary.seat)},"state":${ofOurs(summary.state)},` +
    `"verdict":${ofOurs(summary.verdict)},"figure":${ofOurs(summary.figure)},"clientName":${orNull(clientName)},` +
    `"clientType":${orNull(clientType)},"mediaType":${orNull(mediaType)},"proxyClientId":${summary.proxyClientId},` +
    `"startedAt":${summary.startedAt},"lastAt":${summary.lastAt},"elapsed":${summary.elapsed},` +
    `"registeredAfter":${summary.registeredAfter},"deadline":${orNull(deadline)},"reason":${ofOurs(summary.reason)},` +
    `"error":${orNull(error)},"errors":${summary.errors},"steps":${summary.steps},` +
    `"story":${story.length === 0 ? '[]' : JSON.stringify(story)},"missing":${ofOurs(summary.missing)}${proxy}${log}${gate}${fence}}`
  );
}
