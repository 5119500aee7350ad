import { CommanderError } from 'commander';
import { IxgateError } from '../runtime/errors.js';

/** Every exit code with its meaning; docs/errors.md has the same table. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  internal: {
    code: 1,
    meaning: 'internal error; of analyze --strict: there are findings',
  },
  usage: { code: 2, meaning: 'usage error: an invalid option, file or message' },
  refused: { code: 3, meaning: 'refused by the server (EventError), or by the gate that ctl asks' },
  timeout: { code: 4, meaning: 'timeout: the other side did not answer or connect' },
  unreachable: { code: 5, meaning: 'unreachable, connection lost, or cannot listen' },
  failed: {
    code: 6,
    meaning:
      'a figure, a test, a property, a minimum of coverage or a check of the doctor failed; machines differ; a history has violations',
  },
  interrupted: { code: 130, meaning: 'interrupted' },
} as const;
export type Exit = keyof typeof exitCodes;

/** An invalid command line. The message has the value and the fix. */
export class UsageError extends IxgateError {
  override readonly name = 'UsageError';
  constructor(message: string, options?: ErrorOptions) {
    super('USAGE', message, options);
  }
}

/** The errors of arguments of the library become those of the command line. @throws {UsageError} */
export function asUsageError<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

/** The limit of open files is too low to start. */
export class TooManyFilesError extends IxgateError {
  override readonly name = 'TooManyFilesError';
  constructor(cause: Error) {
    const message = 'too many files are open (EMFILE). Raise the limit: ulimit -n 1024';
    super('TOO_MANY_FILES', message, { cause });
  }
}

/** A package that only the command line needs is not installed. */
export class PackageMissingError extends IxgateError {
  override readonly name = 'PackageMissingError';
  constructor(name: string, cause: Error) {
    super(
      'PACKAGE_MISSING',
      `${name} is not installed, which only the command needs. Install ixgate without --omit=optional`,
      { cause },
    );
  }
}

/** SIGINT or SIGTERM came before the work was done. */
export class InterruptedError extends IxgateError {
  override readonly name = 'InterruptedError';
  constructor(signal: NodeJS.Signals) {
    super('INTERRUPTED', `interrupted by ${signal}`);
  }
}

/** The exit of each error code; every other error is an internal one. */
const exitsByErrorCode: Readonly<Record<string, Exit>> = {
  USAGE: 'usage',
  BAD_CONFIG: 'usage',
  BAD_FILE: 'usage',
  BAD_OPTION: 'usage',
  TOO_MANY_FILES: 'usage',
  PACKAGE_MISSING: 'usage',
  BAD_ENDPOINT: 'usage',
  PAGE_NOT_BUILT: 'usage',
  TLS_FILES_MISSING: 'usage',
  BAD_CERTIFICATES: 'usage',
  RECORD_FAILED: 'usage',
  LOG_FAILED: 'usage',
  INSPECT_MISSING: 'usage',
  OTLP_MISSING: 'usage',
  STATELY_MISSING: 'usage',
  REGISTRATION_REFUSED: 'refused',
  REGISTRATION_LOST: 'refused',
  REQUEST_REFUSED: 'refused',
  REPLY_TIMEOUT: 'timeout',
  CONNECT_FAILED: 'unreachable',
  NOT_REACHABLE: 'unreachable',
  NOT_TESTABLE: 'unreachable',
  DISCONNECTED: 'unreachable',
  PROTOCOL_ERROR: 'unreachable',
  LISTEN_FAILED: 'unreachable',
  WORKER_DIED: 'unreachable',
  WORKER_START_FAILED: 'unreachable',
  BAD_REQUEST: 'usage',
  MQTT_MISSING: 'usage',
  RESVG_MISSING: 'usage',
  FONT_MISSING: 'usage',
  UNKNOWN_PROTOCOL: 'usage',
  NOT_A_PROTOCOL: 'usage',
  NOT_A_MAPPER: 'usage',
  MAPPER_FAILED: 'usage',
  MODULE_MISSING: 'usage',
  MODULE_INVALID: 'usage',
  MODULE_FAILED: 'usage',
  MODULE_TIMEOUT: 'usage',
  MODULE_STARTS_ACTOR: 'usage',
  NO_SUCH_EXPORT: 'usage',
  NOT_A_MACHINE: 'usage',
  OTHER_XSTATE: 'usage',
  START_FAILED: 'usage',
  NOT_IMPLEMENTED: 'usage',
  EVENT_DATA: 'usage',
  ENDLESS: 'usage',
  CONTEXT_CHANGED: 'usage',
  NOT_DETERMINISTIC: 'usage',
  NOT_COMPARABLE: 'usage',
  NOT_FINITE: 'usage',
  NOT_SUPPORTED: 'usage',
  UNKNOWN_DELAY: 'usage',
  BAD_PAYLOADS: 'usage',
  CONTROL_REFUSED: 'refused',
  CONTROL_TIMEOUT: 'timeout',
  CONTROL_UNREACHABLE: 'unreachable',
  CONTROL_IN_USE: 'unreachable',
  NO_CONTROL: 'unreachable',
  DIRECTORY_UNREACHABLE: 'unreachable',
  DIRECTORY_AUTH: 'refused',
  DIRECTORY_UNSUPPORTED: 'usage',
  DIRECTORY_PACKAGE: 'usage',
  CLUSTER_SETTINGS: 'usage',
  NODE_NAME_IN_USE: 'usage',
  CLOCK_DIFFERS: 'usage',
  LEASE_LAPSED: 'unreachable',
  UNKNOWN_NODE: 'usage',
  INTERRUPTED: 'interrupted',
};

/** Whether an error is an `ExploreError`: the machine of the user cannot be explored. Its class would load XState for every command. */
export function isExploreError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && /^(ExploreError|NotFiniteError)$/.test(error.name);
}

/** The exit of the process after an error. */
export function exitOf(error: unknown): Exit {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'ok' : 'usage';
  if (isExploreError(error)) return 'usage';
  return (error instanceof IxgateError && exitsByErrorCode[error.code]) || 'internal';
}

/** The table of exit codes at the end of every help. */
export function exitCodeHelp(): string {
  const rows = Object.values(exitCodes).map(
    ({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`,
  );
  return `Exit codes:\n${rows.join('\n')}`;
}
