import type { AnyStateMachine } from 'xstate';
import { FileError } from '../files/file-error.js';

/** A machine whose files are counted, and its input where a session has none. */
export interface CountedMachine {
  readonly machine: AnyStateMachine;
  readonly input: unknown;
}

/** A line of a file. */
interface Place {
  readonly path: string;
  readonly line: number;
}

/** Starts a session for a line. @throws {FileError} when the machine fails */
export function starting<Result>(
  { path, line }: Place,
  { machine }: CountedMachine,
  start: () => Result,
): Result {
  try {
    return start();
  } catch (cause) {
    const problem = `the machine ${machine.id} fails at its start: ${messageOf(cause)}. If it needs input, give it (--input)`;
    throw new FileError(path, line, problem, { cause });
  }
}

/** The message of an exception of a machine, on one line and without its full stop. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ').replace(/\.$/, '');
}
