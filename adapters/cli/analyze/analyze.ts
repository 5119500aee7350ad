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

Formats: logs of Interaction Server and of Outbound Contact Server, recordings and logs of ixgate, and JSON lines with a mapping file;
plain, gzip or zip. Files of one server are read as one log, in order of time. A log without a time zone is read as UTC.

The table is in order of start; --json and --follow write each session at its end. With --json each line is one object. Its type is
session, finding (with --findings, besides the sessions), summary (--summary) or end, which comes last. The keys of a session are the
fields of --where:
  FIELDS
OP is one of = != < <= > >= ~ where ~ is "contains". An incomplete time is a span: --until 08:30 includes that whole minute. A time
without a date refers to the day of the first session.

`;

/** The fields of conditions for the help; a test compares them with `whereFields`. */
export const whereFieldsHelp = `session client clientType mediaType proxy proxyClientId verdict words figure start end startedAt elapsed
  answeredAfter registeredAfter registrationDeadline rejectionDeadline reason ended errors error.code error.text missing inferred
  findings steps server format file line lastFile lastLine`;

/** `ixgate analyze`: what happened on each connection of a log, and why. */
export function addAnalyze(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('<file...>', 'logs, folders of logs, or - for standard input')
    .optionsGroup('Output (default: a table of sessions):')
    .option('--session <id>', 'one session as a ladder, by its id or by a client with one session')
    .option('--summary', 'counts, slowest answers, repeat offenders, deadlines')
    .option('--findings', 'protocol violations, one line each, and damaged lines')
    .option('--record <file>', 'recording of the sessions, for ixgate viz')
    .option('--open', 'page with such a recording, until Ctrl-C')
    .option('--force', 'overwrite the file of --record')
    .optionsGroup('Filters (all must match):')
    .option('--client <name>', 'name of the client; * and ? are wildcards')
    .option('--type <type>', 'clientType; * and ? are wildcards')
    .option('--verdict <verdict>', 'verdict as a key or in words: refused, "refused (2a)"')
    .option('--since <time>', 'earliest start: 08:00, "2026-03-02 08:00:01.100"')
    .option('--until <time>', 'latest start')
    .addOption(
      new Option(
        '--where <condition>',
        "condition 'FIELD OP VALUE', see below; may be repeated",
      ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]),
    )
    .optionsGroup('Reading:')
    .option('--follow', 'follow a growing file, until Ctrl-C')
    .addOption(
      durationOption(
        '--registration-timeout <duration>',
        'registration deadline of the server, where known',
      ),
    )
    .addOption(
      durationOption(
        '--rejection-timeout <duration>',
        'rejection deadline of the server, where known',
      ),
    )
    .addOption(
      durationOption(
        '--tolerance <duration>',
        'allowed delay of a close after a deadline (default: 500ms)',
      ),
    )
    .addOption(redactNamesOption())
    .option('--aliases <file>', 'site-specific attribute names, message ids and texts')
    .option('--mapping <file>', 'fields of JSON lines of other programs')
    .option('--format <id>', 'format of all files (default: detected)')
    .addHelpOption(new Option('-h, --help', 'print this help').helpGroup('Output and help:'))
    .optionsGroup('Output and help:')
    .option('--strict', 'exit code 1 when there are findings')
    .option('--json', 'write JSON, one object a line')
    .addHelpText('after', `${examples.replace('FIELDS', whereFieldsHelp)}${exitCodeHelp()}`)
    .action(async (paths: string[], flags: AnalyzeFlags) => {
      // The log readers are large: other commands start without them.
      const { runAnalyze } = await import('./run-analyze.js');
      outcome.code = await runAnalyze(paths, flags, output);
    });
}
