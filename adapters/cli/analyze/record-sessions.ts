import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { UsageError } from '../exit-codes.js';
import type { Filter } from './filters.js';
import type { Found } from './read-text.js';
import type { Reading } from './reading.js';
import { RecordingOut } from './recording-out.js';
import { type IsWanted, wantedSessions } from './wanted-sessions.js';

export interface Recorded extends Found {
  readonly path: string;
  readonly steps: number;
}

/**
 * Writes the steps of the sessions that match a filter as a recording.
 * @param isForced overwrites an existing file
 * @throws {UsageError} when the file cannot be written, or when no session matches.
 */
export async function recordSessions(
  reading: Reading,
  filter: Filter | null,
  path: string,
  isForced: boolean,
): Promise<Recorded> {
  await mustBeNoInput(path, reading.paths);
  const isWanted = filter && (await wantedSessions(reading, filter, '--record with a filter'));
  const out = new RecordingOut(path, isForced, (failure) => reading.stop(failure));
  try {
    const found = await record(reading, isWanted, out);
    out.end();
    if (out.steps === 0) {
      throw new UsageError(
        filter === null || found.sessions === 0
          ? 'no session in these logs: nothing to record'
          : `none of ${found.sessions} sessions matches: nothing to record`,
      );
    }
    return { ...found, path, steps: out.steps };
  } catch (error) {
    out.remove();
    throw error;
  }
}

async function record(
  reading: Reading,
  isWanted: IsWanted | null,
  out: RecordingOut,
): Promise<Found> {
  let [sessions, matched, findings] = [0, 0, 0];
  const servers: string[] = [];
  await reading.read({
    onStep: (step, { server, format }) => {
      if (isWanted && !isWanted(step.session, server)) return;
      if (!servers.includes(server)) servers.push(server);
      const number = servers.indexOf(server);
      // Labels of connections are unique for one server only.
      const isShared = format.hasConnections && number > 0;
      out.add(isShared ? { ...step, session: `${number + 1}:${step.session}` } : step);
    },
    onSession: (session, { server }) => {
      sessions += 1;
      if (isWanted && !isWanted(session.summary.session, server)) return;
      matched += 1;
      findings += session.findings;
    },
  });
  return { sessions, matched, findings };
}

/** @throws {UsageError} for a path that is one of the logs or in a folder of logs. */
async function mustBeNoInput(path: string, inputs: readonly string[]): Promise<void> {
  const there = await stat(path).catch(() => null);
  for (const input of inputs) {
    const read = await stat(input).catch(() => null);
    if (!read) continue;
    if (there && there.dev === read.dev && there.ino === read.ino) {
      throw new UsageError(`${path} is one of the logs; choose another name`);
    }
    if (read.isDirectory() && (await isWithin(dirname(resolve(path)), input))) {
      throw new UsageError(
        `${path} is in ${input}, a folder that is read; choose a path outside of it`,
      );
    }
  }
}

async function isWithin(folder: string, outer: string): Promise<boolean> {
  const real = await realpath(folder).catch(() => null);
  const realOuter = await realpath(outer);
  if (real === null) return false;
  return `${real}${sep}`.startsWith(`${realOuter}${sep}`);
}
