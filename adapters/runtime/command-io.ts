import type { Readable, Writable } from 'node:stream';

/**
 * What the command line uses of the process around it. `main.ts` passes the process itself; a test passes streams in memory, so that
 * many commands run in one process.
 */
export interface CommandIo {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
  /** Folder in which `serve` looks for its configuration. Other relative paths start from the folder of the process. */
  readonly folder: string;
  /** Emits signals (`SIGTERM` ...) and `uncaughtException` as the process does. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Ends the process at once. @param code exit code (default the one that is set already) */
  exit(code?: number): void;
}

/** A terminal has a raw mode, in which each key arrives at once. */
export type InputStream = Readable & {
  readonly isTTY?: boolean;
  readonly isRaw?: boolean;
  setRawMode?(isRaw: boolean): unknown;
};

/** A terminal has a size. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** The process itself. Node opens its standard streams when they are first used. */
export const processIo: CommandIo = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  get env() {
    return process.env;
  },
  get folder() {
    return process.cwd();
  },
  signals: process,
  exit: (code) => process.exit(code),
};
