/** Reconnects of a thousand clients to a restarting server, in simulated time: the client's chart without sockets. */
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { resolveOptions } from '../../adapters/client/node-options.js';
import type { Clock } from '../../machines/index.js';
import {
  type SupervisorInput,
  supervisorMachine,
} from '../../machines/registration/chart/supervisor.js';

const herd = 1_000;

/** Runs due tasks in order of their time, without waiting. */
class QueueClock implements Clock {
  now = 0;
  readonly #due = new Map<number, { at: number; run: () => void }>();
  #last = 0;

  setTimeout(run: () => void, timeout: number): number {
    this.#last += 1;
    this.#due.set(this.#last, { at: this.now + timeout, run });
    return this.#last;
  }

  clearTimeout(id: number): void {
    this.#due.delete(id);
  }

  /** @returns false when no task is left */
  next(): boolean {
    let first: [number, { at: number; run: () => void }] | null = null;
    for (const entry of this.#due) if (!first || entry[1].at < first[1].at) first = entry;
    if (!first) return false;
    this.#due.delete(first[0]);
    this.now = first[1].at;
    first[1].run();
    return true;
  }
}

/** A seeded generator (mulberry32), so that the figure is always the same. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Restart {
  /** Milliseconds for which the server does not listen. */
  readonly away: number;
  readonly seed: number;
  readonly endpoints?: readonly string[];
  /** Options of the client that differ from the defaults. */
  readonly change?: Partial<SupervisorInput>;
}

/** All clients lose their server at 0. @returns the time of each attempt in milliseconds, and of the last registration */
function restarted({ away, seed, endpoints = ['tcp://gate:7004'], change = {} }: Restart) {
  const clock = new QueueClock();
  const random = seeded(seed);
  const { supervisor } = resolveOptions({
    endpoints,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    random,
  });
  const attempts: { at: number; endpoint: number }[] = [];
  let back = 0;
  const machine = supervisorMachine.provide({
    actions: {
      open: ({ context, self }) => {
        // Answered later, because an actor must not receive events during its own step.
        clock.setTimeout(() => {
          if (clock.now > 0) attempts.push({ at: clock.now, endpoint: context.endpoint });
          if (clock.now === 0 || clock.now >= away) {
            if (clock.now > 0) back += 1;
            self.send({ type: 'Registered' });
          } else self.send({ type: 'Failed', error: new Error('refused') });
        }, 0);
      },
    },
  });
  const clients = Array.from({ length: herd }, () =>
    createActor(machine, { clock, input: { ...supervisor, ...change } }).start(),
  );
  for (const client of clients) client.send({ type: 'Start' });
  for (const _ of clients) clock.next();
  for (const client of clients) client.send({ type: 'Lost', error: new Error('restart') });
  while (back < herd && clock.next());
  for (const client of clients) client.stop();
  return { attempts, lastAt: clock.now };
}

/** The maximum number in any one second, wherever it begins. */
function peak(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  times.forEach((at, index) => {
    while (at - (times[first] ?? at) >= 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

const times = (attempts: { at: number }[]) => attempts.map(({ at }) => at);

describe('1,000 clients that lose their server at the same moment', () => {
  it.each([0, 1_000, 3_000, 10_000, 30_000])(
    'T43: reconnect after an outage of %i ms, at most a fifth of them in any second',
    (away) => {
      for (const seed of [1, 2, 3]) {
        const { attempts, lastAt } = restarted({ away, seed });
        expect(attempts.length).toBeGreaterThanOrEqual(herd);
        expect(peak(times(attempts))).toBeLessThanOrEqual(herd / 5);
        // All clients are back within one wait after the server's return: maxDelay.
        expect(lastAt).toBeLessThan(away + 30_000);
      }
    },
  );

  it('T43: reconnect no faster with a standby: each endpoint gets at most a fifth', () => {
    const { attempts } = restarted({
      away: 20_000,
      seed: 7,
      endpoints: ['tcp://gate:7004', 'tcp://standby:7004'],
    });
    for (const endpoint of [0, 1]) {
      const mine = attempts.filter((attempt) => attempt.endpoint === endpoint);
      expect(mine.length).toBeGreaterThan(herd / 10);
      expect(peak(times(mine))).toBeLessThanOrEqual(herd / 5);
    }
  });

  it('T43: would all reconnect at once without spread', () => {
    const { attempts } = restarted({ away: 0, seed: 1, change: { spread: 0 } });
    expect(peak(times(attempts))).toBe(herd);
  });
});
