import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serving } from '../../cli/ixgate.js';

/** Clients that register and disconnect, at any moment. */
const atOnce = 16;
/** Duration of one measurement in milliseconds. */
const slice = 500;
const rounds = 24;

const request = (number: number) =>
  `{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"desk-${number}","clientType":"AgentApplication"}\n`;

function registerAndLeave(port: number, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (answer) => {
      if (!answer.includes('EventAck')) reject(new Error(`answered ${answer}`));
      socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.write(request(number));
  });
}

type Gate = Awaited<ReturnType<typeof serving>>;

/** Seconds of CPU time that the gate has used. */
async function processorTime(gate: Gate): Promise<number> {
  const text = await (await fetch(`${gate.admin}/metrics`)).text();
  const times = [...text.matchAll(/^process_cpu_\w+_seconds_total (\S+)$/gm)];
  if (times.length !== 2) throw new Error('no CPU time in /metrics');
  return times.reduce((sum, [, seconds]) => sum + Number(seconds), 0);
}

interface Measured {
  /** Registrations per second. */
  readonly rate: number;
  /** Registrations per second of the gate's CPU time: its capacity, independent of other load on the machine. */
  readonly capacity: number;
}

let number = 0;

async function measure(gate: Gate): Promise<Measured> {
  let done = 0;
  const used = await processorTime(gate);
  const begin = performance.now();
  const loop = async () => {
    while (performance.now() - begin < slice) {
      number += 1;
      await registerAndLeave(gate.port, number);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
  const seconds = (performance.now() - begin) / 1_000;
  return { rate: done / seconds, capacity: done / ((await processorTime(gate)) - used) };
}

/** A viewer that has the whole list. It does not parse what it gets: its own work is not the gate's. */
async function viewerOf(gate: Gate): Promise<WebSocket> {
  const socket = new WebSocket(`${gate.admin.replace('http', 'ws')}/feed`);
  socket.on('error', () => {});
  await once(socket, 'open');
  const complete = new Promise<void>((resolve) => {
    const look = (data: Buffer) => {
      if (!data.includes('"complete":true')) return;
      socket.off('message', look);
      resolve();
    };
    socket.on('message', look);
  });
  socket.send('{"type":"list"}');
  await complete;
  return socket;
}

/** The kinds of viewers, each compared with no viewer. */
const kinds = {
  async attached(gate: Gate) {
    const viewer = await viewerOf(gate);
    const measured = await measure(gate);
    viewer.terminate();
    return measured;
  },
  async slow(gate: Gate) {
    const viewer = await viewerOf(gate);
    viewer.pause();
    const measured = await measure(gate);
    viewer.terminate();
    return measured;
  },
  async gone(gate: Gate) {
    (await viewerOf(gate)).terminate();
    return measure(gate);
  },
};

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}

/** The possible error of the median of this many noisy numbers, two standard errors. */
function uncertainty(numbers: readonly number[]): number {
  const middle = median(numbers);
  const spread = 1.48 * median(numbers.map((one) => Math.abs(one - middle)));
  return (2 * 1.25 * spread) / Math.sqrt(numbers.length);
}

it('T40: a viewer of the list, attached, slow or gone, costs at most 5 % of the rate', async () => {
  await using gate = await serving(['--admin', 'http://127.0.0.1:0', '--log-level', 'warn']);
  // Warm-up, until it has some thousand sessions.
  for (let time = 0; time < 20; time += 1) await measure(gate);
  const found = Object.entries(kinds).map(([kind, run]) => ({
    kind,
    run,
    rate: [] as number[],
    capacity: [] as number[],
  }));
  const alone = [await measure(gate)];
  for (let round = 0; round < rounds; round += 1) {
    for (const { run, rate, capacity } of found) {
      const before = alone.at(-1) as Measured;
      const watched = await run(gate);
      const after = await measure(gate);
      alone.push(after);
      // Before and after it: changes of the machine's load affect both.
      rate.push((2 * watched.rate) / (before.rate + after.rate));
      capacity.push((2 * watched.capacity) / (before.capacity + after.capacity));
    }
  }
  const without = Math.round(median(alone.map(({ rate }) => rate)));
  console.info(`registrations per second without a viewer: ${without}`);
  const shown = (ratios: number[]) =>
    `${median(ratios).toFixed(3)} +-${uncertainty(ratios).toFixed(3)}`;
  for (const { kind, rate, capacity } of found) {
    const of = `${shown(capacity)} for its CPU time`;
    console.info(`with a viewer ${kind}: ${shown(rate)} of that, ${of}`);
  }
  // Other load on the machine disturbs the rate, and slightly the CPU time.
  for (const { kind, rate, capacity } of found) {
    for (const [what, ratios] of Object.entries({ rate, capacity })) {
      expect(median(ratios) + uncertainty(ratios), `${what}, ${kind}`).toBeGreaterThanOrEqual(0.95);
    }
  }
});
