import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { program } from '../cli/ixgate.js';
import { type Diagnosed, diagnosedFrom } from './diagnosed.js';

/** The unprivileged user of most systems. */
export const otherUser = 65_534;

/** Runs the doctor as a user without rights. Only root can do this. */
export async function asOtherUser(args: readonly string[]): Promise<Diagnosed> {
  const child = spawn(process.execPath, [program, 'doctor', '--json', ...args], {
    cwd: tmpdir(),
    uid: otherUser,
    gid: otherUser,
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((resolve) =>
    child.once('close', (code) => resolve(code ?? -1)),
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (stderr !== '') throw new Error(stderr);
  return diagnosedFrom(stdout, await ended);
}
