import type { CommandIo } from '../../runtime/command-io.js';
import { cutTo } from '../../runtime/text-table.js';

/** Switch to the alternate screen and hide the cursor; and back. */
const [enter, leave] = ['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l'];
/** To the first column of the first line. */
const home = '\u001b[H';
/** Clear the rest of the line; clear what is below. */
const [clearLine, clearBelow] = ['\u001b[K', '\u001b[J'];
/** The size of a terminal that tells none. */
const [defaultRows, defaultColumns] = [24, 80];
const keys = new Set(['q', 'Q', '\u0003', '\u001b']);

/** The whole terminal, redrawn in place. Disposing it shows again what was there before. */
export class Screen implements Disposable {
  readonly #io: CommandIo;
  readonly #ending = new AbortController();
  readonly #wasRaw: boolean;
  /** Called when the terminal gets another size. */
  onResize: () => void = () => {};

  constructor(io: CommandIo) {
    this.#io = io;
    this.#wasRaw = io.stdin.isRaw === true;
    io.stdin.setRawMode?.(true);
    io.stdin.on('data', this.#typed);
    // `resume`: keys come even if nothing has read from the terminal before.
    io.stdin.resume();
    io.stdout.on('resize', this.#resized);
    io.stdout.write(enter);
  }

  /** Aborted when the user ends the screen with q, Esc or Ctrl-C. */
  get closed(): AbortSignal {
    return this.#ending.signal;
  }

  get rows(): number {
    return this.#io.stdout.rows ?? defaultRows;
  }

  /** Shows lines; those that do not fit are left out, and long ones are cut. */
  draw(lines: readonly string[]): void {
    const width = this.#io.stdout.columns ?? defaultColumns;
    const fitting = lines.slice(0, this.rows).map((line) => `${cutTo(line, width)}${clearLine}`);
    this.#io.stdout.write(`${home}${fitting.join('\r\n')}${clearBelow}`);
  }

  [Symbol.dispose](): void {
    const { stdin, stdout } = this.#io;
    stdin.off('data', this.#typed);
    stdout.off('resize', this.#resized);
    stdin.setRawMode?.(this.#wasRaw);
    // A terminal that is read keeps the process alive.
    stdin.pause();
    stdout.write(leave);
  }

  readonly #typed = (bytes: Buffer | string): void => {
    if (keys.has(String(bytes))) this.#ending.abort();
  };

  readonly #resized = (): void => this.onResize();
}
