import { type ChildProcess, spawn } from 'node:child_process';
import { visible } from '../../../machines/text/format.js';
import { type Endpoint, formatEndpoint } from '../../net/transports/index.js';
import type { LaunchedClient } from '../../tester/index.js';
import { UsageError } from '../exit-codes.js';

/** Milliseconds between SIGTERM and SIGKILL. */
const killDelay = 2_000;

/** The address to connect to when the tester listens on every address. */
const reachedAt: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * A client that is started by a command for each path. `{endpoint}`, `{host}` and `{port}` in its words are replaced by the address to
 * connect to. Stopping it ends the process itself, not its child processes.
 * @param onOutput called with lines of its output, or parts of them. @default the output is dropped
 */
export function clientCommand(
  words: readonly string[],
  onOutput?: (line: string) => void,
): (endpoint: Endpoint) => Promise<LaunchedClient> {
  return async (endpoint) => {
    const [command = '', ...args] = words.map((word) => filled(word, endpoint));
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n')) if (line !== '') onOutput?.(visible(line));
      });
    }
    const ended = endOf(child);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => {
        const text = `cannot start the command ${JSON.stringify(command)}: ${cause.message}`;
        reject(new UsageError(text, { cause }));
      });
    });
    return { ended, stop: () => stopped(child, ended) };
  };
}

function filled(word: string, endpoint: Endpoint): string {
  const target = { ...endpoint, host: reachedAt[endpoint.host] ?? endpoint.host };
  return word
    .replaceAll('{endpoint}', formatEndpoint(target))
    .replaceAll('{host}', target.host)
    .replaceAll('{port}', String(target.port));
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `by ${signal}` : `exit code ${code}`));
  });
}

async function stopped(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), killDelay);
  await ended;
  clearTimeout(timer);
  // Its child processes may keep the pipes open.
  child.stdout?.destroy();
  child.stderr?.destroy();
}
