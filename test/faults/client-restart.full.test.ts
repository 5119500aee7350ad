/** A gate in a separate process that is killed and replaced. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { serving } from '../cli/ixgate.js';
import { client, tidyAfterEach } from '../client/scripted-server.js';

tidyAfterEach();

const desks = 20;
const reconnect = { initialDelay: 50, maxDelay: 1_000, spread: 500 };

describe('A gate that is killed', () => {
  it('T35: gets its clients back within their maximum wait, each with one connection and one name', async () => {
    await using first = await serving();
    const made = Array.from({ length: desks }, (_, index) =>
      client(first.endpoint, { clientName: `desk-${index + 1}`, reconnect }),
    );
    await Promise.all(made.map(({ client: desk }) => desk.registered));
    const waits: number[] = [];
    for (const { client: desk } of made) desk.on('waiting', (delay) => waits.push(delay));
    const lost = made.map(({ client: desk }) => once(desk, 'waiting'));
    const back = made.map(({ client: desk }) => once(desk, 'registered'));
    // A pending request is not kept: it rejects.
    const pending = made.map(({ client: desk }) =>
      desk.request({ messageName: 'RequestX' }, { timeout: 60_000 }).then(
        () => 'answered',
        (reason) => reason.code,
      ),
    );
    first.child.kill('SIGKILL');
    await Promise.all([first.ended, ...lost]);
    for (const outcome of await Promise.all(pending))
      expect(['answered', 'DISCONNECTED']).toContain(outcome);
    await using second = await serving(['--listen', first.endpoint]);
    await Promise.all(back);
    expect(Math.max(...waits)).toBeLessThanOrEqual(reconnect.maxDelay);
    // Clients may be back before the gate logs that it listens: all lines count.
    const names = () =>
      [...second.stdout.matchAll(/"event":"registered".*?"clientName":"(desk-\d+)"/g)].map(
        ([, name]) => name,
      );
    await expect.poll(() => names().length, { timeout: 30_000 }).toBe(desks);
    expect(new Set(names()).size).toBe(desks);
    for (const { client: desk, journal } of made) {
      expect(desk.state).toBe('online');
      // Each attempt ended before the next began.
      let open = 0;
      for (const line of journal) {
        if (line.startsWith('connecting')) open += 1;
        if (line.startsWith('disconnected')) open -= 1;
        expect(open === 0 || open === 1).toBe(true);
      }
    }
    // No client connected twice.
    second.child.kill('SIGKILL');
    await second.ended;
    expect(second.stdout.match(/"event":"registered"/g)).toHaveLength(desks);
  }, 60_000);
});
