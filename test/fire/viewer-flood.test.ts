import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeWatchedGatesAfterEach, TestViewer } from '../feed/watched-gate.js';
import { Load, median, ServeChild } from '../support/load.js';
import { ViewerFlood } from '../support/viewer-flood.js';

closeWatchedGatesAfterEach();

let load: Load;
let gate: ServeChild;
beforeAll(async () => {
  [load, gate] = await Promise.all([
    Load.open(),
    ServeChild.open([
      ...['--listen', 'tcp://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'],
      // A machine that runs other tests holds up every event loop.
      ...['--max-lag', '60s', '--log-level', 'error'],
    ]),
  ]);
  // Code that runs for the first time is slow.
  for (let round = 0; round < 3; round += 1) await registrations(200);
});
afterAll(() => Promise.all([load, gate].map((child) => child[Symbol.asyncDispose]())));

/** Registrations a second. */
async function registrations(milliseconds: number): Promise<number> {
  const sources = { first: '127.0.0.10', addresses: 100 };
  const options = { port: gate.ports[0] ?? 0, sources, atOnce: 16, milliseconds };
  const { outcomes, rate } = await load.run('register', options);
  expect(Object.keys(outcomes)).toEqual(['registered']);
  return rate;
}

const text = 1;
const ping = 9;
const watch = JSON.stringify({ type: 'watch', session: 'x'.repeat(200), after: 0 });
const rounds = 3;

describe('T84: a viewer that floods and comes back at once is closed, and clients register as before', () => {
  it.each([
    ['watches sessions that are unknown', '/inspect', text, watch, 1],
    ['pings', '/inspect', ping, '', 2],
    ['asks /xstate for its sessions', '/xstate', text, '{"type":"xstate.inspecting"}', 3],
  ])(
    'T84: %s',
    async (_what, path, opcode, payload, number) => {
      await using flood = await ViewerFlood.open();
      const viewer = await TestViewer.open(`ws://127.0.0.1:${gate.admin}/inspect`);
      viewer.say({ type: 'list' });
      const kept: number[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const before = await registrations(400);
        // From an address that has not flooded yet.
        const localAddress = `127.0.${number}.${round}`;
        const port = Number(new URL(gate.admin).port);
        await flood.start({ port, path, localAddress, opcode, payload });
        kept.push((await registrations(1_000)) / before);
        const closed = async () => (await flood.counts()).closeCodes[1008];
        await expect.poll(closed, { timeout: 10_000 }).toBe(round);
        await flood.stop();
      }
      const { statuses } = await flood.counts();
      console.info(
        `registrations kept: ${kept.map((part) => part.toFixed(2)).join(', ')}`,
        statuses,
      );
      expect(statuses[101]).toBe(rounds);
      expect(median(kept)).toBeGreaterThan(0.5);
      // Another viewer of the gate notices nothing.
      const { accepted = 0 } = viewer.totals ?? {};
      await registrations(100);
      await viewer.until(() => (viewer.totals?.accepted ?? 0) > accepted);
    },
    60_000,
  );
});
