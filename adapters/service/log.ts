import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { visible, visibleJson } from '../../machines/text/format.js';
import type { CommandIo } from '../runtime/command-io.js';
import { type LogLine, Repeats, type Severity } from './repeats.js';

/** Maximum backlog in bytes for a slow reader; lines beyond it are dropped. */
const maxBacklog = 1_048_576;
/** Milliseconds that `close` waits for the backlog to be written. */
const flushTimeout = 500;

export interface LogOptions {
  readonly io: CommandIo;
  readonly level: string;
  readonly format: 'pretty' | 'json';
  readonly colour: boolean;
}

/**
 * The log of `ixgate serve`, on stdout. Writes never block: a slow reader, or a reader that has exited, does not delay the gate.
 */
export class Log {
  readonly #io: CommandIo;
  readonly #destination: Destination;
  readonly #logger: pino.Logger;
  readonly #pretty: ((line: object) => string) | null;
  readonly #repeats = new Repeats((line) => this.#write(line));
  #closing: Promise<void> | null = null;

  constructor({ io, level, format, colour }: LogOptions) {
    this.#io = io;
    this.#destination = io.stdout === process.stdout ? standardOutput() : io.stdout;
    // A full disk or a closed terminal does not end the gate. Later lines are written if that works again.
    this.#destination.on('error', () => {});
    const print = prettyFactory({
      colorize: colour,
      hideObject: true,
      translateTime: 'HH:MM:ss.l',
    });
    this.#pretty = format === 'pretty' ? print : null;
    this.#logger = pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      {
        write: (line) =>
          void this.#destination.write(
            this.#pretty ? this.#pretty(JSON.parse(line)) : visibleJson(line),
          ),
      },
    );
  }

  /** The minimum severity that is written. */
  get level(): string {
    return this.#logger.level;
  }

  set level(level: string) {
    this.#logger.level = level;
  }

  info(text: string, fields: object): void {
    this.#write({ severity: 'info', text, fields });
  }

  warn(text: string, fields: object): void {
    this.#write({ severity: 'warn', text, fields });
  }

  error(text: string, fields: object): void {
    this.#write({ severity: 'error', text, fields });
  }

  /** Lines that unregistered clients can cause without limit: at most 20 lines of each `kind` in 10 s; further lines are counted. */
  often(kind: string, severity: Severity, text: string, fields: object): void {
    this.#repeats.tell(kind, { severity, text, fields });
  }

  /** A problem that may last: the first line of each `kind` is written; further lines are counted. */
  once(kind: string, text: string, fields: object): void {
    this.#repeats.tellOnce(kind, { severity: 'error', text, fields });
  }

  /** Writes the start message: the text for people, or its fields as JSON. Ignores the level. */
  announce(text: string, fields: object): void {
    this.#destination.write(this.#pretty ? text : plainLine('info', 'listening', fields));
  }

  /** Writes a line that operators must see. Ignores the level. */
  always(level: 'info' | 'fatal', text: string, fields: object): void {
    const line = plainLine(level, visible(text), fields);
    this.#destination.write(this.#pretty ? this.#pretty(JSON.parse(line)) : line);
  }

  /** Writes what an operator has done. Ignores the level. */
  audit(text: string, fields: object): void {
    this.always('info', text, { ...fields, audit: true });
  }

  /** Resolves when the backlog is written, or after a timeout. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#repeats.end();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        // A pending write would keep the process from exiting.
        setTimeout(() => this.#io.exit(), flushTimeout).unref();
        resolve();
      }, flushTimeout);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#destination.once('close', done);
      this.#destination.end();
    });
  }

  #write({ severity, text, fields }: LogLine): void {
    this.#logger[severity](fields, visible(text));
  }
}

/** The log of a gate for everything but its sessions. */
export type GateLog = Pick<Log, 'info' | 'error' | 'once'>;

type Destination = ReturnType<typeof pino.destination> | CommandIo['stdout'];

function standardOutput(): Destination {
  // pino stops writing when the pipe is closed.
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: 0,
    maxLength: maxBacklog,
  });
  // At exit pino would try forever to write the backlog. `close` tries for `flushTimeout`.
  destination.flushSync = () => {};
  return destination;
}

function plainLine(level: string, msg: string, fields: object): string {
  return `${visibleJson(JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg }))}\n`;
}
