import { describe, expect, it } from 'vitest';
import { type ObservedEvent, Observer, type StepRecord, sessionsOf } from '../../machines/index.js';
import { matchesOf } from '../../viz/src/ladder/find.js';
import { ladderMermaid } from '../../viz/src/ladder/ladder-mermaid.js';
import type { StepRow } from '../../viz/src/ladder/ladder-row.js';
import { ladderSvg } from '../../viz/src/ladder/ladder-svg.js';
import { ladderOf } from '../../viz/src/ladder/rows.js';
import { placeWords, stepLabel } from '../../viz/src/ladder/words.js';
import { nameFor } from '../../viz/src/parts/verdict-words.js';
import { viewOf } from './sessions.js';

/** A session as an observer reports it: read from a log, without a connect line, with a damaged line and a stray answer. */
function observed() {
  const steps: StepRecord[] = [];
  const observer = new Observer({ hasConnections: false, onStep: (step) => steps.push(step) });
  const peer = { label: 'desk-1' };
  let line = 10;
  const take = (event: Record<string, unknown>) => {
    line += 1;
    const place = { file: 'logs/ixn.log', line };
    observer.take({ at: line * 100, place, peer, ...event } as unknown as ObservedEvent);
  };
  const said = (by: string, messageName: string, more = {}) =>
    take({ type: 'said', by, message: { messageName, ...more } });
  said('client', 'RequestRegisterClient', { referenceId: 1, clientName: 'desk-1' });
  said('server', 'EventError', { referenceId: 7, errorCode: 2, errorDescription: 'no' });
  take({ type: 'missing', reason: 'damaged' });
  take({ type: 'disconnected', by: 'server' });
  const session = sessionsOf(steps).get('desk-1@11');
  if (!session) throw new Error('there is no session');
  return viewOf(session.steps);
}

const rows = ladderOf(observed()).rows.filter((row): row is StepRow => row.type === 'step');

describe('The ladder of a session that was read from a log', () => {
  it('shows at each step the protocol violations and the inferences', () => {
    expect(rows.map(({ remarks }) => remarks)).toEqual([
      ['inferred: the connect line is missing: the client connected no later than this'],
      [],
      [
        'wrong-reference-id: the server sent EventError with reference id 7 to desk-1; the request had 1',
      ],
      ['inferred: the log does not state why the server closed: the deadline probably expired'],
    ]);
  });

  it('has a note where data is missing', () => {
    expect(rows.at(-1)?.before).toContain('the log is incomplete here: it is damaged');
  });

  it('has them also for screen readers, in a picture and in Mermaid', () => {
    const [, , error] = rows as [StepRow, StepRow, StepRow];
    expect(stepLabel(error, undefined)).toContain('wrong-reference-id');
    expect(ladderSvg(observed())).toContain('wrong-reference-id');
    expect(ladderMermaid(observed())).toContain('wrong-reference-id');
  });

  it('is found by a finding and by its place in the log', () => {
    const { steps } = observed();
    expect(matchesOf(steps, 'wrong-reference')).toEqual([{ seq: 3, inSight: true }]);
    expect(matchesOf(steps, 'ixn.log:12')).toEqual([{ seq: 3, inSight: false }]);
    expect(steps.map(placeWords)).toEqual([
      'logs/ixn.log:11',
      'logs/ixn.log:11',
      'logs/ixn.log:12',
      'logs/ixn.log:14',
    ]);
  });

  it('has the name of its session when the log has no name', () => {
    const unnamed = { clientName: null, session: '55@67' };
    expect(nameFor({ ...unnamed, seat: 'observer' })).toBe('55@67');
    expect(nameFor({ ...unnamed, seat: 'server' })).toBe('(no name)');
    expect(nameFor({ ...unnamed, seat: 'observer', logName: 'mira' })).toBe('mira');
    const asked = { ...unnamed, clientName: '', logName: '55' };
    expect(nameFor({ ...asked, seat: 'observer' })).toBe('(no name)');
  });
});
