import { describe, expect, it } from 'vitest';
import type { SessionSummary } from '../../machines/index.js';
import { foldProxies } from '../../viz/src/sessions/fold-proxies.js';

const one = (session: string, carrier?: string) =>
  ({ session, ...(carrier && { carrier }) }) as SessionSummary;
const idsOf = (rows: readonly SessionSummary[]) => rows.map(({ session }) => session);

describe('the list of sessions', () => {
  const list = [one('c2', 'p'), one('desk'), one('c1', 'p'), one('p'), one('q')];

  it('folds the clients of a proxy away, and counts them', () => {
    const { rows, clients } = foldProxies(list, new Set());
    expect(idsOf(rows)).toEqual(['desk', 'p', 'q']);
    expect([...clients]).toEqual([['p', 2]]);
  });

  it('shows them below an open proxy, in the order of the list', () => {
    const { rows } = foldProxies(list, new Set(['p', 'desk']));
    expect(idsOf(rows)).toEqual(['desk', 'p', 'c2', 'c1', 'q']);
  });

  it('leaves a client at its place when its proxy is not listed', () => {
    const { rows, clients } = foldProxies([one('c1', 'p'), one('desk')], new Set());
    expect(idsOf(rows)).toEqual(['c1', 'desk']);
    expect(clients.size).toBe(0);
  });

  it('is the same list without proxies', () => {
    const plain = [one('a'), one('b')];
    expect(foldProxies(plain, new Set()).rows).toBe(plain);
  });
});
