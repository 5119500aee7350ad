/** The assumptions of the other tests here: a seed is an interleaving, and the controlled pair is a transport. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { networks, patience } from './arbitraries.js';
import { controlledPair } from './controlled-pair.js';
import { course, deeds, givens } from './course.js';
import { anyOrder, holdTheLoop, Interleaving } from './interleaving.js';
import { failureOf } from './replay.js';

holdTheLoop();
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a seed', () => {
  /** The events of each interleaving of a seed. */
  async function tracesOf(seed: number, numRuns: number, path?: string): Promise<string[]> {
    const traces: string[] = [];
    const property = fc.asyncProperty(anyOrder, givens(deeds), async (order, given) => {
      const { interleaving } = await course(order, given);
      traces.push([...interleaving.order, ...interleaving.trace].join('\n'));
    });
    await fc.assert(property, { seed, numRuns, ...(path !== undefined && { path }) });
    return traces;
  }

  it('gives the same interleavings each time, and another seed others', async () => {
    const first = await tracesOf(42, 10);
    expect(await tracesOf(42, 10)).toEqual(first);
    expect(await tracesOf(43, 10)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(5);
  });

  it('with a path gives one of them', async () => {
    const [, , third] = await tracesOf(42, 3);
    expect(await tracesOf(42, 1, '2')).toEqual([third]);
  });

  it('is printed by a failing property, with the command to repeat it', async () => {
    const failed: string[] = [];
    const property = fc.asyncProperty(anyOrder, givens(deeds), async (order, given) => {
      const { interleaving, events } = await course(order, given);
      if (events.includes('registered')) failed.push(interleaving.trace.join('\n'));
      expect(events).not.toContain('registered');
    });
    const failure = await failureOf(property, { numRuns: 100, seed: 42 });
    const [, seed, path] = /IXGATE_SEED=(\S+) IXGATE_PATH=(\S+) npx/.exec(`${failure}`) ?? [];
    expect(Number(seed)).toBe(42);
    const found = failed.at(-1);
    failed.length = 0;
    const again = await failureOf(property, { numRuns: 100, seed: 42, path: path ?? '' });
    expect(again).toBeInstanceOf(Error);
    expect(failed[0]).toBe(found);
  });
});

describe('a controlled pair', () => {
  it('carries bytes in order, wherever they are cut, and then the end; nothing after a close', async () => {
    const property = fc.asyncProperty(
      anyOrder,
      networks,
      patience,
      fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }),
      fc.option(fc.nat({ max: 5 })),
      async (order, network, slow, texts, closesAfter) => {
        const interleaving = new Interleaving(order, slow);
        const { client, gate } = controlledPair(interleaving, network);
        const heard: string[] = [];
        const bytes: Uint8Array[] = [];
        let isClosed = false;
        const ends = () => {
          if (!isClosed) gate.close('done');
          isClosed = true;
        };
        gate.start({
          data: (chunk) => {
            expect(isClosed).toBe(false);
            bytes.push(chunk);
            if (bytes.length === closesAfter) ends();
          },
          end: () => {
            heard.push('end');
            ends();
          },
          drain: () => {},
          fault: () => {},
          closed: (error) => heard.push(`closed ${error}`),
        });
        const nothing = () => {};
        client.start({
          data: nothing,
          end: nothing,
          drain: nothing,
          fault: nothing,
          closed: (error) => heard.push(`closed there ${error}`),
        });
        for (const text of texts) client.write(Buffer.from(text));
        client.close('done');
        await interleaving.rest();
        const text = Buffer.concat(bytes).toString();
        const all = texts.join('');
        expect(all.startsWith(text) || isClosed).toBe(true);
        if (closesAfter === null) expect(text).toBe(all);
        expect(heard.filter((one) => one === 'closed null')).toHaveLength(1);
        expect(heard.filter((one) => one === 'closed there null')).toHaveLength(1);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});
