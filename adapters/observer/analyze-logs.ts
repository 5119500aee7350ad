import type { Place } from '../../machines/registration/observer/events.js';
import type { ObservedSession } from '../../machines/registration/observer/observed-session.js';
import { Observer, type ObserverOptions } from '../../machines/registration/observer/observer.js';
import type { Finding } from '../../machines/registration/session/findings.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { redactionOf } from '../runtime/redaction.js';
import type { LogsRead } from './logs-read.js';
import { type Log, type ReadLogsOptions, readLogs } from './read-logs.js';

export interface AnalyzeLogsOptions extends ReadLogsOptions {
  /** See `ObserverOptions`. */
  readonly registrationTimeout?: ObserverOptions['registrationTimeout'];
  readonly rejectionTimeout?: ObserverOptions['rejectionTimeout'];
  readonly tolerance?: ObserverOptions['tolerance'];
  /** Names of further attributes to mask, beside those of `redactMessage`. @default [] */
  readonly redactNames?: readonly string[] | undefined;
  readonly onStep?: ((step: StepRecord, log: Log) => void) | undefined;
  readonly onFinding?: ((finding: Finding, log: Log) => void) | undefined;
  readonly onSession?: ((session: ObservedSession, log: Log) => void) | undefined;
}

/**
 * Reads logs and runs each of their connections through the chart: one observer for each server.
 * @throws {FileError} as `readLogs` does.
 */
export async function analyzeLogs(
  paths: readonly string[],
  options: AnalyzeLogsOptions,
): Promise<LogsRead> {
  const { onStep, onFinding, onSession } = options;
  let observer: Observer | null = null;
  const sessionId = sessionNames();
  const redact = redactionOf(options.redactNames);
  const read = await readLogs(paths, options, (log) => {
    const { registrationTimeout, rejectionTimeout, tolerance } = options;
    // Logs are read one after the other.
    observer?.end();
    observer = new Observer({
      registrationTimeout,
      rejectionTimeout,
      tolerance,
      redact,
      hasConnections: log.format.hasConnections,
      sessionId: log.format.hasConnections ? undefined : sessionId,
      onStep: onStep && ((step) => onStep(step, log)),
      onFinding: onFinding && ((finding) => onFinding(finding, log)),
      onSession: onSession && ((session) => onSession(session, log)),
    });
    return observer;
  });
  // TypeScript does not see that the callback sets it.
  (observer as Observer | null)?.end();
  return read;
}

/** Session ids: the label and the first line, e.g. `51@13`; in the second file `51@2:13`. */
function sessionNames(): (label: string, place: Place | null) => string {
  const files = new Map<string, number>();
  return (label, place) => {
    if (!place) return label;
    let number = files.get(place.file);
    if (number === undefined) {
      number = files.size + 1;
      files.set(place.file, number);
    }
    return `${label}@${number === 1 ? '' : `${number}:`}${place.line}`;
  };
}
