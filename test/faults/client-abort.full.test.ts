/** A caller that aborts at every possible moment. */
import { createHook } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { createClient, type GateClient } from '../../adapters/client/index.js';
import { type Scheme, schemes } from '../../adapters/net/transports/endpoint.js';
import { formatEndpoint } from '../../adapters/net/transports/index.js';
import { deadPort, rejection, tidyAfterEach } from '../client/scripted-server.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

tidyAfterEach();
closeGatesAfterEach();

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

/**
 * Runs work and calls a function at the callback with this number, counting all callbacks of the process, those of the client and
 * of the gate: right before an await continues, and right after all others (received bytes, timers;
 * earlier the runtime itself is in the middle of its work).
 * @returns whether there were that many callbacks
 */
async function interrupted(number: number, act: () => void, work: () => Promise<void>) {
  const awaits = new Set<number>();
  let seen = 0;
  let acting = false;
  const failures: unknown[] = [];
  const actNow = () => {
    acting = true;
    try {
      act();
    } catch (thrown) {
      // An error in a hook would end the process, so it is rethrown later.
      failures.push(thrown);
    }
    acting = false;
  };
  const hook = createHook({
    init: (id, type) => {
      if (type === 'PROMISE' || type === 'Microtask') awaits.add(id);
    },
    before: (id) => {
      if (acting) return;
      seen += 1;
      if (seen !== number) return;
      if (awaits.has(id)) actNow();
      else queueMicrotask(actNow);
    },
  });
  hook.enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  expect(failures).toEqual([]);
  return seen >= number;
}

const reason = new Error('changed my mind');
const message = { messageName: 'RequestX' };

/** How a promise settles. */
const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (thrown: unknown) => thrown,
  );

/** A gate over one transport, and a factory of its clients. */
async function gateOver(scheme: Scheme) {
  const { cert, key } = certificates.server;
  const { server } = await openGate({
    listen: [`${scheme}://127.0.0.1:0`],
    tls: { cert, key },
    onMessage: ({ reply }) => void reply.ack(),
  });
  const endpoints = server.endpoints.map(formatEndpoint);
  const clientWith = (signal?: AbortSignal): GateClient =>
    createClient({
      endpoints,
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      tls: { ca: certificates.ca },
      // Reconnects at once, so that an abort can hit the reconnect too.
      reconnect: { initialDelay: 0, spread: 0 },
      signal,
    });
  return { server, clientWith };
}

/** Handles of the process, of these kinds. */
const handles = (kinds: RegExp) =>
  process
    .getActiveResourcesInfo()
    .filter((name) => kinds.test(name))
    .toSorted()
    .join();
const sockets = () => handles(/TCP|TLS/);
const everything = () => handles(/TCP|TLS|Timeout/);

/** Resolves when the process has only these sockets: the next run would count leaked ones. */
async function settled(before: string): Promise<void> {
  while (sockets() !== before) await new Promise((resolve) => setImmediate(resolve));
}

/** The client of the current run. */
let desk: GateClient | null = null;

describe.each(schemes)('Over %s', (scheme) => {
  it('T45: an abort at every await of connect, register, request and close leaks nothing', async () => {
    const { clientWith } = await gateOver(scheme);
    const [socketsBefore, before] = [sockets(), everything()];
    // The first connection opens what is opened only once.
    await using warm = clientWith();
    await warm.registered;
    await warm.close();
    await settled(socketsBefore);
    const reached = new Set<string>();
    let number = 0;
    for (let more = true; more; ) {
      number += 1;
      const controller = new AbortController();
      let state = '';
      const events: string[] = [];
      more = await interrupted(
        number,
        () => {
          state = desk?.state ?? 'none';
          controller.abort(reason);
        },
        async () => {
          desk = clientWith(controller.signal);
          for (const name of ['connecting', 'disconnected', 'stopped'] as const)
            desk.on(name, () => events.push(name));
          const registered = await outcomeOf(desk.registered);
          const answer = await outcomeOf(desk.request(message));
          const closed = await outcomeOf(desk.close());
          // Steps before the abort succeed, in order; the others reject with the reason or because the client is closed.
          const outcomes = [registered, answer].map((one) => (one === 'done' ? one : 'ended'));
          expect(['done,done', 'done,ended', 'ended,ended']).toContain(outcomes.join());
          if (registered !== 'done') expect(registered).toBe(reason);
          expect(closed).toBe('done');
          expect(desk.state).toBe('stopped');
        },
      );
      reached.add(state);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      const times = (name: string) => events.filter((one) => one === name).length;
      expect(times('stopped')).toBe(1);
      expect(times('disconnected')).toBe(times('connecting'));
      expect(times('connecting')).toBeLessThanOrEqual(1);
      await settled(socketsBefore);
    }
    expect([...reached].toSorted()).toEqual(
      expect.arrayContaining(['', 'connecting', 'offline', 'online', 'stopped']),
    );
    expect(number).toBeGreaterThan(20);
    await expect.poll(everything).toBe(before);
  }, 120_000);

  it('T45: an abort of one request at every await of it ends only that request', async () => {
    const { server, clientWith } = await gateOver(scheme);
    await using desk = clientWith();
    await desk.registered;
    const seen = new Set<unknown>();
    let number = 0;
    for (let more = true; more; ) {
      number += 1;
      const controller = new AbortController();
      more = await interrupted(
        number,
        () => controller.abort(reason),
        async () => {
          const other = desk.request(message);
          const outcome = await outcomeOf(desk.request(message, { signal: controller.signal }));
          seen.add(outcome);
          expect(['done', reason]).toContain(outcome);
          await other;
        },
      );
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    }
    expect(seen).toEqual(new Set(['done', reason]));
    expect(desk.state).toBe('online');
    expect(server.sessions()).toHaveLength(1);
  }, 120_000);
});

it('T45: an abort at every await of a failing attempt, and of the wait after it, leaks nothing', async () => {
  const port = await deadPort();
  for (const scheme of schemes) {
    let number = 0;
    const reached = new Set<string>();
    for (let more = true; more; ) {
      number += 1;
      const controller = new AbortController();
      more = await interrupted(
        number,
        () => {
          reached.add(desk?.state ?? 'none');
          controller.abort(reason);
        },
        async () => {
          desk = createClient({
            endpoints: `${scheme}://127.0.0.1:${port}`,
            clientName: 'desk-1',
            clientType: 'AgentApplication',
            // Long enough to be seen on a busy machine.
            reconnect: { initialDelay: 25, maxAttempts: 3 },
            signal: controller.signal,
          });
          const outcome = await rejection(desk.registered);
          if (outcome !== reason) expect(outcome).toMatchObject({ code: 'CONNECT_FAILED' });
          await desk.close();
          expect(desk.state).toBe('stopped');
        },
      );
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    }
    expect([...reached]).toEqual(expect.arrayContaining(['connecting', 'waiting']));
  }
}, 120_000);
