import { logLevels } from '../runtime/log-levels.js';
import { type GateLines, isAudited, type Severity } from './log-events.js';
import { type LineOutput, lineOf } from './log-output/line-output.js';
import { type LogLine, Repeats } from './repeats.js';

/** Milliseconds that `close` waits for the backlog to be written. */
const flushTimeout = 500;
/** The values of `--log-level` and the severities of lines, from the lowest: `fatal` is above `error`. */
const levels: readonly string[] = [...logLevels.slice(0, -1), 'fatal', ...logLevels.slice(-1)];

/** Lines by severity. */
type Lines = Readonly<Record<Severity, { readonly event: string }>>;

export interface LogOptions {
  readonly level: string;
  /** Where all lines go. */
  readonly output: LineOutput;
  /** Where the start message goes, in addition. @default none */
  readonly console?: LineOutput | undefined;
  /** Where lines about actions of operators go, in addition. @default none */
  readonly audit?: LineOutput | undefined;
  /** Which events are actions of operators: they are written at any level. @default those of `log-events.ts` */
  readonly isAudited?: (event: string) => boolean;
  /** Ends the process when the backlog cannot be written in time at the end. */
  readonly exit: () => void;
}

/**
 * The log of `ixgate serve`. Writes never block: a slow reader, or a reader that has exited, does not delay the gate. The events and
 * fields of the lines are those of `log-events.ts`.
 */
export class Log<Known extends Lines = GateLines> {
  readonly #options: LogOptions;
  readonly #outputs: readonly LineOutput[];
  readonly #repeats = new Repeats((line) => this.#write(line));
  #lowest = 0;
  #closing: Promise<void> | null = null;

  constructor(options: LogOptions) {
    const { level, output, console, audit } = options;
    this.#options = options;
    this.#outputs = [audit, output, console].filter((one) => one !== undefined);
    this.level = level;
  }

  /** The minimum severity that is written. */
  get level(): string {
    return levels[this.#lowest] ?? 'info';
  }

  set level(level: string) {
    this.#lowest = levels.indexOf(level);
  }

  info(text: string, fields: Known['info']): void {
    this.#write({ severity: 'info', text, fields });
  }

  warn(text: string, fields: Known['warn']): void {
    this.#write({ severity: 'warn', text, fields });
  }

  error(text: string, fields: Known['error']): void {
    this.#write({ severity: 'error', text, fields });
  }

  fatal(text: string, fields: Known['fatal']): void {
    this.#write({ severity: 'fatal', text, fields });
  }

  /** Lines that unregistered clients can cause without limit: at most 20 lines of each `kind` in 10 s; further lines are counted. */
  often<Of extends Severity>(kind: string, severity: Of, text: string, fields: Known[Of]): void {
    this.#repeats.tell(kind, { severity, text, fields });
  }

  /** A problem that may last: the first line of each `kind` is written; further lines are counted. */
  once(kind: string, text: string, fields: Known['error']): void {
    this.#repeats.tellOnce(kind, { severity: 'error', text, fields });
  }

  /** Writes the start message at any level: the text for people, or its fields as JSON. */
  announce(text: string, fields: Known['info']): void {
    const line = lineOf({ severity: 'info', text: fields.event, fields }, this.#audits(fields));
    for (const output of this.#outputs) output.announce(line, text);
  }

  /** Resolves when the backlog is written, or after a timeout. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#repeats.end();
    const closed = Promise.all(this.#outputs.map((output) => output.close()));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        // A pending write would keep the process from exiting.
        setTimeout(this.#options.exit, flushTimeout).unref();
        resolve();
      }, flushTimeout);
      void closed.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #write(line: LogLine): void {
    const audited = this.#audits(line.fields);
    if (!audited && levels.indexOf(line.severity) < this.#lowest) return;
    const { output, audit } = this.#options;
    const text = lineOf(line, audited);
    // First: a line is in the audit file before its effect is reported.
    if (audited) audit?.write(text);
    output.write(text);
  }

  #audits({ event, of = event }: { readonly event: string; readonly of?: string }): boolean {
    const audits = this.#options.isAudited ?? isAudited;
    return audits(event === 'suppressed' ? of : event);
  }
}

/** The log of a gate for everything but its sessions. */
export type GateLog = Pick<Log, 'info' | 'error' | 'once'>;
