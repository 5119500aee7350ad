import { expect, it } from 'vitest';
import { Ladder } from '../../../machines/engine/inspection/ladder.js';

it('a ladder holds the newest events, and numbers go on', () => {
  const ladder = new Ladder();
  const added = Array.from({ length: 5 }, (_, number) =>
    ladder.addEvent({
      at: number,
      source: null,
      target: 'x:0',
      type: 'GO',
      message: 'x'.repeat(10),
    }),
  );
  ladder.trim(2, Number.MAX_SAFE_INTEGER);
  expect(ladder.entries()).toEqual(added.slice(3));
  expect(ladder).toMatchObject({ length: 2, forgotten: 3 });
  expect([ladder.event(3), ladder.event(4)]).toEqual([undefined, added[3]]);
});
