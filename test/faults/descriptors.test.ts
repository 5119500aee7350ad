import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineClient, registerRequest } from '../support/line-client.js';
import { GateChild, Load, servedDuring } from '../support/load.js';

let load: Load;
beforeAll(async () => {
  load = await Load.open();
});
afterAll(() => load[Symbol.asyncDispose]());

const files = 128;
const unregistered = { first: '127.0.1.1', addresses: 200 };

describe('A gate with a limit of 128 open files', () => {
  it('T12: rejects new clients before descriptors run out, although rejected ones stay half-open', async () => {
    await using gate = await GateChild.open({ registrationTimeout: 3_600_000 }, files);
    const { port } = gate;
    await using client = await lineClient(port);
    await client.ask(registerRequest());
    let most = 0;
    const looking = setInterval(() => {
      most = Math.max(most, gate.descriptors);
    }, 5);
    // They do not end their side, so the gate keeps rejected connections for a second.
    await load.hold({ port, count: 300, sources: unregistered, halfOpen: true });
    await expect
      .poll(async () => {
        const { accepted, rejected } = await gate.counts();
        return accepted + rejected['max-connections'];
      })
      .toBe(301);
    clearInterval(looking);
    expect((await gate.counts()).open).toBe(64);
    expect(most).toBeGreaterThan(64);
    expect(most).toBeLessThan(files);
    const question = { messageName: 'RequestAnything', referenceId: 2 };
    expect(await client.ask(question)).toMatchObject({ messageName: 'EventAck' });

    await load.release();
    await expect.poll(async () => (await gate.counts()).open).toBe(1);
    expect((await servedDuring(port, async () => {})).served).toBe(1);
    expect(await gate.problems()).toEqual([]);
  }, 60_000);

  it('T12: neither crashes nor spins when others have used them all, logs it once, and accepts again when some are free', async () => {
    await using gate = await GateChild.open({}, files);
    const { port } = gate;
    await using client = await lineClient(port);
    await client.ask(registerRequest());
    const { code } = await gate.ask<{ code: string }>('useDescriptorsUp');
    expect(code).toBe('EMFILE');

    const come = { port, sources: unregistered, atOnce: 16, count: 200 };
    const { outcomes } = await load.run('register', come);
    expect(outcomes.registered).toBeUndefined();
    const question = { messageName: 'RequestAnything', referenceId: 2 };
    expect(await client.ask(question)).toMatchObject({ messageName: 'EventAck' });
    await expect.poll(() => gate.problems()).toHaveLength(1);

    // A connection attempt now and then must show that the gate is otherwise idle.
    await gate.utilization();
    const some = { port, sources: unregistered, atOnce: 1, count: 1 };
    for (let time = 0; time < 3; time += 1) {
      await load.run('register', some);
      await pause(500);
    }
    expect(await gate.utilization()).toBeLessThan(0.5);
    expect(await gate.problems()).toMatchObject([{ code: 'ACCEPT_FAILED', cause: 'EMFILE' }]);

    await gate.ask('giveDescriptorsBack');
    expect((await servedDuring(port, async () => {})).served).toBe(1);
  }, 60_000);
});
