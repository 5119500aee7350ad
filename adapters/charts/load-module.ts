/** Loads a module of the user: TypeScript or JavaScript, ESM or CommonJS. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as xstate from 'xstate';
import { readProblem } from '../files/file-error.js';
import { nearest } from '../runtime/nearest.js';
import { placeOf, shortPath } from './error-place.js';
import { LoadError } from './load-error.js';
import { hasSameXstate } from './xstate-copies.js';

export interface LoadOptions {
  /** Folder from which relative paths start. */
  readonly cwd: string;
  /** Milliseconds until a module that has not finished loading is given up. @default 10000 */
  readonly timeout?: number;
  /** Modules that the file gets from this process, by the names by which it imports them. @default none */
  readonly provided?: Readonly<Record<string, Record<string, unknown>>>;
}

/**
 * Loads a module and gives its exports; `default` is the default export, or `module.exports` of CommonJS. It runs the code of the
 * module: timers and sockets that the module opens stay open. Paths of tsconfig.json are followed. One module at a time: meanwhile no
 * actor of XState can start in this process.
 * @throws {LoadError}
 */
export async function loadModule(
  path: string,
  { cwd, timeout = 10_000, provided = {} }: LoadOptions,
): Promise<Record<string, unknown>> {
  const file = resolve(cwd, path);
  await checkFile(file, cwd);
  // An optional package, for commands only.
  const { createJiti } = await import('jiti');
  const jiti = createJiti(file, {
    // It would leave files in the user's project.
    fsCache: false,
    interopDefault: false,
    jsx: true,
    tsconfigPaths: true,
    // With conditions for Node, as Vitest has, jiti would take other files of the same package.
    virtualModules: { ...provided, ...(hasSameXstate(file) && { xstate }) },
  });
  using watch = new StartWatch();
  using _console = new ConsoleToStderr();
  const ended = new AbortController();
  const late = setTimeout(timeout, undefined, { signal: ended.signal }).then(() => {
    throw new TimeoutError();
  });
  try {
    const loading = jiti.import<Record<string, unknown>>(file);
    return await Promise.race([watch.started, late, loading]);
  } catch (cause) {
    throw problemOf(cause, file, cwd, timeout);
  } finally {
    ended.abort();
  }
}

async function checkFile(file: string, cwd: string): Promise<void> {
  const shown = shortPath(file, cwd);
  try {
    if ((await stat(file)).isFile()) return;
  } catch (cause) {
    const others = await readdir(dirname(file)).catch(() => []);
    const stem = basename(file, extname(file));
    const near = others.find((one) => basename(one, extname(one)) === stem);
    const hint = near ?? nearest(basename(file), others);
    const fix = hint === null ? 'Give the path of a file' : `Did you mean ${hint}?`;
    throw new LoadError('MODULE_MISSING', `${shown}: ${readProblem(cause)}. ${fix}`, { cause });
  }
  throw new LoadError('MODULE_MISSING', `${shown}: it is not a file. Give the path of a file`);
}

function problemOf(cause: unknown, file: string, cwd: string, timeout: number): LoadError {
  const shown = shortPath(file, cwd);
  const place = placeOf(cause, cwd, fileURLToPath(import.meta.url));
  const at =
    place === null || place.startsWith(`${shown}:`) ? (place ?? shown) : `${shown}: ${place}`;
  if (cause instanceof StartedError) {
    return new LoadError(
      'MODULE_STARTS_ACTOR',
      `${at}: ${basename(file)} starts an actor when it is imported. Export the machine from a module without side effects`,
    );
  }
  if (cause instanceof TimeoutError) {
    return new LoadError(
      'MODULE_TIMEOUT',
      `${shown}: the module did not finish loading within ${timeout / 1_000} s. Look for a top-level await that never ends; export the machine from a module without side effects`,
    );
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const [, syntax, where = ''] = /^ParseError: ([\s\S]*?)\s*\n\s*(\S.*)$/.exec(message) ?? [];
  if (syntax !== undefined) {
    const what = syntax.replace(/\s+/g, ' ').replace(/\.$/, '').trim();
    return new LoadError(
      'MODULE_INVALID',
      `${shortPath(where, cwd)}: syntax error: ${what}. Fix the file`,
      { cause },
    );
  }
  const [first = ''] = message.split('\n');
  const isMissing = (Object(cause) as { code?: unknown }).code === 'MODULE_NOT_FOUND';
  const fix = isMissing
    ? 'Install the package, or fix the import'
    : 'Export the machine from a module that can be imported alone';
  return new LoadError(
    'MODULE_FAILED',
    `${at}: the module throws: ${first.replace(/\.$/, '')}. ${fix}`,
    {
      cause,
    },
  );
}

/** What a module prints while it is loaded goes to stderr: the output of a command may be read by programs. */
class ConsoleToStderr implements Disposable {
  readonly #own = { log: console.log, info: console.info, debug: console.debug };

  constructor() {
    const error = console.error.bind(console);
    Object.assign(console, { log: error, info: error, debug: error });
  }

  [Symbol.dispose](): void {
    Object.assign(console, this.#own);
  }
}

class StartedError extends Error {}
class TimeoutError extends Error {}

/** Prevents that actors start. */
class StartWatch implements Disposable {
  /** Rejects at the first start. */
  readonly started: Promise<never>;
  readonly #start = xstate.Actor.prototype.start;

  constructor() {
    let report: (error: StartedError) => void = () => {};
    this.started = new Promise((_, reject) => {
      report = reject;
    });
    xstate.Actor.prototype.start = () => {
      const error = new StartedError('actors cannot start now');
      report(error);
      throw error;
    };
  }

  [Symbol.dispose](): void {
    xstate.Actor.prototype.start = this.#start;
  }
}
