import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { type Line, serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { recordedIn } from '../support/recordings.js';

const hour = 3_600_000;
const preload = new URL('../support/jumping-clock.mjs', import.meta.url).href;

/** By another clock, a timer may fire a little early. */
const early = 50;
/** More than the delay of any machine, and far less than the effect of a clock jump. */
const late = 15_000;

/** A gate whose wall clock jumps by hours in both directions. */
async function jumpingGate(args: readonly string[], jumps: readonly number[]) {
  const gate = await serving(args, {
    env: { NODE_OPTIONS: `--import=${preload}`, CLOCK_JUMPS: jumps.join(',') },
  });
  return Object.assign(gate, {
    /** Resolves after the next jump. */
    async jump(): Promise<void> {
      const { stderr } = gate.child;
      if (!stderr) throw new Error('standard error is not a pipe');
      const jumped = once(stderr, 'data');
      gate.child.kill('SIGUSR2');
      expect(String(await jumped)).toContain('the clock has jumped by');
    },
  });
}

/** Milliseconds on this process's monotonic clock until a promise settles. */
async function timed(over: Promise<unknown>, since: number): Promise<number> {
  await over;
  return performance.now() - since;
}

/** The maximum error of a deadline in milliseconds. */
let most = 0;

function within(ms: number, allowed: number): void {
  most = Math.max(most, Math.abs(ms - allowed));
  expect(ms).toBeGreaterThanOrEqual(allowed - early);
  expect(ms).toBeLessThan(allowed + late);
}

afterAll(() => {
  console.log(
    `T5: while the clock jumped by hours, no deadline was off by more than ${Math.round(most)} ms`,
  );
});

it.each([
  ['forwards', hour, -2 * hour],
  ['backwards', -hour, 2 * hour],
])(
  'T5: a wall clock that jumps an hour %s, and two the other way, moves no deadline',
  async (_way, first, second) => {
    // It answers for desks, and never for other names.
    const service = createServer(async (asked, answer) => {
      let body = '';
      for await (const chunk of asked) body += chunk;
      if (JSON.parse(body).clientName.startsWith('desk')) answer.end('{"valid":true}');
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo;
    await using folder = await temporaryFolder();
    await using gate = await jumpingGate(
      [
        ...['--registration-timeout', '1500ms', '--rejection-timeout', '900ms', '--drain', '900ms'],
        ...['--validator', `http://127.0.0.1:${port}/`, '--validator-timeout', '700ms'],
        ...['--record', folder.path],
      ],
      [first, second],
    );

    await using registered = await lineClient(gate.port);
    expect(await registered.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    const start = performance.now();
    await using silent = await lineClient(gate.port);
    await using refused = await lineClient(gate.port);
    // Measured from before the request was sent: transit makes the time longer, never shorter.
    const rejectedAt = performance.now();
    expect(await refused.ask({ messageName: 'X' })).toMatchObject({ errorCode: 1 });
    await using unanswered = await lineClient(gate.port);
    const askedAt = performance.now();
    const answer = unanswered.ask(registerRequest({ clientName: 'other' }));

    await gate.jump();
    const validated = timed(answer, askedAt);
    const rejected = timed(refused.ended, rejectedAt);
    const timedOut = timed(silent.ended, start);
    expect(await answer).toMatchObject({ errorCode: 8 });
    within(await validated, 700);
    within(await rejected, 900);
    await gate.jump();
    within(await timedOut, 1_500);
    const [one, two] = [await gate.event('disconnected'), await gate.event('disconnected')];
    for (const { durationMs } of [one, two]) {
      expect(durationMs).toBeGreaterThanOrEqual(900 - early);
      expect(durationMs).toBeLessThan(late);
    }

    // Registered clients are not affected, and the drain takes its normal time.
    const request = { messageName: 'RequestStatus', referenceId: 9 };
    expect(await registered.ask(request)).toMatchObject({ messageName: 'EventAck' });
    const toldAt = performance.now();
    gate.child.kill('SIGTERM');
    expect(await registered.next()).toMatchObject({ errorCode: 7 });
    within(await timed(registered.ended, toldAt), 900);
    registered.socket.end();
    expect(await gate.ended).toBe(0);
    service.close();

    // Records show the wall clock; order and durations follow the monotonic clock.
    const { steps, problems } = await recordedIn(folder.path);
    expect(problems).toEqual([]);
    for (const session of new Set(steps.map((step) => step.session))) {
      const own = steps.filter((step) => step.session === session);
      expect(own.map(({ seq }) => seq)).toEqual(own.map((_, index) => index + 1));
      const elapsed = own.map((step) => step.elapsed);
      expect(elapsed).toEqual([...elapsed].sort((a, b) => a - b));
      expect(elapsed.at(-1)).toBeLessThan(late);
    }
    const walls = steps.map(({ at }) => at);
    expect(Math.max(...walls) - Math.min(...walls)).toBeGreaterThan(hour / 2);
    const lines = gate.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const ofRegistered = lines
      .filter(({ clientName }) => clientName === 'desk-1')
      .map(({ event }) => event);
    expect(ofRegistered).toEqual(['registered', 'disconnected']);
  },
  60_000,
);

it('T5: nor does a penalty end early or late', async () => {
  await using gate = await jumpingGate(
    [
      ...['--exempt', 'none', '--penalty-min', '1s', '--penalty-protocol-error', '3s'],
      ...['--penalty-silent', '0ms'],
    ],
    [hour, -2 * hour],
  );
  const rejected = async () => {
    await using client = await lineClient(gate.port);
    return (await client.ask(registerRequest()))?.errorCode === 6;
  };
  await using wrong = await lineClient(gate.port);
  const start = performance.now();
  expect(await wrong.ask('no message\n')).toMatchObject({ errorCode: 5 });
  await wrong.ended;
  expect(await rejected()).toBe(true);
  await gate.jump();
  expect(await rejected()).toBe(true);
  await gate.jump();
  // Each attempt is an event; none adds to the penalty.
  while (await rejected()) expect(performance.now() - start).toBeLessThan(late);
  within(performance.now() - start, 3_000);
});
