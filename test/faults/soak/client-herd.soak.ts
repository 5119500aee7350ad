/** A thousand real clients on loopback whose gate, in a separate process, is killed: how they reconnect. */
import { setTimeout as after } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createClient, type GateClient } from '../../../adapters/client/index.js';
import { serving } from '../../cli/ixgate.js';

const herd = 1_000;
/** The default maximum wait, and time to start a process and to register. */
const deadline = 90_000;

/** The maximum number of attempts in any one second, wherever it begins. */
function peak(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other);
  let most = 0;
  let first = 0;
  sorted.forEach((at, index) => {
    while (at - (sorted[first] ?? at) >= 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

const registeredAgain = (desk: GateClient) =>
  new Promise<void>((resolve) => desk.once('registered', () => resolve()));

it.each([0, 5_000])(
  'T43: 1,000 clients whose gate is killed and back after %i ms reconnect with at most a fifth of them in any second (T35: all of them)',
  async (away) => {
    const gate = await serving();
    const desks: GateClient[] = [];
    try {
      // A hundred concurrently: the initial connects are not measured.
      while (desks.length < herd) {
        const batch = Array.from({ length: 100 }, (_, index) =>
          createClient({
            endpoints: gate.endpoint,
            clientName: `desk-${desks.length + index + 1}`,
            clientType: 'AgentApplication',
          }),
        );
        desks.push(...batch);
        await Promise.all(batch.map((desk) => desk.registered));
      }
      const attempts: number[] = [];
      const waits: number[] = [];
      let failed = 0;
      for (const desk of desks) {
        desk.on('connecting', () => attempts.push(performance.now()));
        desk.on('waiting', (delay) => waits.push(delay));
        desk.on('disconnected', (reason) => {
          if (reason === 'connect-failed') failed += 1;
        });
      }
      const back = Promise.all(desks.map(registeredAgain));
      const start = performance.now();
      gate.child.kill('SIGKILL');
      await gate.ended;
      await after(away);
      await using next = await serving(['--listen', gate.endpoint]);
      const returned = performance.now() - start;
      await Promise.race([back, after(deadline, 'late', { ref: false })]);
      const lasted = performance.now() - start;
      expect(desks.filter(({ state }) => state === 'online')).toHaveLength(herd);
      const most = peak(attempts);
      console.log(
        `T43: gate back after ${Math.round(returned)} ms, all ${herd} registered again after ${Math.round(lasted)} ms; ` +
          `${attempts.length} attempts, ${failed} failed, busiest second ${most}, longest wait ${Math.round(Math.max(...waits))} ms`,
      );
      expect(most).toBeLessThanOrEqual(herd / 5);
      expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
      const names = new Set<unknown>();
      for (let lines = 0; lines < herd; lines += 1)
        names.add((await next.event('registered')).clientName);
      expect(names.size).toBe(herd);
    } finally {
      await Promise.all(desks.map((desk) => desk.close()));
      await gate[Symbol.asyncDispose]();
    }
  },
);
