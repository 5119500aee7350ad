import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import type { Scheme } from '../../adapters/net/transports/index.js';
import { Exchanges } from './fault-exchange.js';
import type { Direction, Fault } from './fault-proxy.js';
import { type Landmarks, landmarksOf, objections } from './fault-table.js';
import { sampleOf } from './sampling.js';

/** The offsets of a direction, 0 to `said`, at which faults are injected. */
export type Offsets = (landmarks: Landmarks, direction: Direction) => number[];

export const everyByte: Offsets = (landmarks, direction) =>
  Array.from({ length: landmarks[direction].said + 1 }, (_, at) => at);

/** Faults that end by a timeout take as long as the timeout: run many concurrently, but leave time to set all of them up. */
const atOnce: Record<Exclude<Scheme, 'unix'>, { stall: number; other: number }> = {
  tcp: { stall: 96, other: 16 },
  ws: { stall: 96, other: 16 },
  tls: { stall: 16, other: 16 },
  wss: { stall: 16, other: 16 },
};
/** A timeout in milliseconds that is never reached. */
const late = 20_000;
/**
 * Milliseconds after which a fault ends by a timeout, for each attempt. On a very busy machine a second may be too short for the end of a
 * connection or an answer, and one outcome is wrong. A real fault is wrong in every attempt.
 */
const tries = { stall: [1_000, 10_000], other: [late, late] } as const;

/** Injects a fault into an exchange at each offset (`npm test`: at some), and expects correct outcomes and no leaks. */
export async function strikeAll(
  scheme: Scheme,
  direction: Direction,
  kind: Fault['kind'],
  offsets: Offsets = everyByte,
): Promise<{ exchanges: number }> {
  const before = handles();
  const landmarks = await measure(scheme);
  const faults = sampleOf(offsets(landmarks, direction)).map(
    (at): Fault => ({ direction, kind, at }),
  );
  let left: readonly Fault[] = faults;
  let wrong: readonly string[] = [];
  for (const patience of tries[kind === 'stall' ? 'stall' : 'other']) {
    ({ wrong, left } = await strike(landmarks, left, patience));
    if (left.length === 0) break;
  }
  expect(wrong.slice(0, 10)).toEqual([]);
  await handlesBackTo(before);
  return { exchanges: faults.length };
}

async function measure(scheme: Scheme): Promise<Landmarks> {
  await using exchanges = await Exchanges.open(scheme);
  return landmarksOf(scheme, await exchanges.run());
}

/** Opens a gate, injects the faults, and closes. @returns the wrong outcomes and their faults */
async function strike(landmarks: Landmarks, faults: readonly Fault[], patience: number) {
  const { scheme } = landmarks;
  const [{ direction, kind } = { direction: 'up', kind: 'cut' }] = faults;
  // A stall ends by the timeout of the waiting side, never by that of the other.
  const waits = kind === 'stall' && direction === 'up' ? 'server' : 'client';
  await using exchanges = await Exchanges.open(scheme, {
    server: late,
    client: late,
    [waits]: patience,
  });
  const wrong: string[] = [];
  const left: Fault[] = [];
  const count = atOnce[scheme as keyof typeof atOnce][kind === 'stall' ? 'stall' : 'other'];
  await exchanges.runAll(faults, count, (outcome) => {
    const found = objections(landmarks, outcome);
    wrong.push(...found);
    if (found.length > 0 && outcome.fault) left.push(outcome.fault);
  });
  expect(exchanges.server.sessions()).toEqual([]);
  return { wrong, left };
}

/** The number of sockets, servers, requests and timers that keep this process busy. */
export function handles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    // Timers of this wait and of the test runner.
    if (name !== 'Immediate' && name !== 'PipeWrap') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Waits until the number is no higher than before: a closed connection may linger for a second. */
export async function handlesBackTo(before: ReadonlyMap<string, number>): Promise<void> {
  const more = () => [...handles()].filter(([name, count]) => count > (before.get(name) ?? 0));
  const end = performance.now() + 30_000;
  while (more().length > 0 && performance.now() < end) await turn();
  expect(more()).toEqual([]);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap in use, except those that the collector cannot free yet. */
export async function heapInUse(): Promise<number> {
  for (let n = 0; n < 3; n += 1) {
    // A later turn releases finished objects.
    await turn();
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/**
 * The average number of heap bytes that a broken exchange leaks: every fault in both directions, over the whole
 * exchange. As many exchanges run before as a warm-up.
 */
export async function heapLeft(scheme: Scheme, exchanges: number): Promise<number> {
  await using gate = await Exchanges.open(scheme);
  const landmarks = landmarksOf(scheme, await gate.run());
  const kinds = ['cut', 'reset', 'split'] as const;
  const faults = Array.from({ length: exchanges }, (_, n): Fault => {
    const direction = n % 2 ? 'up' : 'down';
    const at = (n * 7) % (landmarks[direction].said + 1);
    return { direction, kind: kinds[n % 3] ?? 'cut', at };
  });
  const measured: number[] = [];
  for (const _ of ['before', 'after']) {
    await gate.runAll(faults, 16, () => {});
    measured.push(await heapInUse());
  }
  const [before = 0, after = 0] = measured;
  return (after - before) / exchanges;
}
