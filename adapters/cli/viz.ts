import { type Command, Option } from 'commander';
import { openPageServer, readShownFile } from '../web/index.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes, UsageError } from './exit-codes.js';
import { type Interrupt, Interrupts } from './interrupts.js';
import { missingLines, missingSteps } from './missing.js';
import type { Output } from './output.js';

const examples = `
Examples:
  ixgate viz
  ixgate viz session.jsonl
  ixgate viz monday.jsonl tuesday.jsonl --port 8080
  ixgate viz coverage.json

A recording has one step record a line, as JSON; a coverage file, which ixgate coverage --out writes, is drawn on the chart. Without
any the page has the figures and the simulator. Only this machine reaches it. Ctrl-C ends it.

`;

/** `ixgate viz`: the page without a gate. */
export function addViz(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('[file...]', 'recordings and coverage files')
    .addOption(
      new Option('--port <number>', 'port of the page, 0 to 65535; 0 lets the system choose')
        .default(0)
        .argParser(portFrom),
    )
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (paths: string[], { port }: { port: number }) => {
      outcome.code = await viz(paths, port, output);
    });
}

async function viz(paths: readonly string[], port: number, output: Output): Promise<number> {
  let interrupt: (signal: Interrupt) => void = () => {};
  const interrupted = new Promise<Interrupt>((resolve) => {
    interrupt = resolve;
  });
  const shown = await Promise.all(paths.map(readShownFile));
  const recordings = shown.filter((file) => 'steps' in file);
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, interrupt);
  await using server = await openPageServer({ port, recordings: shown });
  output.tell(`${recordings.map(missingLines).join('')}watch ${server.url}/`, {
    event: 'listening',
    url: `${server.url}/`,
    recordings: paths,
    torn: recordings.filter(({ torn }) => torn).map(({ path }) => path),
    missing: recordings.reduce((sum, recording) => sum + missingSteps(recording), 0),
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
