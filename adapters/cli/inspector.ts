import type { Command } from 'commander';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes } from './exit-codes.js';
import { type Interrupt, Interrupts } from './interrupts.js';
import { openInBrowser } from './open-in-browser.js';
import type { Output } from './output.js';

const examples = `
Examples:
  ixgate inspector
  ixgate inspector --open
  ixgate inspector --record today.jsonl
  ixgate inspector --listen http://127.0.0.1:0 --json

Apps send what their actors do with createInspector of ixgate/inspector, or with @statelyai/inspect; the command prints the lines to paste. The
page shows their charts and one ladder of all actors; programs read the same at /stately.json. Nothing leaves this machine. Ctrl-C ends it.

`;

interface InspectorFlags {
  readonly listen: string;
  readonly token?: string;
  readonly record?: string;
  readonly open?: true;
}

/** `ixgate inspector`: the local inspector of apps with XState 5. */
export function addInspector(command: Command, { output, outcome }: CommandContext): void {
  command
    .option(
      '--listen <url>',
      'address to listen on; port 0 lets the system choose',
      'http://127.0.0.1:7080',
    )
    .option(
      '--token <token>',
      'token that every app and reader needs; required unless only this machine can reach the address (default a random one, for pages only)',
    )
    .option('--record <file>', 'new file for all messages, one a line, as JSON')
    .option('--open', 'open the page in the browser')
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (flags: InspectorFlags) => {
      outcome.code = await inspector(flags, output);
    });
}

async function inspector({ listen, token, record, open }: InspectorFlags, output: Output) {
  const { openInspector } = await import('../inspector/index.js');
  let code: number = exitCodes.ok.code;
  let interrupt: (signal: Interrupt) => void = () => {};
  const interrupted = new Promise<Interrupt>((resolve) => {
    interrupt = resolve;
  });
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, interrupt);
  const onProblem = (error: Error) => {
    code = output.fail(error);
  };
  await using server = await openInspector({ listen, token, record, onProblem });
  const { url, pageUrl, appUrl, browserAppUrl, browserInspectorUrl } = server;
  const recorded = record === undefined ? [] : [`recording to ${record}`];
  const text = [
    `inspector: open ${pageUrl}`,
    ...recorded,
    'paste into your app:',
    "  import { createInspector } from 'ixgate/inspector';",
    `  const { inspect } = createInspector({ url: '${appUrl}' });`,
    '  createActor(machine, { inspect }).start();',
    'with @statelyai/inspect:',
    `  const { inspect } = createWebSocketInspector({ url: '${appUrl}', serializationDepthLimit: 100 });`,
    'in pages, which need a loopback origin such as http://localhost:5173, one of:',
    `  createInspector({ url: '${browserAppUrl}' })`,
    `  createBrowserInspector({ url: '${browserInspectorUrl}', serializationDepthLimit: 100 })`,
  ];
  const addresses = { url, pageUrl, appUrl, browserAppUrl, browserInspectorUrl };
  output.tell(text.join('\n'), { event: 'listening', ...addresses, record });
  if (open && !(await openInBrowser(pageUrl, output.io.env))) {
    output.tell(`no browser could be started; open ${pageUrl}`, { event: 'no-browser', pageUrl });
  }
  await interrupted;
  // A signal is the normal end.
  return code;
}
