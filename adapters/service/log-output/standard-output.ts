import { prettyFactory } from 'pino-pretty';
import type { SonicBoom } from 'sonic-boom';
import type { CommandIo } from '../../runtime/command-io.js';
import { droppedLine, firstLine, type LineOutput } from './line-output.js';
import { lineWriter } from './line-writer.js';

type Destination = SonicBoom | CommandIo['stdout'];

export interface StandardOutputOptions {
  readonly io: CommandIo;
  readonly format: 'pretty' | 'json';
  readonly colour: boolean;
}

/** The log on stdout. A slow reader, or a reader that has exited, does not delay the gate. */
export class StandardOutput implements LineOutput {
  readonly #destination: Destination;
  readonly #pretty: ((line: object) => string) | null;
  #isFirst = true;
  /** Whether the reader has closed the pipe. */
  #isGone = false;
  #dropped = 0;

  constructor({ io, format, colour }: StandardOutputOptions) {
    const print = prettyFactory({
      colorize: colour,
      hideObject: true,
      translateTime: 'HH:MM:ss.l',
    });
    this.#pretty = format === 'pretty' ? print : null;
    this.#destination = io.stdout === process.stdout ? lineWriter(1, false) : io.stdout;
    // A full disk or a closed terminal does not end the gate. Later lines are written if that works again.
    this.#destination.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') this.#isGone = true;
    });
    this.#destination.on('drop', () => {
      this.#dropped += 1;
    });
    this.#destination.on('drain', () => this.#reportDropped());
  }

  write(line: string): void {
    if (this.#pretty) this.#send(this.#pretty(JSON.parse(line)));
    else this.#sendJson(line);
  }

  announce(line: string, text: string): void {
    if (this.#pretty) this.#send(text);
    else this.#sendJson(line);
  }

  async close(): Promise<void> {
    if (this.#isGone) return;
    await new Promise<void>((resolve) => {
      this.#destination.once('close', resolve);
      this.#destination.end();
    });
  }

  #sendJson(line: string): void {
    this.#send(this.#isFirst ? firstLine(line) : line);
    this.#isFirst = false;
  }

  #send(text: string): void {
    if (!this.#isGone) this.#destination.write(text);
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.write(droppedLine(dropped));
  }
}
