import { expect, it } from 'vitest';
import { reloadedUnder } from './held-sessions.js';

it('T38: three reloads with new certificates disconnect none of 300 sessions, and new handshakes see the new certificate', async () => {
  expect(await reloadedUnder(300)).toMatchObject({ sessions: 300, reloads: 3 });
}, 60_000);
