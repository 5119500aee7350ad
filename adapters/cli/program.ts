import { Command, CommanderError } from 'commander';
import { type CommandIo, processIo } from '../runtime/command-io.js';
import { version } from '../runtime/version.js';
import { addAnalyze } from './analyze/analyze.js';
import { addInspect } from './analyze/renamed.js';
import type { CommandContext } from './context.js';
import { addCtl } from './ctl/ctl.js';
import { exitCodeHelp, exitCodes, TooManyFilesError } from './exit-codes.js';
import { Output } from './output.js';
import { addRegister } from './register.js';
import { addReport } from './report.js';
import { addSend } from './send.js';
import { addServe } from './serve.js';
import { addTap } from './tap/tap.js';
import { addCheck } from './testing/check.js';
import { addConform } from './testing/conform.js';
import { addConformClient } from './testing/conform-client.js';
import { addCoverage } from './testing/coverage.js';
import { addFigures } from './testing/figures.js';
import { addGenerate } from './testing/generate.js';
import { addMutate } from './testing/mutate.js';
import { addViz } from './viz.js';

const examples = `
Examples:
  ixgate serve
  ixgate ctl status
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
  const outcome = { code: exitCodes.ok.code as number };
  const program = programFor({ output, outcome });
  try {
    await program.parseAsync(args, { from: 'user' });
    return outcome.code;
  } catch (error) {
    return output.fail(withHint(error));
  }
}

function programFor(context: CommandContext): Command {
  const { io } = context.output;
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
  const commands = [
    addServe,
    addCtl,
    addRegister,
    addSend,
    addFigures,
    addCheck,
    addGenerate,
    addConform,
    addConformClient,
    addMutate,
    addCoverage,
    addAnalyze,
    addInspect,
    addTap,
    addViz,
    addReport,
  ];
  for (const add of commands) add(program, context);
  return program;
}

/**
 * Commander shows its help when no command is given; here that is a mistake like any other. Without a file descriptor nothing of a command
 * can be loaded.
 */
function withHint(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE') {
    return new TooManyFilesError(error);
  }
  if (!(error instanceof CommanderError) || error.exitCode === 0) return error;
  const nothing = error.code === 'commander.help';
  const message = nothing ? 'no command was given' : error.message.replace(/[\s.]+$/, '');
  return new CommanderError(error.exitCode, error.code, `${message}. See ixgate --help`);
}
