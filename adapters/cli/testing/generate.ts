import { type Command, Option } from 'commander';
import { type Criterion, criteria } from '../../../machines/engine/testgen/criteria.js';
import { type SuiteFormat, suiteFormats } from '../../../machines/engine/testgen/formats/index.js';
import { suiteOf } from '../../../machines/engine/testgen/suite-of.js';
import type { ServiceAnswer } from '../../../machines/registration/sut/inputs.js';
import { ServerModel } from '../../../machines/registration/sut/server-model.js';
import { suiteFiles } from '../../../machines/registration/sut/suites.js';
import {
  addChartSuiteOptions,
  chartFormats,
  generateForChart,
} from '../charts/generate-options.js';
import { refuseWithoutMachine } from '../charts/model-options.js';
import { diagrams } from '../charts/write-diagram.js';
import { wholeNumberFrom } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes, InterruptedError, UsageError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import type { Output } from '../output.js';
import {
  addProtocolOptions,
  isForProtocol,
  type ProtocolFlags,
} from '../protocols/protocol-options.js';
import { criterionFrom } from './criterion.js';
import { progressOf } from './progress.js';
import { watchedSuite } from './watched-suite.js';
import { writeSuiteFiles } from './write-suites.js';

const rows = (table: Readonly<Record<string, string>>) =>
  Object.entries(table).map(([name, description]) => `  ${name.padEnd(12)} ${description}`);

const help = `
Criteria, the weakest first:
${rows(criteria).join('\n')}

Formats:
${rows(suiteFormats).join('\n')}

Formats with --machine: json, vitest, gherkin, and
${rows({ playwright: 'a test file for Playwright; it needs --system', ...diagrams }).join('\n')}

Each case is one connection. There are negative cases: each message in each configuration, invalid frames, and each deadline shortly
before and after it. An existing file is overwritten only when it was generated.

Examples:
  ixgate generate --criterion w1 --out suites
  ixgate generate --criterion w1 --format vitest --out test/generated
  ixgate generate --criterion random:500 --seed 7 --out suites
  ixgate generate --criterion transitions --format mermaid --out docs
  ixgate generate --machine ./light.ts --format vitest --out test
  ixgate generate --machine ./light.ts --format svg --out docs
  ixgate generate --protocol mqtt-connect --setting version=5 --out suites

`;

interface GenerateFlags {
  readonly criterion: Criterion;
  readonly format: SuiteFormat;
  readonly out: string;
  readonly seed?: number;
  readonly answers: ServiceAnswer;
  readonly machine?: string;
}

/** `ixgate generate`: generates suites of tests from the chart. */
export function addGenerate(command: Command, context: CommandContext): void {
  const { output, outcome } = context;
  addProtocolOptions(addChartSuiteOptions(command), false)
    .addOption(
      new Option('--criterion <criterion>', 'criterion of the suite')
        .argParser(criterionFrom)
        .default('w1'),
    )
    .addOption(
      new Option('--format <format>', 'format of the files')
        .choices([...new Set([...Object.keys(suiteFormats), ...chartFormats])])
        .default('json'),
    )
    .option('--out <folder>', 'folder to write to; created when missing', '.')
    .addOption(
      new Option('--seed <number>', 'seed of random:N, 0 to 4294967295 (default 1)').argParser(
        wholeNumberFrom('--seed', 0, 0xff_ff_ff_ff),
      ),
    )
    .addOption(
      new Option(
        '--answers <answers>',
        'answer of the service to a registered client: EventAck, nothing, or any (ignored)',
      )
        .choices(['ack', 'none', 'any'])
        .default('any'),
    )
    .option('--json', 'write JSON: a summary of the suite')
    .addHelpText('after', `${help}${exitCodeHelp()}`)
    .action(async (flags: GenerateFlags & ProtocolFlags) => {
      if (isForProtocol(command, ['criterion', 'format', 'out', 'seed', 'json'])) {
        checkFlags(flags);
        const { generateForProtocol } = await import('../protocols/generate.js');
        outcome.code = await generateForProtocol(flags, context);
        return;
      }
      if (flags.machine === undefined)
        refuseWithoutMachine(command, ['system', 'maxCases', 'maxLength']);
      outcome.code =
        flags.machine === undefined
          ? await generate(flags, output)
          : await generateForChart(command, flags, context);
    });
}

/** @throws {UsageError} for a format or a seed that only other suites have */
function checkFlags({ format, seed, criterion }: GenerateFlags): void {
  if (!Object.hasOwn(suiteFormats, format)) {
    throw new UsageError(
      `--format ${format} needs --machine; other formats are ${Object.keys(suiteFormats).join(', ')}`,
    );
  }
  if (seed !== undefined && !criterion.startsWith('random:')) {
    throw new UsageError(`--seed needs --criterion random:N; ${criterion} is not random`);
  }
}

async function generate(flags: GenerateFlags, output: Output): Promise<number> {
  checkFlags(flags);
  const { criterion, format, out, seed, answers } = flags;
  const interrupt = new AbortController();
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    interrupt.abort(new InterruptedError(signal)),
  );
  const progress = progressOf('cases', output.io.stderr);
  const suite = suiteOf(
    new ServerModel({ answers }),
    criterion,
    seed === undefined ? {} : { seed },
  );
  let files: string[];
  try {
    const watched = watchedSuite(suite, (done) => progress.at(done, suite.cases));
    files = await writeSuiteFiles(out, suiteFiles(watched, format), interrupt.signal);
  } finally {
    progress.end();
  }
  const { guarantee, cases, steps } = suite;
  const [first] = files;
  const where =
    files.length === 1 ? `${first}` : `${files.length} files, the first of them ${first}`;
  output.tell(
    `${criterion}: ${cases} ${cases === 1 ? 'case' : 'cases'} with ${steps} inputs, written to ${where}\nThis suite ${guarantee}.`,
    { criterion, guarantee, seed: suite.seed, answers, format, cases, steps, files },
  );
  return exitCodes.ok.code;
}
