import { describe, expect, test } from 'vitest';
import { createClient } from '../../../adapters/client/index.js';
import type { Endpoint, Scheme } from '../../../adapters/net/transports/index.js';
import { clientPaths } from '../../../adapters/tester/index.js';
import {
  observedFrom,
  parseRecording,
  recordingText,
  sessionsOf,
} from '../../../machines/index.js';
import { idsOf, judged, problems, short } from './played.js';

/** The client of this project with short reconnect delays. */
function ownClient(endpoint: Endpoint, ca: string | null): () => Promise<void> {
  const client = createClient({
    endpoints: endpoint,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    extension: { note: 'private note' },
    replyTimeout: 900,
    reconnect: { initialDelay: 200, maxDelay: 400, spread: 10 },
    random: () => 0.5,
    ...(ca !== null && { tls: { ca } }),
  });
  return () => client.close();
}

describe.concurrent('the client of ixgate holds everything on every path', () => {
  const schemes: Scheme[] = ['tcp', 'ws', 'tls', 'wss'];
  test.each(schemes)('over %s', async (scheme) => {
    const result = await judged(ownClient, {
      listen: `${scheme}://127.0.0.1:0`,
      registrationTimeout: 4_000,
      // Longer than needed, for a busy machine.
      replyTimeout: 2_000,
    });
    expect(problems(result)).toEqual([]);
    expect(result.verdict).toBe('pass');
    const framing = scheme === 'ws' || scheme === 'wss' ? 'frame' : 'stream';
    const possible = clientPaths.filter((path) => (path.framing ?? framing) === framing);
    expect(idsOf(result.paths)).toEqual(possible.map(({ id }) => id));
    expect(result.requirements).toHaveLength(13);

    const { steps, problems: damages } = parseRecording(
      recordingText(result.paths.flatMap((run) => run.steps)),
    );
    expect(damages).toEqual([]);
    const sessions = sessionsOf(steps);
    expect([...sessions.keys()]).toEqual(idsOf(result.paths));
    const verdictOf = (id: string) => sessions.get(id)?.summary.verdict;
    expect([verdictOf('ack'), verdictOf('error')]).toEqual(['registered', 'refused']);
    const acknowledged = sessions.get('foreign-ack')?.summary;
    expect(acknowledged?.verdict).toBe('registered');
    // Not by the first EventAck.
    expect(acknowledged?.registeredAfter).toBeGreaterThan(2 * short.pause - 5);
    const arrows = observedFrom(sessions.get('ack')?.steps ?? []);
    expect(arrows.map(({ kind, message }) => message?.messageName ?? kind)).toEqual([
      'connect',
      'RequestRegisterClient',
      'EventAck',
      'disconnect',
    ]);
    expect(JSON.stringify(result.paths)).not.toContain('private note');
  });
});
