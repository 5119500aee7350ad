import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MemoryDirectory, MemoryStore } from '../../adapters/directory/memory-directory.js';
import type { ServerOptions } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

/** Gates that share a store in memory; all names have the cap 1. */
async function cluster(options: ServerOptions, nodes = ['a', 'b']) {
  const store = new MemoryStore();
  const gates = [];
  for (const node of nodes) {
    gates.push(
      await openGate({
        validator: () => ({ valid: true, cap: 1 }),
        directory: { store: new MemoryDirectory(store), node },
        ...options,
      }),
    );
  }
  return gates as [Awaited<ReturnType<typeof openGate>>, Awaited<ReturnType<typeof openGate>>];
}

describe('gates that share a directory', () => {
  it('reject a name that a client of another gate has', async () => {
    const [a, b] = await cluster({ namePolicy: 'reject' });
    await using holder = await a.client();
    expect(await holder.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await using second = await b.client();
    expect(await second.ask(registerRequest())).toMatchObject({ errorCode: 9 });
    expect(a.server.directory).toMatchObject({
      kind: 'memory',
      node: 'a',
      state: 'live',
      names: 1,
    });
    expect(b.server.directory).toMatchObject({ node: 'b', names: 0 });
  });

  it('give a name away once its session is over', async () => {
    const [a, b] = await cluster({ namePolicy: 'reject' });
    const holder = await a.client();
    await holder.ask(registerRequest());
    const gone = once(a.server, 'disconnected');
    await holder[Symbol.asyncDispose]();
    await gone;
    await using second = await b.client();
    expect(await second.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  it('replace the session in another gate by the policy takeover, with a higher epoch', async () => {
    const [a, b] = await cluster({ namePolicy: 'takeover' });
    await using holder = await a.client();
    await holder.ask(registerRequest());
    const [before] = a.server.sessions();
    const ended = once(a.server, 'disconnected');
    await using second = await b.client();
    expect(await second.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    const [, reason] = await ended;
    expect(reason).toBe('replaced');
    expect(await holder.next()).toMatchObject({ messageName: 'EventError', errorCode: 11 });
    const [after] = b.server.sessions();
    expect({ before: before?.node, after: after?.node }).toEqual({ before: 'a', after: 'b' });
    expect(after?.epoch).toBeGreaterThan(before?.epoch ?? Number.POSITIVE_INFINITY);
  });

  it('keep a session that answers by the policy probe', async () => {
    const [a, b] = await cluster({ namePolicy: 'probe' });
    await using holder = await a.client();
    await holder.ask(registerRequest());
    await using second = await b.client();
    expect(await second.ask(registerRequest())).toMatchObject({ errorCode: 9 });
    expect(a.server.counts().registered).toBe(1);
  });

  it('give the epoch to the handlers of messages and to the step of the grant', async () => {
    const epochs: (number | null | undefined)[] = [];
    const [{ server, client }] = await cluster({
      onMessage: ({ session, reply }) => {
        epochs.push(session.epoch);
        reply.ack();
      },
    });
    server.on('step', ({ to, epoch }) => {
      if (to === 'registered') epochs.push(epoch);
    });
    await using one = await client();
    await one.ask(registerRequest());
    await one.ask({ messageName: 'RequestStatus', referenceId: 7 });
    const [info] = server.sessions();
    expect(info?.epoch).toBeGreaterThan(1e15);
    expect(new Set(epochs)).toEqual(new Set([info?.epoch, undefined]));
  });

  it('register names without a cap, and any name by the policy allow, without the store', async () => {
    const [a, b] = await cluster({ namePolicy: 'allow' });
    await using one = await a.client();
    await one.ask(registerRequest());
    await using other = await b.client();
    expect(await other.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(b.server.directory?.names).toBe(0);
    expect(b.server.sessions()[0]).toMatchObject({ node: 'b', epoch: null });
  });

  it('do not start under the name of a live gate', async () => {
    const store = new MemoryStore({ lease: 1_000 });
    const options = () => ({ directory: { store: new MemoryDirectory(store), node: 'a' } });
    await openGate(options());
    await expect(openGate(options())).rejects.toMatchObject({ code: 'NODE_NAME_IN_USE' });
  });

  it('refuse invalid options with the value and what is allowed', async () => {
    const opened = (directory: ServerOptions['directory']) => openGate({ directory });
    await expect(opened({ store: 'memory', node: 'a b' })).rejects.toThrow(
      'option node: expected 1 to 64 letters, digits, dots, underscores and hyphens, not "a b"',
    );
    await expect(opened({ store: 'http://me:secret@x' })).rejects.toThrow(
      /memory, redis:.*not "http:\/\/\*\*\*@x"/,
    );
    await expect(opened({ store: 'memory', onLoss: 'stay' as 'keep' })).rejects.toThrow(
      'option directory.onLoss: expected close or keep, not "stay"',
    );
  });
});
