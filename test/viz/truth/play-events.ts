import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { mulberry32 } from '../../server/limits/door.js';
import { type TruthEvent, traffic, truthEvents } from './events.js';
import { World } from './world.js';

/** Milliseconds that the clock of one of the pages is ahead of the gate's. */
const ahead = 3_600_000;

/** The seed of random events: `IXGATE_SEED`, or one that is printed when the test fails. */
export function seedOfEvents(): number {
  return Number(process.env.IXGATE_SEED ?? Math.floor(Math.random() * 1_000_000));
}

/**
 * Plays random events, each kind once before any comes again, and compares the pages with the gate after each.
 * @returns the events, one per line
 */
export async function playEvents(browser: Browser, seed: number, count: number): Promise<string[]> {
  const random = mulberry32(seed);
  const log: string[] = [];
  let playing = '';
  await using world = await World.open(browser);
  await world.startGate();
  await world.view('page');
  await world.view('page with a clock an hour ahead', ahead);
  for (const { page } of world.viewers) await page.goto(`${world.url}?token=${world.token}`);
  await world.settled();
  await traffic(world, random, 3);
  await world.settled();
  try {
    for (const event of order(random, count)) {
      const start = performance.now();
      playing = event.name;
      await event.happen(world, random);
      await world.settled();
      log.push(`${event.name}: ${Math.round(performance.now() - start)} ms`);
      expect(await world.wrong(), event.name).toEqual([]);
    }
  } catch (error) {
    console.error(`IXGATE_SEED=${seed} plays it again:\n${[...log, playing].join('\n')}`);
    throw error;
  }
  return log;
}

function order(random: () => number, count: number): TruthEvent[] {
  const events: TruthEvent[] = [];
  while (events.length < count) {
    const left = [...truthEvents];
    while (left.length > 0) events.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return events.slice(0, count);
}
