import { expect, test } from 'vitest';
import type { FeedMessage, SessionSummary } from '../../machines/index.js';
import { batchOf } from '../../viz/src/feed/feed-batch.js';

/** A message of the list, of sessions by their ids. */
function sessions(
  ids: readonly string[],
  { removed = [], complete = false }: { removed?: string[]; complete?: boolean } = {},
): FeedMessage {
  return {
    type: 'sessions',
    sessions: ids.map((session) => ({ session }) as SessionSummary),
    removed,
    complete,
    totals: { accepted: 0, byVerdict: {}, byState: {} },
  };
}

test('Changes that come in the same frame as the end of the list belong to the list', () => {
  const messages = [
    sessions(['one', 'two'], { complete: true }),
    sessions(['three'], { removed: ['one'] }),
  ];
  const batch = batchOf(messages, new Set());
  expect([...(batch.listed ?? [])]).toEqual(['two', 'three']);
  expect(batch.removed).toEqual(['one']);
});

test('A list that has not come as a whole is kept until it has', () => {
  const listed = new Set<string>();
  expect(batchOf([sessions(['one'])], listed).listed).toBeNull();
  expect(batchOf([sessions(['two'], { complete: true })], listed).listed).toEqual(
    new Set(['one', 'two']),
  );
});
