import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { UsageError } from '../exit-codes.js';

/** The former name of `ixgate analyze`: hidden, takes any arguments, and fails with the new name. */
export function addInspect(command: Command, _context: CommandContext): void {
  command
    .argument('[arguments...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(() => {
      throw new UsageError('unknown command "inspect": expected analyze, its new name');
    });
}
