import type { ServeConfig } from '../config/index.js';
import type { CommandIo } from '../runtime/command-io.js';
import { Log } from './log.js';
import type { LogFileError } from './log-output/errors.js';
import { LogFile, type Rotation } from './log-output/log-file.js';
import { StandardOutput } from './log-output/standard-output.js';

/** The group of the gate may read its log, e.g. to ship it. Names of clients are in it. */
const logMode = 0o640;
const auditMode = 0o600;

export interface OpenLogOptions {
  readonly io: CommandIo;
  readonly format: 'pretty' | 'json';
  readonly colour: boolean;
  /** Called for each problem of a log file, once until it is over. */
  readonly onProblem: (error: LogFileError) => void;
}

export interface OpenLog {
  readonly log: Log;
  /** The files, for SIGUSR2. */
  readonly files: readonly LogFile[];
}

/**
 * Opens the log of a gate: on stdout, or in the file of `--log-file`, and the file of `--audit-file`.
 * @throws {LogFileError} when a file cannot be opened.
 */
export async function openLog(config: ServeConfig, options: OpenLogOptions): Promise<OpenLog> {
  const { logFile, auditFile, logLevel: level } = config;
  const { io, onProblem } = options;
  const file =
    logFile !== undefined &&
    (await LogFile.open({
      path: logFile,
      mode: logMode,
      isDurable: false,
      rotation: rotationOf(config),
      onProblem,
    }));
  try {
    const audit =
      auditFile !== undefined &&
      (await LogFile.open({
        path: auditFile,
        mode: auditMode,
        isDurable: true,
        rotation: null,
        onProblem,
      }));
    const stdout = new StandardOutput(options);
    const log = new Log({
      level,
      output: file || stdout,
      console: file ? stdout : undefined,
      audit: audit || undefined,
      exit: () => io.exit(),
    });
    return { log, files: [file, audit].filter((one) => one !== false) };
  } catch (error) {
    if (file) await file.close();
    throw error;
  }
}

function rotationOf({ logSize: size, logAge, logKeep: keep }: ServeConfig): Rotation {
  return { size, age: logAge ?? null, keep };
}
