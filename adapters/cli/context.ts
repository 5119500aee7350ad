import type { Command } from 'commander';
import type { Output } from './output.js';

/** The context of a command. */
export interface CommandContext {
  readonly output: Output;
  /**
   * The exit code of the process; 0 unless the command sets it. A command that runs code of the user sets `endsProcess`: that code may
   * leave timers and sockets open.
   */
  readonly outcome: { code: number; endsProcess?: true };
  /** The program with every command loaded, for a command that describes them all. */
  readonly wholeProgram: () => Promise<Command>;
}
