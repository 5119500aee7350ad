import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { errorCodes, errorTable } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

describe('errors', () => {
  it('GATE-6.1 have the numbers and names of their headings in the protocol', async () => {
    const text = await readFile('docs/protocol.md', 'utf8');
    const headings = [...text.matchAll(/^### Error (\d+): (.+)$/gm)];
    expect(headings.map(([, number, name]) => [name, Number(number)])).toEqual(
      Object.entries(errorCodes),
    );
  });

  it('GATE-6.1 are transient or final in the protocol as they are in the table', async () => {
    const text = await readFile('docs/protocol.md', 'utf8');
    const [, listed = ''] =
      /After a transient error a client retries with back-off: ([^.]+)\./.exec(text) ?? [];
    const transient = Object.entries(errorTable).filter(([, { isTransient }]) => isTransient);
    expect(listed.split(/,\s+|\s+and\s+/)).toEqual(transient.map(([name]) => name));
  });

  it('GATE-6.1 have another number where the site has given them one', async () => {
    const { client } = await openGate({ errorCodes: { 'not-registered': 4711 } });
    await using one = await client();
    expect(await one.ask({ messageName: 'RequestAgentLogin' })).toMatchObject({ errorCode: 4711 });
  });

  it('GATE-6.2 do not hold what a validator threw', async () => {
    const { client } = await openGate({
      validator: () => {
        throw new Error('password of the directory is hunter2');
      },
    });
    await using one = await client();
    const answer = await one.ask(registerRequest());
    expect(answer).toMatchObject({ errorCode: 8 });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });

  it('GATE-6.3 already-registered leaves the client registered as what it was', async () => {
    const { client, server } = await openGate();
    await using one = await client();
    await one.ask(registerRequest());
    expect(await one.ask(registerRequest({ clientName: 'desk-2' }))).toMatchObject({
      errorCode: 4,
    });
    expect(server.sessions()).toMatchObject([
      { state: 'registered', clientName: 'desk-1', deadline: null },
    ]);
  });
});

describe('closing', () => {
  it('GATE-8.1 sends what is waiting and then the end', async () => {
    const { client } = await openGate({
      onMessage: ({ reply, session }) => {
        reply.ack({ note: 'x'.repeat(200_000) });
        session.disconnect();
      },
    });
    await using one = await client();
    await one.ask(registerRequest());
    const answer = await one.ask({ messageName: 'RequestSubmit', referenceId: 2 });
    expect(answer?.note).toHaveLength(200_000);
    expect(await one.next()).toBeNull();
  });

  it('GATE-8.2 answers what came before the client ended its side', async () => {
    const { client } = await openGate({
      validator: () => new Promise((resolve) => setImmediate(resolve, true)),
    });
    await using one = await client();
    one.socket.end(`${JSON.stringify(registerRequest())}\n`);
    expect(await one.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
    expect(await one.next()).toBeNull();
  });

  it('GATE-8.4 tells every client that the server shuts down', async () => {
    const { client, server } = await openGate();
    await using unregistered = await client();
    await using guest = await client();
    await guest.ask(registerRequest());
    const closing = server.close({ drainMs: 5_000 });
    const told = { messageName: 'EventError', referenceId: null, errorCode: 7 };
    expect(await unregistered.next()).toMatchObject(told);
    expect(await unregistered.next()).toBeNull();
    expect(await guest.next()).toMatchObject(told);
    guest.socket.end();
    unregistered.socket.end();
    await closing;
  });

  it('GATE-8.5 cuts off a client that does not read', async () => {
    const { client, server } = await openGate({ maxUnsent: 100_000 });
    await using one = await client();
    await one.ask(registerRequest());
    one.socket.pause();
    const gone = new Promise((resolve) =>
      server.once('disconnected', (_session, reason) => resolve(reason)),
    );
    const [session] = server.sessions();
    const message = { messageName: 'EventNotice', note: 'x'.repeat(100_000) };
    for (let sent = 0; sent < 200; sent += 1) {
      if (server.session(session?.id ?? '')?.send(message) !== 'sent') break;
      await new Promise(setImmediate);
    }
    expect(await gone).toBe('slow-reader');
  });
});
