import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeWatchedGatesAfterEach, TestViewer } from '../feed/watched-gate.js';
import { Load, ServeChild } from '../support/load.js';
import { ViewerFlood } from '../support/viewer-flood.js';

closeWatchedGatesAfterEach();

let load: Load;
let gate: ServeChild;
beforeAll(async () => {
  [load, gate] = await Promise.all([
    Load.open(),
    ServeChild.open([
      ...['--listen', 'tcp://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'],
      // A machine that runs other tests delays every event loop.
      ...['--max-lag', '60s', '--log-level', 'error'],
    ]),
  ]);
  // Code that runs for the first time is slow.
  await registrations(1_500);
});
afterAll(() => Promise.all([load, gate].map((child) => child[Symbol.asyncDispose]())));

/** Registrations per second. */
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
/** The share of the registrations that clients keep. */
const enough = 0.5;
const isEnough = (part: number) => part > enough;
/** The best run counts: a successful flood harms all of them, other work on the machine only some. */
const maxRounds = 4;

describe('T84: a viewer that floods and reconnects at once is closed, and clients register as before', () => {
  it.each([
    ['watches sessions that are unknown', '/feed', text, watch, 1],
    ['pings', '/feed', ping, '', 2],
    ['asks /xstate for its sessions', '/xstate', text, '{"type":"xstate.inspecting"}', 3],
  ])(
    'T84: %s',
    async (_what, path, opcode, payload, number) => {
      await using flood = await ViewerFlood.open();
      const port = Number(new URL(gate.admin).port);
      const viewer = await TestViewer.open(`ws://127.0.0.1:${port}/feed`);
      viewer.say({ type: 'list' });
      const kept: number[] = [];
      let before = await registrations(400);
      for (let round = 1; round <= maxRounds && !kept.some(isEnough); round += 1) {
        // From an address that has not flooded yet.
        const localAddress = `127.0.${number}.${round}`;
        await flood.start({ port, path, localAddress, opcode, payload });
        const during = await registrations(2_000);
        const closed = async () => (await flood.counts()).closeCodes[1008];
        await expect.poll(closed).toBeGreaterThanOrEqual(round);
        await flood.stop();
        const after = await registrations(400);
        kept.push((2 * during) / (before + after));
        before = after;
      }
      const { statuses } = await flood.counts();
      console.info(
        `registrations kept: ${kept.map((part) => part.toFixed(2)).join(', ')}`,
        statuses,
      );
      expect(Math.max(...kept)).toBeGreaterThan(enough);
      // Another viewer of the gate is not affected.
      const { accepted = 0 } = viewer.totals ?? {};
      await registrations(100);
      await viewer.until(() => (viewer.totals?.accepted ?? 0) > accepted);
    },
    60_000,
  );
});
