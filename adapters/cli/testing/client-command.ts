import { type ChildProcess, spawn } from 'node:child_process';
import { visible } from '../../../machines/index.js';
import { type Endpoint, formatEndpoint } from '../../net/transports/index.js';
import type { LaunchedClient } from '../../tester/index.js';
import { UsageError } from '../exit-codes.js';

/** Milliseconds a client has to end after SIGTERM. */
const patience = 2_000;

/** Who listens on every address is reached at this one. */
const reachedAt: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * A command as a client that is started for each path. In its words `{endpoint}`, `{host}` and `{port}` stand for where to connect. Only
 * the process itself is ended, not what it may have started.
 * @param onOutput hears what it writes, in lines or parts of them; without it that is dropped.
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
        const text = `the command ${JSON.stringify(command)} cannot be started: ${cause.message}`;
        reject(new UsageError(text, { cause }));
      });
    });
    return { ended, stop: () => stopped(child, ended) };
  };
}

function filled(word: string, endpoint: Endpoint): string {
  const there = { ...endpoint, host: reachedAt[endpoint.host] ?? endpoint.host };
  return word
    .replaceAll('{endpoint}', formatEndpoint(there))
    .replaceAll('{host}', there.host)
    .replaceAll('{port}', String(there.port));
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `by ${signal}` : `exit code ${code}`));
  });
}

async function stopped(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(timer);
  // What it started may hold the pipes open.
  child.stdout?.destroy();
  child.stderr?.destroy();
}
