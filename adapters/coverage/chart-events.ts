/** Lists of the events that actors of a machine got: one JSON object a line. */
import type { EventObject } from 'xstate';
import { type ActorCoverage, chartCoverage } from '../../machines/engine/coverage/index.js';
import { ReplayedSession } from '../../machines/engine/coverage/replayed-session.js';
import { abridged } from '../../machines/text/format.js';
import { FileError } from '../files/file-error.js';
import { type CountedMachine, messageOf, starting } from './counted-machine.js';
import { type ObjectLine, objectLines } from './object-lines.js';

/** What a line may be, for errors. */
export const eventLine = 'an event {"type":"..."}, {"start":true} or a blank line';

export function isEventLine(value: NonNullable<ObjectLine['value']>): boolean {
  return typeof value.type === 'string' || value.start === true;
}

/**
 * Replays the events of a file. A blank line ends a session; `{"start":true}` and the event `xstate.init`, the first one that an inspector
 * sees, begin one.
 * @throws {FileError} for another line, and for an event at which the machine fails
 */
export async function readEvents(path: string, counted: CountedMachine): Promise<ActorCoverage> {
  const coverage = chartCoverage(counted.machine);
  let session: ReplayedSession | null = null;
  for await (const { text, value, line } of objectLines(path)) {
    if (text === '') {
      session = null;
      continue;
    }
    if (value === null || !isEventLine(value))
      throw new FileError(path, line, `${abridged(text)} is unknown; expected ${eventLine}`);
    const { type, input = counted.input } = value;
    const isStart = type === undefined || type === 'xstate.init';
    if (isStart || session === null) {
      const begin = () => new ReplayedSession(coverage, isStart ? input : counted.input);
      session = starting({ path, line }, counted, begin);
    }
    if (!isStart) taking(session, value as unknown as EventObject, path, line);
  }
  return coverage;
}

/** A session takes an event of a line. @throws {FileError} when the machine fails */
export function taking(
  session: ReplayedSession,
  event: EventObject,
  path: string,
  line: number,
): void {
  try {
    session.take(event);
  } catch (cause) {
    const problem = `the machine fails at the event ${abridged(event.type)}: ${messageOf(cause)}. Fix the machine, or the data of the event`;
    throw new FileError(path, line, problem, { cause });
  }
}
