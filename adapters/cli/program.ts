import { existsSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { Command, CommanderError } from 'commander';
import { type CommandIo, type OutputStream, processIo } from '../runtime/command-io.js';
import { version } from '../runtime/version.js';
import { type CommandRow, commands } from './commands.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes, PackageMissingError, TooManyFilesError } from './exit-codes.js';
import { Output } from './output.js';

const examples = `
Examples:
  ixgate serve
  ixgate ctl status
  ixgate doctor
  ixgate register tcp://127.0.0.1:7004 --name desk-1 --type AgentApplication
  ixgate send tcp://127.0.0.1:7004 --name desk-1 --type AgentApplication '{"messageName":"RequestAgentLogin"}'
  ixgate figures run --against tcp://127.0.0.1:7004
  ixgate check
  ixgate generate --criterion w1 --format vitest --out test/generated
  ixgate conform tcp://127.0.0.1:7004
  ixgate conform-client -- node client.mjs {endpoint}
  ixgate tap --listen tcp://127.0.0.1:7014 --to tcp://127.0.0.1:7004
  ixgate analyze ixn_lab.log
  ixgate viz session.jsonl
  ixgate report session.jsonl --out report.html
  ixgate coverage session.jsonl

`;

/**
 * Runs the command line.
 * @param args without node and the script.
 * @param io streams, environment and signals (default those of the process)
 * @returns the exit code; errors have been reported already.
 */
export async function run(args: readonly string[], io: CommandIo = processIo): Promise<number> {
  const end = args.indexOf('--');
  const output = new Output(args.slice(0, end < 0 ? undefined : end).includes('--json'), io);
  // The reader of the output may have gone (`| head`); the command goes on.
  io.stdout.on('error', () => {});
  io.stderr.on('error', () => {});
  const context = contextOf(output);
  const code = await runWith(args, context);
  if (context.outcome.endsProcess) {
    await Promise.all([written(io.stdout), written(io.stderr)]);
    io.exit(code);
  }
  return code;
}

async function runWith(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    // The program has no options with a value, so the first word is the command.
    const name = args.find((word) => !word.startsWith('-'));
    const program = await programWith((row) => row.name === name, context);
    await program.parseAsync(args, { from: 'user' });
    return context.outcome.code;
  } catch (error) {
    return context.output.fail(withHint(error));
  }
}

/** Resolves when everything that was written before is passed on, or cannot be. */
function written(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** The context of commands that write to an output. */
export function contextOf(output: Output): CommandContext {
  const context: CommandContext = {
    output,
    outcome: { code: exitCodes.ok.code },
    wholeProgram: () => programWith(() => true, context),
  };
  return context;
}

/** The program with the commands that are needed; of the others only what the help shows. */
async function programWith(
  isNeeded: (row: CommandRow) => boolean,
  context: CommandContext,
): Promise<Command> {
  const { io } = context.output;
  const usages = new Map(commands.map(({ name, usage }) => [name, usage]));
  const program = new Command('ixgate')
    .description(
      'The registration lifecycle of an Interaction Server client: a gate that runs it, a client that asks for it, the documented figures that check it, and a page to watch it on.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    // `run` reports all errors, as text or as JSON.
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      getOutHelpWidth: () => (io.stdout.isTTY ? io.stdout.columns : undefined) ?? 80,
      writeErr: () => {},
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText('after', `${examples}${exitCodeHelp()}`);
  for (const row of commands) {
    const command = program.command(row.name, { hidden: row.hidden === true });
    command.description(row.description);
    if (isNeeded(row)) (await row.load())(command, context);
  }
  // Commands that are not loaded have no options and arguments to show.
  return program.configureHelp({
    subcommandTerm: (command) => `${command.name()} ${usages.get(command.name())}`.trimEnd(),
  });
}

/** The error as it is reported. Commander shows its help when no command is given; here that is a mistake like any other. */
function withHint(error: unknown): unknown {
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'EMFILE') return new TooManyFilesError(error);
    const [, name] = /^Cannot find package '([^']+)'/.exec(error.message) ?? [];
    if (error.code === 'ERR_MODULE_NOT_FOUND' && name !== undefined) {
      // Without a file descriptor Node names a file of the package, which it could not open.
      const isThere = isAbsolute(name) && existsSync(dirname(name));
      return isThere ? new TooManyFilesError(error) : new PackageMissingError(name, error);
    }
  }
  if (!(error instanceof CommanderError) || error.exitCode === 0) return error;
  const nothing = error.code === 'commander.help';
  const message = nothing ? 'no command was given' : error.message.replace(/[\s.]+$/, '');
  return new CommanderError(error.exitCode, error.code, `${message}. See ixgate --help`);
}
