import type { Damage, LineCounts, LogFormat } from '../../../adapters/observer/log-reader.js';
import {
  type Finding,
  type ObservedEvent,
  type ObservedSession,
  Observer,
  type StepRecord,
} from '../../../machines/index.js';

/** What a reader made of a text. */
export interface Reading {
  readonly events: readonly ObservedEvent[];
  readonly damages: readonly Damage[];
  readonly counts: LineCounts;
}

/** Reads a text as a file of this name. What comes after the last line feed is a line without an end. */
export function readText(format: LogFormat, text: string, name = 'a.jsonl'): Reading {
  const events: ObservedEvent[] = [];
  const damages: Damage[] = [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const reader = format.open(
    { file: name, name },
    { event: (event) => events.push(event), damage: (damage) => damages.push(damage) },
  );
  for (const line of lines) reader.take(line, false);
  if (last !== '') reader.take(last, false);
  reader.end(last !== '');
  return { events, damages, counts: reader.counts };
}

/** What an observer tells of a text. */
export interface Observation extends Reading {
  readonly sessions: ReadonlyMap<string, ObservedSession>;
  readonly steps: readonly StepRecord[];
  readonly findings: readonly Finding[];
}

export function observeText(format: LogFormat, text: string, name?: string): Observation {
  const reading = readText(format, text, name);
  const sessions = new Map<string, ObservedSession>();
  const steps: StepRecord[] = [];
  const findings: Finding[] = [];
  const observer = new Observer({
    hasConnections: format.hasConnections,
    onStep: (step) => steps.push(step),
    onFinding: (finding) => findings.push(finding),
    onSession: (session) => sessions.set(session.summary.session, session),
  });
  for (const event of reading.events) observer.take(event);
  observer.end();
  return { ...reading, sessions, steps, findings };
}

/** The types of the events, for tests that are about nothing else. */
export const typesOf = ({ events }: Reading) => events.map(({ type }) => type);
