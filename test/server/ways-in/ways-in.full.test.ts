import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { GateServer } from '../../../adapters/server/index.js';
import { registerRequest } from '../../support/line-client.js';
import { ways } from './ways.js';

const granted = { messageName: 'EventAck' };
const other = { messageName: 'RequestAgentLogin', referenceId: 2 };
const refusal = (errorCode: number) => ({ messageName: 'EventError', errorCode });

/** All connections are gone, and each has one outcome. */
async function isEmpty(gate: GateServer): Promise<void> {
  await expect.poll(() => gate.counts().open).toBe(0);
  const { accepted, outcomes } = gate.counts();
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(accepted);
}

describe.each(ways)('$name', ({ open, scheme, hasAddress }) => {
  it('registers a client, and passes on its messages and those for it', async () => {
    await using entrance = await open({ onMessage: ({ reply }) => reply.ack({ agentId: 'a' }) });
    const { gate, connect } = entrance;
    const client = await connect();
    expect(await client.ask(registerRequest())).toMatchObject(granted);
    expect(gate.sessions()).toMatchObject([{ scheme, clientName: 'desk-1' }]);
    expect(await client.ask(other)).toEqual({ ...granted, referenceId: 2, agentId: 'a' });
    gate.session(gate.sessions()[0]?.id ?? '')?.send({ messageName: 'EventCustom' });
    expect(await client.next()).toEqual({ messageName: 'EventCustom' });
    client.destroy();
    await isEmpty(gate);
  });

  it('refuses an invalid client, answers another message with an error, and closes at the deadline', async () => {
    await using entrance = await open({ validator: () => false, rejectionTimeout: 100 });
    const { gate, connect } = entrance;
    const over = once(gate, 'disconnected');
    const client = await connect();
    expect(await client.ask(other)).toMatchObject(refusal(1));
    expect(await client.ask(registerRequest())).toMatchObject(refusal(2));
    expect((await over)[1]).toBe('rejection-timeout');
    await client.ended;
    await isEmpty(gate);
  });

  it('closes a silent client at the deadline', async () => {
    await using entrance = await open({ registrationTimeout: 300 });
    const { gate, connect } = entrance;
    const over = once(gate, 'disconnected');
    const client = await connect();
    expect((await over)[1]).toBe('registration-timeout');
    await client.ended;
    await isEmpty(gate);
  });

  it('closes a client whose frame is too long, after the error', async () => {
    await using entrance = await open({ maxFrameUnregistered: 1_024 });
    const { gate, connect } = entrance;
    const client = await connect();
    client.say({ ...other, padding: 'x'.repeat(2_000) });
    expect(await client.next()).toMatchObject(refusal(5));
    await client.ended;
    expect(gate.counts().limits.maxFrameUnregistered).toBe(1);
    await isEmpty(gate);
  });

  it('closes a registered client that does not read', async () => {
    await using entrance = await open({ maxUnsent: 65_536 });
    const { gate, connect } = entrance;
    const over = once(gate, 'disconnected');
    const client = await connect();
    expect(await client.ask(registerRequest())).toMatchObject(granted);
    client.raw.webSocket?.pause();
    client.raw.stream.pause();
    const session = gate.session(gate.sessions()[0]?.id ?? '');
    const message = { messageName: 'EventCustom', padding: 'x'.repeat(60_000) };
    let sent = 0;
    while (['sent', 'buffered'].includes(session?.send(message) ?? 'closed')) {
      sent += 1;
      // What the system takes is not waiting, so the system has time to take it.
      if (sent % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (sent > 2_000) throw new Error('the messages are not bounded');
    }
    expect((await over)[1]).toBe('slow-reader');
    client.destroy();
    await isEmpty(gate);
  });

  it('answers a client that ended its side, and lets it go', async () => {
    await using entrance = await open({});
    const { gate, connect } = entrance;
    const over = once(gate, 'disconnected');
    const client = await connect();
    client.say(registerRequest());
    if (client.raw.webSocket) client.raw.webSocket.close();
    else client.raw.stream.end();
    expect(await client.next()).toMatchObject(granted);
    expect((await over)[1]).toBe('peer-closed');
    await client.ended;
    await isEmpty(gate);
  });

  it('forgets a client whose connection is destroyed', async () => {
    await using entrance = await open({});
    const { gate, connect } = entrance;
    const clients = [await connect(), await connect()];
    expect(await clients[0]?.ask(registerRequest())).toMatchObject(granted);
    for (const client of clients) client.destroy();
    await isEmpty(gate);
  });

  it('tells its clients that it shuts down, and takes no more', async () => {
    await using entrance = await open({});
    const { gate, connect } = entrance;
    const client = await connect();
    expect(await client.ask(registerRequest())).toMatchObject(granted);
    const closed = gate.close();
    expect(await client.next()).toMatchObject(refusal(7));
    await client.ended;
    await closed;
    const late = await connect().catch(() => null);
    await late?.ended;
    expect(gate.counts()).toMatchObject({ accepted: 1, open: 0 });
  });

  it(`${hasAddress ? 'limits' : 'does not limit'} the unregistered clients of an address`, async () => {
    await using entrance = await open({
      maxUnregisteredPerAddress: 1,
      exempt: [],
      maxLag: 60_000,
    });
    const { gate, connect } = entrance;
    const first = await connect();
    await expect.poll(() => gate.counts().open).toBe(1);
    const second = await connect().catch(() => null);
    if (hasAddress) {
      await expect.poll(() => gate.counts().rejected['per-address']).toBe(1);
      await second?.ended;
    } else expect(await second?.ask(registerRequest())).toMatchObject(granted);
    expect(await first.ask(registerRequest())).toMatchObject(granted);
    for (const client of [first, second]) client?.destroy();
    await isEmpty(gate);
  });

  it('limits the connections of all', async () => {
    await using entrance = await open({ maxConnections: 1 });
    const { gate, connect } = entrance;
    const first = await connect();
    await expect.poll(() => gate.counts().open).toBe(1);
    const second = await connect().catch(() => null);
    await expect.poll(() => gate.counts().rejected['max-connections']).toBe(1);
    await second?.ended;
    first.destroy();
    await isEmpty(gate);
  });

  it('does not read from a client while its validator decides', async () => {
    const verdict: { give?: (valid: boolean) => void } = {};
    await using entrance = await open({
      validator: () =>
        new Promise((resolve) => {
          verdict.give = resolve;
        }),
      onMessage: ({ reply }) => reply.ack(),
    });
    const { connect } = entrance;
    const client = await connect();
    client.sayAtOnce(registerRequest(), other);
    await expect.poll(() => verdict.give).toBeDefined();
    verdict.give?.(true);
    expect(await client.next()).toMatchObject({ ...granted, referenceId: 1 });
    expect(await client.next()).toMatchObject({ ...granted, referenceId: 2 });
    client.destroy();
  });
});
