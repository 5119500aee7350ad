/** Sessions and logs made by hand, and a reading of events that lie in no file. */
import { vi } from 'vitest';
import { Reading } from '../../../adapters/cli/analyze/reading.js';
import type { SessionFields } from '../../../adapters/cli/analyze/session-fields.js';
import type { Log, LogsRead } from '../../../adapters/observer/index.js';
import { type ObservedEvent, Observer } from '../../../machines/index.js';

/** 2026-03-02 08:00:00.000 */
export const eight = Date.UTC(2026, 2, 2, 8);

/** A session that was registered. */
export const registered: SessionFields = {
  session: '51@10',
  client: 'desk-1',
  clientType: 'AgentApplication',
  mediaType: null,
  proxy: null,
  proxyClientId: null,
  verdict: 'registered',
  words: 'registered',
  figure: '1',
  start: '2026-03-02T08:00:00.000',
  end: '2026-03-02T08:01:00.000',
  startedAt: eight,
  elapsed: 60_000,
  answeredAfter: 2,
  registeredAfter: 14,
  registrationDeadline: null,
  rejectionDeadline: null,
  reason: 'peer-closed',
  ended: 'the client closed',
  errors: 0,
  error: null,
  missing: null,
  inferred: [],
  findings: 0,
  steps: 4,
  server: 'ixn_lab',
  format: 'interaction-server',
  file: 'ixn.log',
  line: 10,
  lastFile: 'ixn.log',
  lastLine: 60,
};

/** A refused session that began `after` milliseconds after eight o'clock. */
export function refused(after = 0, changes: Partial<SessionFields> = {}): SessionFields {
  return {
    ...registered,
    session: `52@${after}`,
    client: 'kiosk-9',
    clientType: null,
    verdict: 'refused',
    words: 'refused (2a)',
    figure: '2a',
    start: new Date(eight + after).toISOString().slice(0, -1),
    startedAt: eight + after,
    registeredAfter: null,
    answeredAfter: 1,
    rejectionDeadline: 5_001,
    reason: 'rejection-timeout',
    ended: 'rejection deadline',
    errors: 1,
    error: { code: 2, text: 'client is not valid' },
    ...changes,
  };
}

const format = { id: 'by-hand', title: 'written by hand', hasConnections: true } as Log['format'];

/** Reads events as if they stood in a log, or each list in the log of another server. */
export function readingOf(
  events: readonly ObservedEvent[],
  paths = ['ixn.log'],
  ...others: readonly (readonly ObservedEvent[])[]
): Reading {
  return new Reading(paths, {}, [], async (_paths, options) => {
    const { onStep, onFinding, onSession, signal } = options;
    for (const [index, part] of [events, ...others].entries()) {
      const log: Log = { server: `ixn_lab_${index + 1}`, format };
      const observer = new Observer({
        onStep: onStep && ((step) => onStep(step, log)),
        onFinding: onFinding && ((finding) => onFinding(finding, log)),
        onSession: onSession && ((session) => onSession(session, log)),
      });
      for (const event of part) {
        signal?.throwIfAborted();
        observer.take(event);
      }
      observer.end();
    }
    return readOf(events.length);
  });
}

export function readOf(lines: number, damages: LogsRead['damages'] = []): LogsRead {
  const damaged = damages.reduce((sum, damage) => sum + damage.lines, 0);
  const counts = { read: lines + damaged, used: lines, ignored: 0, damaged };
  const file = { file: 'ixn.log', server: 'ixn_lab', format: 'by-hand', bytes: 1_200, counts };
  return { files: [file], passedOver: [], counts, damages, damaged: damages.length };
}

/** Events of one connection, the first at a time and a line; every further one a line and 10 ms later. */
export function spoken(
  label: string,
  after: number,
  line: number,
  said: readonly (string | { name: string; id?: number; [attribute: string]: unknown })[],
): ObservedEvent[] {
  const peer = { label };
  return said.map((one, index): ObservedEvent => {
    const where = {
      at: eight + after + index * 10,
      place: { file: 'logs/ixn.log', line: line + index },
      peer,
    };
    if (one === 'connect') return { ...where, type: 'connected' };
    if (one === 'leave') return { ...where, type: 'disconnected', by: 'client' };
    const { name, id = 1, ...rest } = typeof one === 'string' ? { name: one } : one;
    const message = { messageName: name, referenceId: id, ...rest };
    return { ...where, type: 'said', by: name.startsWith('Event') ? 'server' : 'client', message };
  });
}

export const asks = (clientName: string, more: Record<string, unknown> = {}) => ({
  name: 'RequestRegisterClient',
  clientName,
  clientType: 'AgentApplication',
  ...more,
});

/** What is written to standard output meanwhile. */
export async function written(work: () => Promise<unknown>): Promise<string> {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await work();
    return text;
  } finally {
    spy.mockRestore();
  }
}
