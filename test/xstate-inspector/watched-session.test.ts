import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RunnerName } from '../../adapters/server/runners.js';
import { RegistrationRunner, type StepRecord } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { closeInspectorsAfterEach, follow, inspected } from './viewers.js';

closeInspectorsAfterEach();
closeGatesAfterEach();
afterEach(() => vi.restoreAllMocks());

const other = { messageName: 'RequestAgentLogin', referenceId: 2 };
const unknown = registerRequest({ clientName: 'intruder', referenceId: 3 });

/** What a step says that does not depend on when and where it was taken. */
function ofStep({ at, elapsed, deadline, session, payload, ...rest }: StepRecord) {
  return { ...rest, runs: deadline !== null, message: payload };
}

/**
 * A session that says something in turn: before a viewer of `/xstate` comes, while the viewer sees it, and after the viewer has gone; then
 * it leaves, or with a `timeout` waits until its time to register after an error is over.
 */
async function passed(
  runner: RunnerName,
  {
    isWatched = true,
    registers = false,
    timeout,
  }: { isWatched?: boolean; registers?: boolean; timeout?: number },
) {
  const { server, client } = await openGate({
    runner,
    registrationTimeout: 60_000,
    rejectionTimeout: timeout ?? 60_000,
    validator: ({ clientName }) => clientName !== 'intruder',
    onMessage: ({ reply }) => void reply.ack(),
  });
  const { bridge, port } = await inspected(server);
  const steps: StepRecord[] = [];
  server.on('step', (step) => steps.push(step));
  const taken = vi.spyOn(RegistrationRunner.prototype, 'send');
  const one = await client();
  const says = async (message: Record<string, unknown>) => {
    taken.mockClear();
    await one.ask(message);
    return taken.mock.calls.length;
  };
  const byTable = [await says(other)];
  const viewer = isWatched ? await follow(port) : null;
  await viewer?.until(1, ({ type }) => type === 'service.register');
  byTable.push(await says(registers ? registerRequest() : unknown));
  viewer?.socket.close();
  await expect.poll(() => bridge.counts.viewers).toBe(0);
  byTable.push(await says(registers ? other : unknown));
  if (timeout === undefined) one.socket.end();
  await one.ended;
  await expect.poll(() => steps.at(-1)?.to).toBe('disconnected');
  return { steps, byTable };
}

/** When the deadline ends that runs after a step, in milliseconds since Connected. */
const ends = ({ elapsed, deadline }: StepRecord) => elapsed + (deadline ?? 0);

describe('A session that viewers of /xstate saw for a while', () => {
  it.each([
    ['registers', true],
    ['is refused', false],
  ])(
    'T92: takes the steps of one that is not watched, by table and by actor, when it %s',
    async (_what, registers) => {
      const watched = await passed('table', { registers });
      const alone = await passed('table', { registers, isWatched: false });
      const byActor = await passed('actor', { registers });
      expect(watched.steps.length).toBeGreaterThan(6);
      expect(watched.steps.map(ofStep)).toEqual(alone.steps.map(ofStep));
      expect(watched.steps.map(ofStep)).toEqual(byActor.steps.map(ofStep));
    },
  );

  it('T92: is run by the table all the time: before, while and after it is seen', async () => {
    const { byTable } = await passed('table', { registers: true });
    // The client's message, and the server's answer.
    expect(byTable).toEqual([2, 2, 2]);
    expect((await passed('actor', { registers: true })).byTable).toEqual([0, 0, 0]);
  });

  it('T92: keeps the deadline that runs', async () => {
    const { steps } = await passed('table', { timeout: 2_000 });
    const waiting = steps.filter(({ to }) => to.endsWith('/rejection'));
    expect(waiting.length).toBeGreaterThan(4);
    const end = ends(waiting[0] as StepRecord);
    for (const step of waiting) expect(Math.abs(ends(step) - end)).toBeLessThan(1);
    const last = steps.at(-1);
    expect(last).toMatchObject({ kind: 'timer', reason: 'rejection-timeout' });
    expect(last?.elapsed).toBeGreaterThan(end - 1);
    expect(last?.elapsed).toBeLessThan(end + 5_000);
  });
});
