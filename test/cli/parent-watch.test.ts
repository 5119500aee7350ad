import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ParentWatch } from '../../adapters/service/parent-watch.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient } from '../support/line-client.js';
import { type Line, program } from './ixgate.js';

/** `npm start` of a package whose script leaves a shell between npm and the gate. */
async function startedByNpm(folder: string): Promise<ChildProcess> {
  const serve = `"${process.execPath}" "${program}" serve --json --admin off --listen tcp://127.0.0.1:0`;
  const scripts = { start: `${serve} && exit 0` };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'service', scripts }));
  const npm = spawn('npm', ['start', '--silent'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    // A process group, so that a failed test leaves no gate behind.
    detached: true,
  });
  onTestFinished(() => {
    try {
      if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGKILL');
    } catch {
      // All of the group have exited.
    }
  });
  return npm;
}

describe('a gate that npm started', () => {
  test('T49: drains and exits when npm is stopped with SIGTERM', async () => {
    await using folder = await temporaryFolder();
    const npm = await startedByNpm(folder.path);
    const ended = once(npm, 'close');
    if (!npm.stdout) throw new Error('there is no pipe');
    const lines: Line[] = [];
    for await (const line of createInterface({ input: npm.stdout })) {
      const event = JSON.parse(line) as Line;
      lines.push(event);
      if (event.event !== 'listening') continue;
      const [endpoint = ''] = event.endpoints as string[];
      await using _client = await lineClient(Number(/:(\d+)$/.exec(endpoint)?.[1]));
      npm.kill('SIGTERM');
    }
    // The pipe ends when the last process that writes to it has exited.
    await ended;
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'draining', cause: 'parent exited' }),
    );
    expect(lines.at(-1)).toMatchObject({ event: 'stopped' });
  });
});

describe('the parent process', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How often `gone` is called when the parent changes from 10 to 1. */
  function callsIn(env: NodeJS.ProcessEnv): number[] {
    vi.useFakeTimers();
    let parent = 10;
    const gone = vi.fn();
    using _watch = new ParentWatch(gone, { env, parent: () => parent });
    vi.advanceTimersByTime(60_000);
    const before = gone.mock.calls.length;
    parent = 1;
    vi.advanceTimersByTime(60_000);
    return [before, gone.mock.calls.length];
  }

  test.each(['npm_execpath', 'npm_lifecycle_event', 'npm_command'])(
    'T49: is watched where %s is set, and its exit is reported once',
    (name) => {
      expect(callsIn({ [name]: 'start' })).toEqual([0, 1]);
    },
  );

  test('T49: is not watched elsewhere, so that nohup and disown work', () => {
    expect(callsIn({ PATH: '/bin' })).toEqual([0, 0]);
  });
});
