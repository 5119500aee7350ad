import { describe, expect, it } from 'vitest';
import type { SourceRow } from '../../../adapters/directory/limits/limit-messages.js';
import { maxSources, PeerCounts } from '../../../adapters/directory/limits/peer-counts.js';

const peer = (number = 0) => new PeerCounts('run', number, 0, 0);
const room = () => ({ left: maxSources });
const all = (number: number, sources: readonly SourceRow[]) => ({
  ...{ run: 'run', number, part: 0, parts: 1, sources },
});
const counted = (counts: PeerCounts) =>
  counts
    .counted()
    .map(({ source, unregistered, registered }) => [source, unregistered, registered]);

describe('the counts of another gate', () => {
  it('keep what a later message tells when a list of all comes after it', () => {
    const counts = peer(4);
    counts.changed(
      6,
      [
        ['x', 0, 0],
        ['y', 2, 0],
      ],
      room(),
    );
    counts.part(
      all(5, [
        ['x', 1, 0],
        ['y', 1, 0],
        ['z', 1, 0],
      ]),
      room(),
    );
    expect(counts.isComplete).toBe(true);
    expect(counted(counts)).toEqual([
      ['y', 2, 0],
      ['z', 1, 0],
    ]);
  });

  it('stay incomplete until a list has all messages that were missed', () => {
    const counts = peer();
    counts.changed(3, [['x', 1, 0]], room());
    counts.part(all(1, []), room());
    expect(counts.isComplete).toBe(false);
    counts.part(all(2, []), room());
    expect(counts.isComplete).toBe(true);
    expect(counted(counts)).toEqual([['x', 1, 0]]);
  });

  it('have as many sources as there is room for, and as many again with unregistered connections', () => {
    const counts = peer();
    const rows = (count: number, kind: string, unregistered: number) =>
      Array.from({ length: count }, (_, at): SourceRow => [`${kind}-${at}`, unregistered, 1]);
    const left = { left: maxSources };
    counts.changed(1, rows(maxSources + 10, 'registered', 0), left);
    expect(counts.size).toBe(maxSources);
    const changes = counts.changed(2, rows(maxSources + 10, 'waiting', 1), left);
    expect(counts.size).toBe(2 * maxSources);
    expect(counts.unregistered).toBe(maxSources);
    expect(changes.filter(({ unregistered }) => unregistered === 1)).toHaveLength(maxSources);
  });
});
