import { type Command, Option } from 'commander';
import { durationOption, redactNamesOption } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp } from '../exit-codes.js';
import type { AnalyzeFlags } from './flags.js';

const examples = `
Examples:
  ixgate analyze ixn_lab.20260302_080000_000.log
  ixgate analyze logs/ --verdict refused --since 08:00 --until 08:30
  ixgate analyze logs/ --client 'kiosk-*' --where 'errors>=2' --where 'error.text~not valid'
  ixgate analyze logs/ --summary
  ixgate analyze logs/ --session kiosk-9
  ixgate analyze logs/ --findings --strict
  ixgate analyze logs/ --client mailer --record mailer.jsonl
  ixgate analyze ixn_lab.log --follow
  zcat old.log.gz | ixgate analyze - --json

It reads logs of Interaction Server and of Outbound Contact Server, ixgate's own recordings and logs, and JSON of anybody with a mapping
file; plain, gzip or zip. Files of one server are put in order and read as one log. A log without a time zone is read as UTC.

The table is in order of start; --json and --follow tell of a session when it is over. With --json each line is one object, and its type
says what it is: session, finding (with --findings, besides the sessions), summary (--summary), and end, which comes last. The keys of a
session are the fields that --where asks for:
  FIELDS
OP is one of = != < <= > >= ~ where ~ is "contains". What is left out of a time makes it a span: --until 08:30 goes to the end of that
minute. A time without a date is of the day of the first session.

`;

/** The fields of conditions for the help; a test compares them with `whereFields`. */
export const whereFieldsHelp = `session client clientType mediaType proxy proxyClientId verdict words figure start end startedAt elapsed
  answeredAfter registeredAfter registrationDeadline rejectionDeadline reason ended errors error.code error.text missing inferred
  findings steps server format file line lastFile lastLine`;

/** `ixgate analyze`: what happened on each connection of a log, and why. */
export function addAnalyze(program: Command, { output, outcome }: CommandContext): void {
  program
    .command('analyze')
    .description('read logs: what happened on each connection, and why')
    .argument('<file...>', 'logs, folders of them, or - for standard input')
    .optionsGroup('What to show (a table of sessions without any of these):')
    .option('--session <id>', 'one session as a ladder: its id, or a client that has one only')
    .option('--summary', 'counts, the slowest answers, who comes back again and again, deadlines')
    .option('--findings', 'what the chart has no answer to, one line each, and what is damaged')
    .option('--record <file>', 'write the sessions as a recording, for ixgate viz')
    .option('--open', 'open the page on such a recording, until Ctrl-C')
    .option('--force', 'let --record write over a file that is there')
    .optionsGroup('Which sessions (all must hold):')
    .option('--client <name>', 'by the name of the client; * and ? are wildcards')
    .option('--type <type>', 'by clientType; * and ? are wildcards')
    .option('--verdict <verdict>', 'by verdict, as a key or in words: refused, "refused (2a)"')
    .option('--since <time>', 'that started then or later: 08:00, "2026-03-02 08:00:01.100"')
    .option('--until <time>', 'that started then or earlier')
    .addOption(
      new Option('--where <condition>', "'FIELD OP VALUE', see below; may be repeated").argParser(
        (text: string, before: string[] | undefined) => [...(before ?? []), text],
      ),
    )
    .optionsGroup('How to read:')
    .option('--follow', 'go on reading a file that grows, until Ctrl-C')
    .addOption(
      durationOption('--registration-timeout <duration>', 'the registration deadline, where known'),
    )
    .addOption(
      durationOption('--rejection-timeout <duration>', 'the rejection deadline, where known'),
    )
    .addOption(
      durationOption(
        '--tolerance <duration>',
        'how much later than its deadline a server may close (default: 500ms)',
      ),
    )
    .addOption(redactNamesOption())
    .option('--aliases <file>', "a site's own attribute names, message ids and texts")
    .option('--mapping <file>', 'where in JSON of anybody the fields are')
    .option('--format <id>', 'read all files as this format (default: as each begins)')
    .addHelpOption(new Option('-h, --help', 'print this help').helpGroup('Output and help:'))
    .optionsGroup('Output and help:')
    .option('--strict', 'exit 1 when there are findings')
    .option('--json', 'write JSON, one object a line')
    .addHelpText('after', `${examples.replace('FIELDS', whereFieldsHelp)}${exitCodeHelp()}`)
    .action(async (paths: string[], flags: AnalyzeFlags) => {
      // The log readers are large: other commands start without them.
      const { runAnalyze } = await import('./run-analyze.js');
      outcome.code = await runAnalyze(paths, flags, output);
    });
}
