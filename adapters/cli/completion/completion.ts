import { Argument, type Command } from 'commander';
import type { CommandContext } from '../context.js';
import { describedCommands } from '../described.js';
import { exitCodeHelp } from '../exit-codes.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof scripts;

const examples = `
Examples:
  ixgate completion bash > /etc/bash_completion.d/ixgate
  ixgate completion zsh > "\${fpath[1]}/_ixgate"
  ixgate completion fish > ~/.config/fish/completions/ixgate.fish
  source <(ixgate completion bash)

The script completes commands, options, their values, files and folders.

`;

/** `ixgate completion`: a script for a shell, made from the commands themselves. */
export function addCompletion(command: Command, { output, wholeProgram }: CommandContext): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (shell: Shell) => {
      output.io.stdout.write(scripts[shell](describedCommands(await wholeProgram())));
    });
}
