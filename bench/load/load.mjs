// The load generator, built from load.c on first use, and run on a separate core if the machine has one to spare.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LineReader } from '../lines.mjs';

const run = promisify(execFile);
const source = fileURLToPath(new URL('load.c', import.meta.url));
const folder = fileURLToPath(new URL('../.cache/', import.meta.url));
const program = `${folder}load`;

/** Why the bench cannot run on this machine, with the remedy. */
export class BenchError extends Error {}

/** Whether a command is installed. */
export const found = (command) =>
  run('sh', ['-c', `command -v ${command}`]).then(
    () => true,
    () => false,
  );

/** Whether servers and load generator can have one core each. */
export const canPin = availableParallelism() > 1 && (await found('taskset'));
/** A command that runs on one core: 0 for servers, 1 for the load. */
export const pinned = (core, command) =>
  canPin ? ['taskset', '-c', String(core), ...command] : command;

/** Builds the generator, with TLS if OpenSSL's headers are installed. @returns whether it supports TLS */
export async function buildLoad() {
  const cc = process.env.CC ?? 'cc';
  if (!(await found(cc))) {
    throw new BenchError(
      `the load generator is written in C and ${cc} is not installed: install gcc or clang, or name one in CC`,
    );
  }
  await mkdir(folder, { recursive: true });
  const built = await stat(program).catch(() => null);
  const written = await stat(source);
  const withTls = ['-DWITH_TLS', '-lssl', '-lcrypto'];
  const hasTls = await run(cc, ['-E', '-include', 'openssl/ssl.h', '-x', 'c', '/dev/null']).then(
    () => true,
    () => false,
  );
  if (!built || built.mtimeMs < written.mtimeMs) {
    await run(cc, ['-O2', '-o', program, source, ...(hasTls ? withTls : [])]);
  }
  return hasTls;
}

/** One run of the generator. `turns` are the turns of an exchange: the bytes to send, and the expected bytes. */
export class Load {
  #process;
  #lines;

  constructor(port, turns, { tls = false, inFlight = 64, seconds = 0, hold = 0 } = {}) {
    const hex = (bytes) => Buffer.from(bytes, 'latin1').toString('hex');
    const exchange = turns.flatMap(({ send = '', until }) => [
      '--send',
      hex(send),
      '--until',
      hex(until),
    ]);
    const options = ['--in-flight', inFlight, '--seconds', seconds, '--hold', hold].map(String);
    const [command, ...rest] = pinned(1, [
      program,
      String(port),
      ...(tls ? ['--tls'] : []),
      ...options,
      ...exchange,
    ]);
    this.#process = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = new LineReader(this.#process, 'load');
  }

  /** Resolves when the held connections are open. */
  async held() {
    return JSON.parse(await this.#lines.next());
  }

  /** Measures. Held connections stay open. */
  async measure() {
    this.#process.stdin.write('\n');
    return JSON.parse(await this.#lines.next());
  }

  /** Closes the held connections. */
  async close() {
    const closed = this.#process.exitCode === null ? once(this.#process, 'close') : null;
    this.#process.stdin.end();
    await closed;
  }
}
