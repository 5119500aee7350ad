import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Load, type LoadResult, ServeChild } from '../support/load.js';

const sources = { first: '127.0.0.10', addresses: 100 };

let gate: ServeChild;
let crowd: Load;
let readers: Load;
beforeAll(async () => {
  gate = await ServeChild.open([
    ...['--listen', 'tcp://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'],
    ...['--registration-timeout', '1h', '--max-unregistered', '20000:30:30000'],
    // Other tests also delay the event loop.
    ...['--max-lag', '1m', '--log-level', 'error'],
  ]);
  crowd = await Load.open();
  readers = await Load.open();
  expect(await crowd.hold({ port: gate.ports[0] ?? 0, count: 3_000, sources })).toEqual({});
}, 60_000);
afterAll(async () => {
  for (const child of [crowd, readers, gate]) await child[Symbol.asyncDispose]();
});

/** The share of the time in which the gate is busy during some work. */
async function shareOf(work: (milliseconds: number) => Promise<LoadResult>): Promise<number> {
  // For caches, and code that runs for the first time.
  await work(800);
  const before = await gate.processorTime();
  const { seconds } = await work(1_200);
  return ((await gate.processorTime()) - before) / (seconds * 1_000);
}

const register = (milliseconds: number) =>
  readers.run('register', { port: gate.ports[0] ?? 0, sources, atOnce: 16, milliseconds });

const read = (path: string, atOnce: number) => (milliseconds: number) => {
  const port = Number(new URL(gate.admin).port);
  return readers.run('get', { port, path, sources, atOnce, milliseconds });
};

describe('Repeated reads of the admin port, with 3,000 connections', () => {
  it.each([
    ['two of /metrics', '/metrics', 2],
    ['one of /sessions', '/sessions', 1],
    ['a hundred of /sessions', '/sessions', 100],
  ] as const)(
    'T91: %s take less than half of the work of registering clients',
    async (_readers, path, atOnce) => {
      const reading = await shareOf(read(path, atOnce));
      const registering = await shareOf(register);
      // A small share cannot be measured when other processes take the CPU from the gate.
      expect(reading / Math.max(registering, 0.5)).toBeLessThan(0.5);
    },
  );
});
