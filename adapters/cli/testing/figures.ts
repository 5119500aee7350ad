import { type Command, Option } from 'commander';
import type { FigureId } from '../../../machines/registration/chart/registration.js';
import { type Figure, figures } from '../../../machines/registration/figures/figures.js';
import { figureToMermaid } from '../../../machines/registration/figures/mermaid.js';
import {
  type FigureClient,
  type FigureRun,
  figureClientFrom,
} from '../../../machines/registration/figures/play.js';
import { abridged } from '../../../machines/text/format.js';
import {
  type BuiltInTarget,
  builtInTargets,
  ownTimeouts,
  renderFigure,
  renderRun,
  runFigures,
} from '../../tester/index.js';
import {
  addTlsOptions,
  durationOption,
  jsonObject,
  type TlsFlags,
  tlsOptions,
} from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes, UsageError } from '../exit-codes.js';
import { type Output, rounded } from '../output.js';
import {
  addProtocolOptions,
  isForProtocol,
  type ProtocolFlags,
} from '../protocols/protocol-options.js';

const ids = figures.map(({ id }) => id);

const runExamples = `
Examples:
  ixgate figures run
  ixgate figures run 2a 2c --on chart,tcp
  ixgate figures run --against tcp://127.0.0.1:7004
  ixgate figures run --against tcp://127.0.0.1:1883 --protocol mqtt-connect
  ixgate figures run --against tls://gate:7006 --tls-ca ca.pem --rejection-timeout 5s --invalid '{"clientName":"unknown","clientType":"AgentApplication"}'

The started servers have a registration timeout of ${ownTimeouts.registrationTimeout} ms and a rejection timeout of ${ownTimeouts.rejectionTimeout} ms.

`;

/** The options of `figures run` that any protocol has. */
const ofProtocols = [
  ...['against', 'responseTimeout', 'tlsCa', 'tlsCert', 'tlsKey', 'insecure', 'json'],
];

/** `ixgate figures`: lists, shows and plays the documented figures. */
export function addFigures(command: Command, context: CommandContext): void {
  const { output, outcome } = context;
  command.addHelpText(
    'after',
    `\nExamples:\n  ixgate figures list\n  ixgate figures show 2c --mermaid\n  ixgate figures run\n\n${exitCodeHelp()}`,
  );

  addProtocolOptions(command.command('list'), false)
    .description('list the figures')
    .option('--json', 'write JSON')
    .addHelpText('after', `\nExamples:\n  ixgate figures list --json\n\n${exitCodeHelp()}`)
    .action(async (flags: ProtocolFlags, own: Command) => {
      if (!isForProtocol(own, ['json'])) return list(output);
      await (await import('../protocols/figures.js')).listProtocolFigures(flags, context);
    });

  addProtocolOptions(command.command('show'), false)
    .description('show one figure')
    .argument('<id>', ids.join(', '))
    .option('--mermaid', 'as a Mermaid sequence diagram')
    .option('--json', 'write JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  ixgate figures show 2a\n  ixgate figures show 2c --mermaid\n\n${exitCodeHelp()}`,
    )
    .action(async (id: string, flags: { mermaid?: boolean } & ProtocolFlags, own: Command) => {
      if (!isForProtocol(own, ['mermaid', 'json'])) return show(figureOf(id), flags, output);
      await (await import('../protocols/figures.js')).showProtocolFigure(id, flags, context);
    });

  addTlsOptions(
    addProtocolOptions(command.command('run'), true)
      .description('play figures and compare the observed arrows with the drawn ones')
      .argument('[id...]', `${ids.join(', ')} (default all)`)
      .addOption(
        new Option(
          '--on <targets>',
          `targets, separated by commas: ${builtInTargets.join(', ')} (default all, or none with --against)`,
        ).argParser(targetsFrom),
      )
      .option('--against <endpoint>', 'live server to test: tcp, tls, ws or wss')
      .addOption(clientOption('--valid <json>', 'client that the live server accepts'))
      .addOption(
        clientOption(
          '--invalid <json>',
          'client that the live server refuses (default one without a name)',
        ),
      )
      .addOption(
        durationOption(
          '--registration-timeout <duration>',
          'registration timeout of the live server (1ms to 24d; default unknown)',
        ),
      )
      .addOption(
        durationOption(
          '--rejection-timeout <duration>',
          'rejection timeout of the live server, checked when given (1ms to 24d; default any)',
        ),
      )
      .addOption(
        durationOption(
          '--response-timeout <duration>',
          'maximum wait for an answer or a disconnect (1ms to 24d)',
        ).default(30_000, '30s'),
      ),
  )
    .option('--json', 'write JSON: one object for each run')
    .addHelpText('after', `${runExamples}${exitCodeHelp()}`)
    .action(async (given: string[], flags: RunFlags & ProtocolFlags, own: Command) => {
      if (isForProtocol(own, ofProtocols)) {
        const { runProtocolFigures } = await import('../protocols/figures.js');
        outcome.code = await runProtocolFigures(given, flags, context);
        return;
      }
      outcome.code = await run(
        given.map((id) => figureOf(id).id),
        flags,
        output,
      );
    });
}

