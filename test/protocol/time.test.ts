import { describe, expect, it } from 'vitest';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const other = { messageName: 'RequestAgentLogin', referenceId: 2 };
/** Deadlines run from the accept, which may be before the client knows that it is connected; a busy machine is late. */
const early = 20;
const late = 250;

function expectClosedAt(elapsed: number, expected: number): void {
  expect(elapsed).toBeGreaterThan(expected - early);
  expect(elapsed).toBeLessThan(expected + late);
}

describe('time', () => {
  it('GATE-5.1 GATE-5.7 disconnects a silent client at the registration timeout, without a message', async () => {
    const { client } = await openGate({ registrationTimeout: 200 });
    await using one = await client();
    expect(await one.next()).toBeNull();
    expectClosedAt(await one.ended, 200);
  });

  it('GATE-5.2 GATE-5.3 disconnects a refused client at the rejection timeout, counted from the first error', async () => {
    const { client } = await openGate({ registrationTimeout: 5_000, rejectionTimeout: 300 });
    await using one = await client();
    const before = performance.now();
    await one.ask(other);
    const again = setTimeout(() => one.say(other), 150);
    expect(await one.next()).toMatchObject({ errorCode: 1 });
    expect(await one.next()).toBeNull();
    expectClosedAt(performance.now() - before, 300);
    clearTimeout(again);
  });

  it('GATE-5.2 starts the rejection deadline instead of the registration deadline, even when that would come first', async () => {
    const { client } = await openGate({ registrationTimeout: 150, rejectionTimeout: 400 });
    await using one = await client();
    const before = performance.now();
    await one.ask(other);
    expect(await one.next()).toBeNull();
    expectClosedAt(performance.now() - before, 400);
  });

  it('GATE-5.4 stops for a client that registers before the deadline, after errors too', async () => {
    const { client, server } = await openGate({ registrationTimeout: 150, rejectionTimeout: 150 });
    await using one = await client();
    await one.ask(other);
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(server.sessions()).toMatchObject([{ state: 'registered', deadline: null }]);
    await using clock = await client();
    expect(await clock.next()).toBeNull();
    await using second = await client();
    expect(await second.next()).toBeNull();
    expect(await one.ask(registerRequest({ referenceId: 3 }))).toMatchObject({ errorCode: 4 });
  });

  it('GATE-5.5 goes on while bytes drip in', async () => {
    const { client } = await openGate({ registrationTimeout: 200 });
    await using one = await client();
    const drip = setInterval(() => one.say(' '), 20);
    const emptyLines = setInterval(() => one.say('\n'), 50);
    expect(await one.next()).toBeNull();
    clearInterval(drip);
    clearInterval(emptyLines);
    expectClosedAt(await one.ended, 200);
  });

  it('GATE-5.6 goes on while the server validates, and a verdict that is late is not sent', async () => {
    let decide = (_verdict: boolean) => {};
    const { client } = await openGate({
      registrationTimeout: 150,
      validator: () => new Promise((resolve) => (decide = resolve)),
    });
    await using one = await client();
    one.say(registerRequest());
    await one.ended;
    decide(true);
    expect(await one.next()).toBeNull();
  });
});
