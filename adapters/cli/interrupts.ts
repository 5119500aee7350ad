import type { CommandIo } from '../runtime/command-io.js';

const signals = ['SIGINT', 'SIGTERM'] as const;
export type Interrupt = (typeof signals)[number];

/**
 * Signals within this many milliseconds of the first count as one: under npm, Ctrl-C arrives from the terminal and from npm.
 */
const sameWish = 200;

/** Handles Ctrl-C and SIGTERM. The first signal calls `first`, a second one ends the process immediately. */
export class Interrupts implements Disposable {
  readonly #io: CommandIo;
  readonly #first: (signal: Interrupt) => void;
  readonly #exitCode: number;
  #since: number | null = null;

  constructor(io: CommandIo, exitCode: number, first: (signal: Interrupt) => void) {
    this.#io = io;
    this.#exitCode = exitCode;
    this.#first = first;
    for (const signal of signals) io.signals.on(signal, this.#received);
  }

  [Symbol.dispose](): void {
    for (const signal of signals) this.#io.signals.off(signal, this.#received);
  }

  readonly #received = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#since === null) {
      this.#since = now;
      this.#first(signal as Interrupt);
    } else if (now - this.#since > sameWish) {
      this.#io.exit(this.#exitCode);
    }
  };
}
