/** Recordings of `ixgate inspector`, counted for one machine. */
import { type ActorCoverage, chartCoverage } from '../../machines/engine/coverage/index.js';
import { ReplayedSession } from '../../machines/engine/coverage/replayed-session.js';
import { abridged } from '../../machines/text/format.js';
import { FileError } from '../files/file-error.js';
import { taking } from './chart-events.js';
import { type CountedMachine, starting } from './counted-machine.js';
import { objectLines } from './object-lines.js';
import { isRecordedLine, RecordedActors } from './recorded-actors.js';

/**
 * Replays the events of the actors of the machine. An actor counts from its start to its end, or to a gap. A last line that is cut off is
 * left out.
 * @throws {FileError} for another line, and for an event at which the machine fails
 */
export async function readInspectorRecording(
  path: string,
  counted: CountedMachine,
): Promise<ActorCoverage> {
  const coverage = chartCoverage(counted.machine);
  const actors = new RecordedActors(counted.machine.id);
  const sessions = new Map<string, ReplayedSession>();
  let wrong: FileError | null = null;
  for await (const { text, value, line } of objectLines(path)) {
    if (wrong !== null) throw wrong;
    if (text === '') continue;
    if (value === null || !(isRecordedLine(value) || value.gap !== undefined)) {
      const problem = `${abridged(text)} is unknown; expected a line of ixgate inspector --record`;
      wrong = new FileError(path, line, problem);
      continue;
    }
    const recorded = actors.take(value);
    if (recorded?.kind === 'gap') for (const actor of recorded.actors) sessions.delete(actor);
    if (recorded?.kind !== 'event') continue;
    const { actor, event } = recorded;
    if (event.type === 'xstate.init') {
      const { input = counted.input } = event as { input?: unknown };
      const begin = () => new ReplayedSession(coverage, input);
      sessions.set(actor, starting({ path, line }, counted, begin));
    } else {
      const session = sessions.get(actor);
      if (session) taking(session, event, path, line);
    }
  }
  return coverage;
}
