import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** How often the system is asked, in milliseconds. */
const interval = 1_000;

/**
 * Notices that the process may open no more files and sockets. Nothing else would tell: Node then accepts connections and closes them
 * without a word to anybody.
 */
export class DescriptorWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param onNone hears it once, with the system's error, each time it begins. */
  constructor(onNone: (error: Error) => void) {
    let isNone = false;
    this.#timer = setInterval(() => {
      const error = refusal();
      if (error && !isNone) onNone(error);
      isNone = error !== null;
    }, interval);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** Why there is no descriptor; null when there is one, or when it cannot be known. */
function refusal(): Error | null {
  try {
    closeSync(openSync(devNull, 'r'));
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EMFILE' || code === 'ENFILE' ? (error as Error) : null;
  }
}
