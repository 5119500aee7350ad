import type { CommandIo } from '../runtime/command-io.js';
import type { OpenLog } from './open-log.js';
import type { GateSignal } from './signals.js';

const debug: GateSignal = 'SIGUSR1';
const rotate: GateSignal = 'SIGUSR2';

/**
 * Handles SIGUSR1 and SIGUSR2: from its creation neither opens a debugger or ends the process, which is what Node and the system would
 * do. SIGUSR2 rotates the log once it is open.
 */
export class LogSignals implements Disposable {
  readonly #io: CommandIo;
  #open: OpenLog | null = null;
  readonly #logged = new Set<GateSignal>();

  constructor(io: CommandIo) {
    this.#io = io;
    io.signals.on(debug, this.#ignored);
    io.signals.on(rotate, this.#rotated);
  }

  /** The log is open. */
  follow(open: OpenLog): void {
    this.#open = open;
  }

  [Symbol.dispose](): void {
    this.#io.signals.off(debug, this.#ignored);
    this.#io.signals.off(rotate, this.#rotated);
  }

  readonly #ignored = (): void => {
    this.#log(debug, 'the debugger of Node is not opened in a running gate');
  };

  readonly #rotated = (): void => {
    const { files = [] } = this.#open ?? {};
    if (files.length === 0) this.#log(rotate, 'there is no --log-file to rotate');
    for (const file of files) void file.reopen();
  };

  /** Once: a supervisor may send the signal again and again. */
  #log(signal: GateSignal, why: string): void {
    if (!this.#open || this.#logged.has(signal)) return;
    this.#logged.add(signal);
    this.#open.log.info(`ignored ${signal}: ${why}`, {
      event: 'signal-ignored',
      signal,
      by: { via: 'signal', signal },
    });
  }
}
