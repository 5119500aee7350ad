import sonicBoom, { type SonicBoom } from 'sonic-boom';

/** Maximum backlog in bytes of a slow or failing output; lines beyond it are dropped and counted. */
const maxBacklog = 1_048_576;

/**
 * Writes text to a file descriptor. Events: `write` with the number of bytes, `drop` for a text beyond the backlog, `drain` when
 * nothing is left, and `error`; after an error the backlog waits for the next write.
 * @param sync whether each text is passed to the system at once, so that it is not lost when the process is killed; else it is written
 *   in the background
 */
export function lineWriter(fd: number, sync: boolean): SonicBoom {
  return new sonicBoom.SonicBoom({ dest: fd, sync, minLength: 0, maxLength: maxBacklog });
}
