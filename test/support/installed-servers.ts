/** Servers of other projects, when they are installed. Each has its own port and a folder of the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.js';

export interface InstalledServer extends AsyncDisposable {
  readonly tcp: string;
  readonly port: number;
  /** Its process. */
  readonly pid: number;
}

/** Redis, e.g. with `--requirepass`. */
export async function startRedis(folder: string, ...options: readonly string[]) {
  return startRedisOn(await freePort(), folder, ...options);
}

/** Redis on a port where it has run before. Later options overwrite `--port`. */
export function startRedisOn(port: number, folder: string, ...options: readonly string[]) {
  const args = ['--port', String(port), '--save', '', '--dir', folder, ...options];
  return startOn(port, 'redis-server', args, /Ready to accept connections/);
}

/** Redis Sentinel, with a configuration that it may overwrite. */
export function startSentinel(port: number, file: string, ...options: readonly string[]) {
  const args = [file, '--sentinel', '--port', String(port), ...options];
  return startOn(port, 'redis-server', args, /\+monitor/);
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
  const port = await freePort();
  return startOn(port, program, args(String(port)), ready);
}

async function startOn(
  port: number,
  program: string,
  args: readonly string[],
  ready: RegExp,
): Promise<InstalledServer> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
    port,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
