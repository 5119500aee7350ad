/** `--events`: events with their data, read from a file. */
import { readFile } from 'node:fs/promises';
import type { EventObject } from 'xstate';
import { isRecordedLine, RecordedActors } from '../../coverage/recorded-actors.js';
import { UsageError } from '../exit-codes.js';

/**
 * Reads the events of a file, by type: a JSON list, one event a line, or a recording of `ixgate inspector`.
 * @param shown the name of the file in errors
 * @param machine id of the machine whose events are taken from a recording
 * @throws {UsageError}
 */
export async function payloadsIn(
  file: string,
  shown: string,
  machine: string,
): Promise<Record<string, object[]>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--events ${shown}: cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  const payloads: Record<string, object[]> = {};
  for (const [place, event] of eventsIn(text, shown, machine)) {
    const { type } = Object(event) as Partial<EventObject>;
    if (typeof type !== 'string' || type === '') {
      throw new UsageError(
        `--events ${shown}, ${place}: expected an event such as {"type":"SUBMIT","name":"x"}`,
      );
    }
    payloads[type] = [...(payloads[type] ?? []), event as object];
  }
  if (Object.keys(payloads).length === 0) throw new UsageError(`--events ${shown}: no events`);
  return payloads;
}

type PlacedEvent = [place: string, event: unknown];

function eventsIn(text: string, shown: string, machine: string): PlacedEvent[] {
  if (text.trimStart().startsWith('[')) {
    const list = parsed(text, `--events ${shown}`) as unknown[];
    return list.map((event, at) => [`event ${at + 1}`, event]);
  }
  const lines = text
    .split('\n')
    .map((line, at) => [line.trim(), at + 1] as const)
    .filter(([line]) => line !== '')
    .map(
      ([line, number]): PlacedEvent => [
        `line ${number}`,
        parsed(line, `--events ${shown}, line ${number}`),
      ],
    );
  const isRecording = isRecordedLine(Object(lines[0]?.[1]));
  return isRecording ? recordedEvents(lines, machine) : lines;
}

/** Each different event that actors of the machine got, without those of XState itself. */
function recordedEvents(lines: readonly PlacedEvent[], machine: string): PlacedEvent[] {
  const actors = new RecordedActors(machine);
  const found = new Map<string, PlacedEvent>();
  for (const [place, line] of lines) {
    const recorded = actors.take(Object(line));
    if (recorded?.kind !== 'event' || recorded.event.type.startsWith('xstate.')) continue;
    const text = JSON.stringify(recorded.event);
    if (!found.has(text)) found.set(text, [place, recorded.event]);
  }
  return [...found.values()];
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${place}: not JSON (${(cause as Error).message})`, { cause });
  }
}
