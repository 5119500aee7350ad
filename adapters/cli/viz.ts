import { type Command, Option } from 'commander';
import { MachinePages, type MachinePagesOptions } from '../charts/index.js';
import { Inspection } from '../inspector/inspection.js';
import { openPageServer, type PageServerOptions, readShownFile } from '../web/index.js';
import { addMachineOptions, type MachineFlags, machineFrom } from './charts/machine-option.js';
import { addPictureOptions, type PictureFlags, writePictures } from './charts/pictures.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes, UsageError } from './exit-codes.js';
import { type Interrupt, Interrupts } from './interrupts.js';
import { missingLines, missingSteps } from './missing.js';
import type { Output } from './output.js';
import { protocolFrom } from './protocols/protocol-options.js';
import { sidesOf } from './protocols/sides.js';

const examples = `
Examples:
  ixgate viz
  ixgate viz session.jsonl
  ixgate viz monday.jsonl tuesday.jsonl --port 8080
  ixgate viz coverage.json
  ixgate viz learned.json
  ixgate viz --machine light.ts
  ixgate viz --machine light.ts --svg light.svg --png light.png
  ixgate viz --protocol mqtt-connect

A recording has one step record a line, as JSON; a coverage file, which ixgate coverage --out writes, is drawn on the chart, and a
learned machine, which ixgate learn --out writes, over its figure. Without any the page has the figures and the simulator. With
--machine the page has the chart of a machine, to walk through it, and with --protocol that of a protocol. Only this machine
reaches it. Ctrl-C ends it.

`;

interface VizFlags extends MachineFlags, PictureFlags {
  readonly port: number;
  readonly protocol?: string;
}

/** `ixgate viz`: the page without a gate. */
export function addViz(command: Command, context: CommandContext): void {
  addMachineOptions(command)
    .argument('[file...]', 'recordings, coverage files, learned machines')
    .addOption(
      new Option('--port <number>', 'port of the page, 0 to 65535; 0 lets the system choose')
        .default(0)
        .argParser(portFrom),
    )
    .option(
      '--protocol <name|file>',
      'protocol whose chart the page shows: mqtt-connect, or a file',
    );
  addPictureOptions(command, 'the chart of --machine or --protocol')
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (paths: string[], flags: VizFlags) => {
      const { output, outcome } = context;
      const { port } = flags;
      const picture = flags.svg !== undefined ? '--svg' : flags.png !== undefined ? '--png' : null;
      const loaded = await shownMachine(paths, flags, context);
      if (!loaded && picture !== null)
        throw new UsageError(`${picture} needs --machine FILE: the machine to draw`);
      if (loaded && picture !== null) outcome.code = await save(loaded, flags, output);
      else if (loaded) outcome.code = await walk({ ...loaded, input: flags.input }, port, output);
      else outcome.code = await viz(paths, port, output);
    });
}

/** The machine of `--machine` or `--protocol`; null without one. */
async function shownMachine(
  paths: readonly string[],
  { machine, protocol, input }: VizFlags,
  context: CommandContext,
): Promise<MachinePagesOptions | null> {
  if (machine === undefined && protocol === undefined) return null;
  if (machine !== undefined && protocol !== undefined)
    throw new UsageError('--machine and --protocol exclude each other; leave one out');
  const flag = machine === undefined ? '--protocol' : '--machine';
  if (paths.length > 0)
    throw new UsageError(`${flag} shows a machine, without recordings; remove ${paths[0]}`);
  if (machine !== undefined) return machineFrom(machine, context);
  if (input !== undefined) throw new UsageError('--input needs --machine FILE');
  const { live, model } = await protocolFrom({ protocol: protocol as string }, context);
  const { machine: chart, name } = live.protocol;
  return { machine: chart, name, sides: sidesOf(live.protocol, model) };
}

async function save(shown: MachinePagesOptions, flags: PictureFlags, output: Output) {
  const { name } = shown;
  const files = await writePictures(shown, flags);
  const format = flags.svg === undefined ? 'png' : 'svg';
  output.tell(`${name}, drawn in ${files.join(' and ')}`, { format, name, files });
  return exitCodes.ok.code;
}

/** Shows a machine on the page. */
async function walk(shown: MachinePagesOptions, port: number, output: Output): Promise<number> {
  const machine = new MachinePages(shown);
  return serve({ port, machine }, output, (url) => [
    `${shown.name}: watch ${url}`,
    { event: 'listening', url, machine: shown.name },
  ]);
}

async function viz(paths: readonly string[], port: number, output: Output): Promise<number> {
  const shown = await Promise.all(paths.map(readShownFile));
  const recordings = shown.filter((file) => 'steps' in file);
  return serve({ port, recordings: shown }, output, (url) => [
    `${recordings.map(missingLines).join('')}watch ${url}`,
    {
      event: 'listening',
      url,
      recordings: paths,
      torn: recordings.filter(({ torn }) => torn).map(({ path }) => path),
      missing: recordings.reduce((sum, recording) => sum + missingSteps(recording), 0),
    },
  ]);
}

/** Serves the page until a signal comes. @param told the line at the start, and the same as JSON */
async function serve(
  options: PageServerOptions,
  output: Output,
  told: (url: string) => readonly [string, object],
): Promise<number> {
  let interrupt: (signal: Interrupt) => void = () => {};
  const interrupted = new Promise<Interrupt>((resolve) => {
    interrupt = resolve;
  });
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, interrupt);
  // Apps may be inspected beside what is shown.
  const inspector = await Inspection.open();
  await using server = await openPageServer({ ...options, inspector });
  const [text, data] = told(`${server.url}/`);
  const { browserInspectorUrl } = inspector.addresses(server.url);
  output.tell(`${text}\ninspector of apps: ${browserInspectorUrl}`, {
    ...data,
    browserInspectorUrl,
  });
  await interrupted;
  // A signal is the normal end.
  return exitCodes.ok.code;
}

function portFrom(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(
    `--port is ${JSON.stringify(text)}; allowed: a whole number from 0 to 65535`,
  );
}
