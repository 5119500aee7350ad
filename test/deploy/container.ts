/** A process in namespaces of Linux, as a container has it: a read-only root, no network but loopback, process 1, no capability. Needs root. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Whether such a process can be started. If not, it logs that the tests which need it are skipped. @throws in CI */
export async function hasNamespaces(): Promise<boolean> {
  try {
    await promisify(execFile)('unshare', [
      ...namespaces,
      'sh',
      '-c',
      `${prepare} exec ${user} true`,
    ]);
    return true;
  } catch (error) {
    const missing = `namespaces of Linux (root; Debian: iproute2, util-linux): ${(error as Error).message}`;
    if (process.env.CI) throw new Error(`CI needs ${missing}`);
    console.warn(`SKIPPED: there are no ${missing}`);
    return false;
  }
}

const namespaces = ['--mount', '--pid', '--net', '--fork', '--kill-child', '--mount-proc'];
const prepare = 'ip link set lo up && mount -o remount,bind,ro / &&';
const user =
  'setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all';

export interface Container extends AsyncDisposable {
  /** What it wrote to stdout and stderr. */
  readonly output: () => string;
  /** The exit code, or the signal. */
  readonly ended: Promise<number | string | null>;
  /** Sends a signal to its process 1. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Runs a command in it. @returns its exit code and its stdout */
  exec(command: readonly string[]): Promise<{ code: number; stdout: string }>;
}

/** Starts a command as the user 1000 and process 1. */
export function startContainer(command: readonly string[], cwd: string): Container {
  const child = spawn(
    'unshare',
    [...namespaces, 'sh', '-c', `${prepare} exec ${user} "$0" "$@"`, ...command],
    { cwd, env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);

  /** Process 1 of the container, as the host numbers it. */
  async function first(): Promise<number> {
    for (;;) {
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      if (children.trim() !== '') return Number(children);
      await delay(20);
    }
  }
  return {
    output: () => output,
    ended,
    kill: async (signal) => void process.kill(await first(), signal),
    async exec(inner) {
      const enter = [`--target=${await first()}`, '--mount', '--net', '--pid', '--wd=/'];
      return outcome('nsenter', [...enter, ...user.split(' '), ...inner]);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a command in a network where nothing listens. */
export function execAlone(command: readonly string[]): Promise<{ code: number; stdout: string }> {
  const run = 'ip link set lo up && exec "$0" "$@"';
  return outcome('unshare', ['--net', 'sh', '-c', run, ...command]);
}

async function outcome(file: string, args: readonly string[]) {
  const ran = await promisify(execFile)(file, args).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code: Number(code), stdout: String(stdout) }),
  );
  return ran;
}