interface RunFlags extends TlsFlags {
  readonly on?: readonly BuiltInTarget[];
  readonly against?: string;
  readonly valid?: FigureClient;
  readonly invalid?: FigureClient;
  readonly registrationTimeout?: number;
  readonly rejectionTimeout?: number;
  readonly responseTimeout: number;
}

function list(output: Output): void {
  const text = figures.map(({ id, title }) => `${output.paint.bold(id.padEnd(3))} ${title}`);
  output.tell(text.join('\n'), {
    figures: figures.map(({ id, title, source }) => ({ id, title, source })),
  });
}

function show(figure: Figure, { mermaid }: { mermaid?: boolean }, output: Output): void {
  const drawn = mermaid ? figureToMermaid(figure) : renderFigure(figure, output.paint);
  output.tell(drawn.trimEnd(), mermaid ? { id: figure.id, mermaid: drawn } : figure);
}

async function run(chosen: FigureId[], flags: RunFlags, output: Output): Promise<number> {
  const { on, against, valid, invalid, registrationTimeout, rejectionTimeout, responseTimeout } =
    flags;
  const runs = await runFigures({
    figures: chosen.length > 0 ? chosen : undefined,
    targets: on,
    against,
    tls: await tlsOptions(flags),
    ...(valid && { valid }),
    ...(invalid && { invalid }),
    registrationTimeout,
    rejectionTimeout,
    responseTimeout,
    onResult: (one) => output.tell(renderRun(one, output.paint), summary(one)),
  });
  const passed = runs.filter((one) => one.passed).length;
  if (!output.json) {
    const text = `${passed} of ${runs.length} passed`;
    output.tell(passed === runs.length ? output.paint.green(text) : output.paint.red(text), null);
  }
  return passed === runs.length ? exitCodes.ok.code : exitCodes.failed.code;
}

function summary({ figure, target, passed, elapsed, timeout, difference, seen }: FigureRun) {
  return {
    figure: figure.id,
    target,
    passed,
    elapsedMs: rounded(elapsed),
    timeoutMs: timeout === null ? null : rounded(timeout),
    difference,
    seen,
  };
}

function figureOf(id: string): Figure {
  const found = figures.find((figure) => figure.id === id);
  if (found) return found;
  throw new UsageError(`unknown figure ${JSON.stringify(id)}; allowed: ${ids.join(', ')}`);
}

function targetsFrom(text: string): BuiltInTarget[] {
  return text.split(',').map((name) => {
    const target = builtInTargets.find((known) => known === name.trim());
    if (target) return target;
    throw new UsageError(
      `--on has ${JSON.stringify(name)}; allowed: ${builtInTargets.join(', ')}, separated by commas`,
    );
  });
}

/** An option for a client: the attributes of RequestRegisterClient. */
export function clientOption(flags: string, description: string): Option {
  const name = flags.replace(/ .*/, '');
  return new Option(flags, description).argParser((text: string): FigureClient => {
    const given = jsonObject(text, name);
    const client = figureClientFrom({ ...given, clientType: given.clientType ?? undefined });
    if (client) return client;
    throw new UsageError(
      `${name} is ${abridged(text)}; allowed: an object such as {"clientName":"desk-1","clientType":"AgentApplication"}`,
    );
  });
}
