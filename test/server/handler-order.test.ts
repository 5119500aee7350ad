import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

/** Handlers that end when the test ends them, by reference id. */
class HeldHandlers {
  readonly begun: number[] = [];
  readonly #ends = new Map<number, (error?: Error) => void>();

  readonly handle: NonNullable<ServerOptions['onMessage']> = ({ message, reply }) => {
    const id = message.referenceId ?? 0;
    this.begun.push(id);
    return new Promise<void>((resolve, reject) => {
      this.#ends.set(id, (error) => {
        if (error) return reject(error);
        reply.ack();
        resolve();
      });
    });
  };

  end(id: number, error?: Error): void {
    this.#ends.get(id)?.(error);
  }
}

async function desk(options: ServerOptions = {}) {
  const handlers = new HeldHandlers();
  const { server, client } = await openGate({ onMessage: handlers.handle, ...options });
  const one = await client();
  await one.ask(registerRequest());
  const ask = (...ids: number[]) =>
    one.say(ids.map((id) => `{"messageName":"RequestX","referenceId":${id}}\n`).join(''));
  return Object.assign(one, { server, handlers, request: ask, client });
}

describe('the handlers of one client', () => {
  it('run one after the other: the next message waits for the promise of the handler before it', async () => {
    await using one = await desk();
    one.request(2, 3, 4);
    await expect.poll(() => one.handlers.begun).toEqual([2]);
    // A round trip of another client: nothing else has begun meanwhile.
    await using other = await one.client();
    await other.ask(registerRequest({ clientName: 'other' }));
    expect(one.handlers.begun).toEqual([2]);
    one.handlers.end(2);
    expect(await one.next()).toMatchObject({ referenceId: 2 });
    expect(one.handlers.begun).toEqual([2, 3]);
    one.handlers.end(3);
    one.handlers.end(4);
    expect(await one.next()).toMatchObject({ referenceId: 3 });
    await expect.poll(() => one.handlers.begun).toEqual([2, 3, 4]);
  });

  it('run at once up to the concurrency of the gate, and begin in order', async () => {
    await using one = await desk({ concurrency: 2 });
    one.request(2, 3, 4);
    await expect.poll(() => one.handlers.begun).toEqual([2, 3]);
    one.handlers.end(3);
    expect(await one.next()).toMatchObject({ referenceId: 3 });
    expect(one.handlers.begun).toEqual([2, 3, 4]);
  });

  it('do not wait for those of other clients', async () => {
    await using one = await desk();
    await using other = await one.client();
    await other.ask(registerRequest({ clientName: 'other' }));
    one.request(2);
    await expect.poll(() => one.handlers.begun).toEqual([2]);
    other.say({ messageName: 'RequestX', referenceId: 3 });
    await expect.poll(() => one.handlers.begun).toEqual([2, 3]);
  });

  it('go on after one that rejects: it is a problem, and its client gets internal-error', async () => {
    await using one = await desk();
    one.request(2, 3);
    await expect.poll(() => one.handlers.begun).toEqual([2]);
    const problem = once(one.server, 'problem');
    one.handlers.end(2, new Error('boom'));
    expect(await one.next()).toMatchObject({ referenceId: 2, errorCode: 10 });
    expect((await problem)[0].message).toBe('boom');
    await expect.poll(() => one.handlers.begun).toEqual([2, 3]);
  });

  it('bound the memory where one never ends: the gate reads nothing from its client', async () => {
    await using one = await desk();
    one.request(2);
    await expect.poll(() => one.handlers.begun).toEqual([2]);
    const filler = `{"messageName":"RequestX","referenceId":3,"text":"${'x'.repeat(60_000)}"}\n`;
    let written = 0;
    for (; written < 2_000 && one.socket.writableLength < 4_000_000; written += 1) {
      one.say(filler);
      if (written % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // What the two systems buffer for a connection is a few megabytes; the rest waits at the client.
    await expect.poll(() => one.socket.writableLength).toBeGreaterThan(1_000_000);
    expect(one.handlers.begun).toEqual([2]);
    expect(
      one.server.session(one.server.sessions()[0]?.id ?? '')?.inject({ messageName: 'RequestY' }),
    ).toBe(false);
  });

  it('may be done after the client ended its side: their answers are sent before the close', async () => {
    await using one = await desk({ concurrency: 3 });
    one.socket.end(
      '{"messageName":"RequestX","referenceId":2}\n{"messageName":"RequestX","referenceId":3}\n',
    );
    await expect.poll(() => one.handlers.begun).toEqual([2, 3]);
    one.handlers.end(3);
    expect(await one.next()).toMatchObject({ referenceId: 3 });
    one.handlers.end(2);
    expect(await one.next()).toMatchObject({ referenceId: 2 });
    expect(await one.next()).toBeNull();
    await expect.poll(() => one.server.sessions()).toEqual([]);
  });

  it('leave nothing behind when the client breaks its connection meanwhile', async () => {
    await using one = await desk();
    one.request(2);
    await expect.poll(() => one.handlers.begun).toEqual([2]);
    const gone = once(one.server, 'disconnected');
    one.socket.resetAndDestroy();
    await gone;
    one.handlers.end(2);
    expect(one.server.counts()).toMatchObject({ open: 0, registered: 0, problems: 0 });
  });
});
