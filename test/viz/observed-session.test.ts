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

/** A session as an observer tells it: read from a log, without a connect line, with a line that is damaged and a stray answer. */
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
  it('says at each step what the chart has no answer to, and what was concluded', () => {
    expect(rows.map(({ remarks }) => remarks)).toEqual([
      ['inferred: its connect line is missing: it connected no later than this'],
      [],
      [
        'wrong-reference-id: the server says EventError with reference id 7 to desk-1, which asked with 1',
      ],
      [
        'inferred: the log does not say why the server closed it: that its deadline ran out is concluded',
      ],
    ]);
  });

  it('has a note where something is missing', () => {
    expect(rows.at(-1)?.before).toContain('missing here: the log is damaged');
  });

  it('says so to a screen reader, in a picture and in Mermaid', () => {
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

  it('bears the name of its session where the log has no name', () => {
    const nobody = { clientName: null, session: '55@67' };
    expect(nameFor({ ...nobody, seat: 'observer' })).toBe('55@67');
    expect(nameFor({ ...nobody, seat: 'server' })).toBe('(no name)');
    expect(nameFor({ ...nobody, seat: 'observer', logName: 'mira' })).toBe('mira');
    const asked = { ...nobody, clientName: '', logName: '55' };
    expect(nameFor({ ...asked, seat: 'observer' })).toBe('(no name)');
  });
});
