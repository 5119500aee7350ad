import type { Command } from 'commander';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes } from './exit-codes.js';
import { type Interrupt, Interrupts } from './interrupts.js';
import type { Output } from './output.js';

const examples = `
Examples:
  ixgate inspector
  ixgate inspector --record today.jsonl
  ixgate inspector --listen http://127.0.0.1:0 --json

Apps send what their actors do with createInspector of ixgate/inspector, or with createWebSocketInspector of @statelyai/inspect; the command
prints the line to paste. Programs read the apps, their actors and states at /stately.json. Nothing leaves this machine. Ctrl-C ends it.

`;

interface InspectorFlags {
  readonly listen: string;
  readonly token?: string;
  readonly record?: string;
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
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (flags: InspectorFlags) => {
      outcome.code = await inspector(flags, output);
    });
}

async function inspector({ listen, token, record }: InspectorFlags, output: Output) {
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
  const { url, appUrl, pageUrl } = server;
  const recorded = record === undefined ? [] : [`recording to ${record}`];
  const text = [
    `inspector on ${url}; apps and states: ${url}/stately.json`,
    ...recorded,
    'paste into your app:',
    "  import { createInspector } from 'ixgate/inspector';",
    `  const { inspect } = createInspector({ url: '${appUrl}' });`,
    '  createActor(machine, { inspect }).start();',
    'with @statelyai/inspect:',
    `  const { inspect } = createWebSocketInspector({ url: '${appUrl}', serializationDepthLimit: 100 });`,
    'pages need the token, and a loopback origin such as http://localhost:5173:',
    `  ${pageUrl}`,
  ];
  output.tell(text.join('\n'), { event: 'listening', url, appUrl, pageUrl, record });
  await interrupted;
  // A signal is the normal end.
  return code;
}
