import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { visible, visibleJson } from '../../machines/index.js';
import type { CommandIo } from '../runtime/command-io.js';
import { type LogLine, Repeats, type Severity } from './repeats.js';

/** Bytes of log that may wait for a slow reader; more are dropped, and the gate goes on. */
const longestBacklog = 1_048_576;
/** Milliseconds the end waits for what is not written yet. */
const lastWords = 500;

export interface LogOptions {
  readonly io: CommandIo;
  readonly level: string;
  readonly format: 'pretty' | 'json';
  readonly colour: boolean;
}

/**
 * The log of `ixgate serve`, on stdout. It is written without waiting: neither a reader that is slow nor one that has gone
 * holds up the gate.
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
    // A full disk under the log, a terminal that was closed: no reason to end. What can be written later is.
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

  /** The least severity that is written. */
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

  /** What strangers can cause as often as they like: of each `kind` 20 lines in 10 s are written, the others counted. */
  often(kind: string, severity: Severity, text: string, fields: object): void {
    this.#repeats.tell(kind, { severity, text, fields });
  }

  /** A problem that may go on: of each `kind` the first line is written, the others counted. */
  once(kind: string, text: string, fields: object): void {
    this.#repeats.tellOnce(kind, { severity: 'error', text, fields });
  }

  /** Text for people as it is, or its fields as a line of the log. It is written whatever the level. */
  announce(text: string, fields: object): void {
    this.#destination.write(this.#pretty ? text : plainLine('info', 'listening', fields));
  }

  /** What whoever runs the gate must see: it is written whatever the level. */
  always(level: 'info' | 'fatal', text: string, fields: object): void {
    const line = plainLine(level, visible(text), fields);
    this.#destination.write(this.#pretty ? this.#pretty(JSON.parse(line)) : line);
  }

  /** Resolves when everything is written, or nobody reads it. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#repeats.end();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        // The write that nobody takes would keep the process from ending.
        setTimeout(() => this.#io.exit(), lastWords).unref();
        resolve();
      }, lastWords);
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

type Destination = ReturnType<typeof pino.destination> | CommandIo['stdout'];

function standardOutput(): Destination {
  // pino makes a closed pipe a place where nothing is written any more.
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: 0,
    maxLength: longestBacklog,
  });
  // At the exit pino would retry the rest without a limit when the reader does not take it. `close` tries for a moment.
  destination.flushSync = () => {};
  return destination;
}

function plainLine(level: string, msg: string, fields: object): string {
  return `${visibleJson(JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg }))}\n`;
}
