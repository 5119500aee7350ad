import type { Output } from './output.js';

/** What a command is given beside its own options. */
export interface CommandContext {
  readonly output: Output;
  /** How the process ends when the command is done; 0 unless the command says otherwise. */
  readonly outcome: { code: number };
}
