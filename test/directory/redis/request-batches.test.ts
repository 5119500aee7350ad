import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { RequestBatches } from '../../../adapters/directory/redis/request-batches.js';

/** Counts its writes. */
class Stream {
  corked = 0;
  writes = 0;
  cork() {
    this.corked += 1;
  }
  uncork() {
    this.corked -= 1;
    this.writes += 1;
  }
}

it('Requests of one turn are written at once, and those right after them a millisecond later', async () => {
  const batches = new RequestBatches();
  const stream = new Stream();
  for (let request = 0; request < 3; request += 1) batches.collect(stream);
  expect(stream).toMatchObject({ corked: 1, writes: 0 });
  await turn();
  expect(stream).toMatchObject({ corked: 0, writes: 1 });
  batches.collect(stream);
  await expect.poll(() => stream.writes).toBe(2);
  await sleep(2);
  batches.collect(stream);
  await turn();
  expect(stream).toMatchObject({ corked: 0, writes: 3 });
});

it('Many requests of one turn are written in several parts, so that the store begins early', () => {
  const batches = new RequestBatches();
  const stream = new Stream();
  for (let request = 0; request < 40; request += 1) batches.collect(stream);
  expect(stream).toMatchObject({ corked: 1, writes: 2 });
});

it('A new connection does not wait for the one before it', async () => {
  const batches = new RequestBatches();
  const [lost, next] = [new Stream(), new Stream()];
  batches.collect(lost);
  batches.collect(next);
  await expect.poll(() => next.writes).toBe(1);
  expect(next.corked).toBe(0);
});
