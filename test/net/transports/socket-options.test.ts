import { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { registerRequest } from '../../support/line-client.js';

closeGatesAfterEach();
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the options of a plain TCP socket', () => {
  it('send the second write at once, and are not set for a single write', async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const { client } = await openGate({ onMessage: ({ reply }) => void reply.ack() });
    await using one = await client();
    await one.ask(registerRequest());
    expect(setNoDelay).not.toHaveBeenCalled();
    await one.ask({ messageName: 'RequestPing', referenceId: 2 });
    expect(setNoDelay.mock.calls).toEqual([[true]]);
    await one.ask({ messageName: 'RequestPing', referenceId: 3 });
    expect(setNoDelay).toHaveBeenCalledTimes(1);
  });

  it('have the system watch a client that has been there for half a minute, once', async () => {
    const setKeepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const { client } = await openGate();
    vi.advanceTimersByTime(10_000);
    await using one = await client();
    await one.ask(registerRequest());
    vi.advanceTimersByTime(20_000);
    expect(setKeepAlive).not.toHaveBeenCalled();
    vi.advanceTimersByTime(30_000);
    expect(setKeepAlive.mock.calls).toEqual([[true, 30_000]]);
    vi.advanceTimersByTime(60_000);
    expect(setKeepAlive).toHaveBeenCalledTimes(1);
  });
});
