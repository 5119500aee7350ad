/** Servers of other projects, when they are installed. Each has its own port and a folder of the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.js';

export interface InstalledServer extends AsyncDisposable {
  readonly tcp: string;
}

/** Redis, e.g. with `--requirepass`. */
export function startRedis(folder: string, ...options: readonly string[]) {
  const args = (port: string) => ['--port', port, '--save', '', '--dir', folder, ...options];
  return start('redis-server', args, /Ready to accept connections/);
}

/** nats-server, e.g. with `--user`. */
export function startNats(...options: readonly string[]) {
  const args = (port: string) => ['--addr', '127.0.0.1', '--port', port, ...options];
  return start('nats-server', args, /Server is ready/);
}

async function start(
  program: string,
  args: (port: string) => string[],
  ready: RegExp,
): Promise<InstalledServer> {
  const port = String(await freePort());
  const child = spawn(program, args(port), { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  // The pipes stay open: a server that cannot write its log ends.
  const isReady = new Promise<void>((resolve, reject) => {
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log = `${log}${text}`.slice(-10_000);
        if (ready.test(log)) resolve();
      });
    }
    ended.then(() => reject(new Error(`${program} ended: ${log}`)), reject);
  });
  await isReady;
  return {
    tcp: `tcp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
