import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** Milliseconds between two checks. */
const interval = 1_000;

/**
 * Detects that the process cannot open more files and sockets. Node itself reports nothing: it accepts connections and closes them.
 */
export class DescriptorWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param onNone called with the system's error each time the descriptors run out */
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

/** The error when no descriptor is left; null when there is one, or for other errors. */
function refusal(): Error | null {
  try {
    closeSync(openSync(devNull, 'r'));
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EMFILE' || code === 'ENFILE' ? (error as Error) : null;
  }
}
