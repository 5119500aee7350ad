import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openRecorder, type RecorderOptions } from '../../adapters/recording/index.js';
import type { Outcome, ServerOptions } from '../../adapters/server/index.js';
import { type SessionVerdict, sessionsOf } from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { recordedIn } from '../support/recordings.js';

closeGatesAfterEach();
afterEach(() => {
  vi.restoreAllMocks();
});

/** A gate with a recording in a separate folder. */
async function recordedGate(recording: Partial<RecorderOptions>, options: ServerOptions = {}) {
  const above = await temporaryFolder();
  const folder = join(above.path, 'records');
  const recorder = await openRecorder({ folder, ...recording });
  const gate = await openGate({ journal: recorder, ...options });
  return {
    ...gate,
    folder,
    recorder,
    async [Symbol.asyncDispose]() {
      await gate.server.close();
      await recorder.close();
      await above[Symbol.asyncDispose]();
    },
  };
}

/** The outcome of a session, derived from its recording. */
const outcomeOf: Partial<Record<SessionVerdict, Outcome>> = {
  registered: 'registered',
  refused: 'refused',
  'spoke-first': 'refused',
  'spoke-then-refused': 'refused',
  'refused-then-spoke': 'refused',
  silent: 'timed-out',
  left: 'left',
  'closed-before-answer': 'left',
  'bad-frame': 'protocol-error',
};

describe('A recording of a gate', () => {
  it.each(['always', '1s', 'never'] as const)(
    'with sync %s has the outcome of every session that the gate counted',
    async (sync) => {
      await using gate = await recordedGate(
        { sync, maxSize: 8_192 },
        { registrationTimeout: 300, rejectionTimeout: 200 },
      );
      const { server, folder, recorder } = gate;
      const spoke = { messageName: 'RequestAgentLogin', referenceId: 2 };
      const wrong = registerRequest({ clientType: 'Cat' });
      const stories = [
        [registerRequest()],
        [registerRequest(), registerRequest()],
        [wrong, registerRequest()],
        [spoke, wrong],
        [wrong, spoke],
        [wrong],
        [spoke],
        ['no JSON\n'],
        [],
      ];
      // Each client disconnects by itself; then unregistered ones stay until their deadline.
      for (const patient of [false, true]) {
        await Promise.all(
          stories.map(async (messages) => {
            await using client = await gate.client();
            let isRegistered = false;
            for (const message of messages) {
              const answer = await client.ask(message);
              isRegistered ||= answer?.messageName === 'EventAck';
            }
            if (!patient || isRegistered) client.socket.end();
            await client.ended;
          }),
        );
      }
      await server.close();
      await recorder.close();
      const counted = server.counts();
      expect(counted.accepted).toBe(18);
      const { steps, problems, gaps } = await recordedIn(folder);
      expect([problems, gaps]).toEqual([[], []]);
      const recorded: Partial<Record<Outcome, number>> = {};
      for (const { summary } of sessionsOf(steps).values()) {
        const outcome = outcomeOf[summary.verdict];
        if (!outcome) throw new Error(`${summary.verdict}: ${summary.session}`);
        recorded[outcome] = (recorded[outcome] ?? 0) + 1;
      }
      const outcomes = Object.entries(counted.outcomes).filter(([, count]) => count > 0);
      expect(recorded).toEqual(Object.fromEntries(outcomes));
      expect(Object.keys(recorded)).toHaveLength(5);
    },
  );
});

describe('A disk that hangs', () => {
  it('delays no registration; the buffer is bounded, and a gap mark replaces the rest', async () => {
    const most = 32_768;
    await using gate = await recordedGate({ sync: '1s', maxWaiting: most });
    const { folder, recorder, server } = gate;
    const handle = await open(process.execPath);
    await handle.close();
    const handles: { write(): Promise<unknown> } = Object.getPrototypeOf(handle);
    const { write } = handles;
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    vi.spyOn(handles, 'write').mockImplementation(async function (this: unknown, ...what: never[]) {
      await held;
      return Reflect.apply(write, this, what);
    });
    const told: string[] = [];
    recorder.on('problem', ({ code }) => told.push(code));
    const clients = 200;
    for (let count = 0; count < clients; count += 1) {
      await using client = await gate.client();
      expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    }
    await expect.poll(() => server.counts().open).toBe(0);
    expect(told).toEqual(['RECORD_BEHIND']);
    const whileHeld = recorder.counts();
    expect(whileHeld.dropped).toBeGreaterThan(clients);
    letGo();
    await expect.poll(() => recorder.canRecord).toBe(true);
    await using client = await gate.client();
    await client.ask(registerRequest({ clientName: 'after' }));
    await server.close();
    await recorder.close();
    const { files, steps, gaps, problems } = await recordedIn(folder);
    expect(problems).toEqual([]);
    const missing = gaps.reduce((sum, gap) => sum + gap.steps, 0);
    expect(missing).toBe(recorder.counts().dropped);
    expect(steps.length + missing).toBe(recorder.counts().steps);
    expect([...sessionsOf(steps).values()].at(-1)?.summary).toMatchObject({
      clientName: 'after',
      verdict: 'registered',
    });
    // Kept while it hung: the buffer, and the write in progress.
    const [file] = files;
    expect(file?.bytes).toBeLessThan(2 * most);
  });
});
