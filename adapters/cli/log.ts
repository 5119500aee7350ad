import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { visible } from '../../machines/index.js';

/** Bytes of log that may wait for a slow reader; more are dropped, and the gate goes on. */
const longestBacklog = 1_048_576;
/** Milliseconds the end waits for what is not written yet. */
const lastWords = 500;

export interface LogOptions {
  readonly level: string;
  readonly format: 'pretty' | 'json';
  readonly colour: boolean;
}

/**
 * The log of `ixgate serve`, on stdout. It is written without waiting: neither a reader that is slow nor one that has gone
 * holds up the gate.
 */
export class Log {
  readonly #destination: ReturnType<typeof pino.destination>;
  readonly #logger: pino.Logger;
  readonly #pretty: boolean;

  constructor({ level, format, colour }: LogOptions) {
    // pino makes a closed pipe a place where nothing is written any more.
    this.#destination = pino.destination({
      dest: 1,
      sync: false,
      minLength: 0,
      maxLength: longestBacklog,
    });
    this.#pretty = format === 'pretty';
    const print = prettyFactory({
      colorize: colour,
      hideObject: true,
      translateTime: 'HH:MM:ss.l',
    });
    this.#logger = pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      {
        write: (line) =>
          void this.#destination.write(this.#pretty ? print(JSON.parse(line)) : line),
      },
    );
  }

  info(text: string, fields: object): void {
    this.#logger.info(fields, visible(text));
  }

  warn(text: string, fields: object): void {
    this.#logger.warn(fields, visible(text));
  }

  error(text: string, fields: object): void {
    this.#logger.error(fields, visible(text));
  }

  /** Text for people as it is, or its fields as a line of the log. It is written whatever the level. */
  announce(text: string, fields: object): void {
    if (this.#pretty) this.#destination.write(text);
    else {
      const line = { level: 'info', time: new Date().toISOString(), ...fields, msg: 'listening' };
      this.#destination.write(`${JSON.stringify(line)}\n`);
    }
  }

  /** Resolves when everything is written, or nobody reads it. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lastWords);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#destination.once('close', done);
      this.#destination.end();
    });
  }
}
