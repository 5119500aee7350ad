import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { isWireMessage, type WireMessage } from '../../machines/registration/chart/messages.js';
import { abridged, duration, visible } from '../../machines/text/format.js';
import { RequestRefusedError } from '../client/errors.js';
import type { GateClient } from '../client/index.js';
import { addClientOptions, type ClientFlags, clientOptions, jsonObject } from './client-options.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes, InterruptedError, UsageError } from './exit-codes.js';
import { Interrupts } from './interrupts.js';
import { type Output, rounded } from './output.js';

const examples = `
Examples:
  ixgate send tcp://127.0.0.1:7004 --name desk-1 --type AgentApplication '{"messageName":"RequestAgentLogin"}'
  printf '%s\\n' '{"messageName":"RequestAgentLogin"}' '{"messageName":"RequestAgentLogout"}' |
    ixgate send tcp://127.0.0.1:7004 --name desk-1 --type AgentApplication -

Without a message, or with -, each line of standard input is one; the next is sent when the one before is answered. A
message gets a referenceId if it has none. The gate of ixgate serve answers every request with EventAck (--answer).

`;

/** `ixgate send`: registers, sends messages, and prints the answers. */
export function addSend(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('<endpoint>', 'where the server listens: tcp, tls, ws or wss')
    .argument('[message]', 'a JSON object with a messageName, or - for standard input');
  addClientOptions(command)
    .option('--json', 'write JSON: one object an answer')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (endpoint: string, message: string | undefined, flags: ClientFlags) => {
      outcome.code = await send(endpoint, message ?? '-', flags, output);
    });
}

async function send(
  endpoint: string,
  given: string,
  flags: ClientFlags,
  output: Output,
): Promise<number> {
  const first = given === '-' ? null : messageFrom(given, 'the message');
  if (!first && output.io.stdin.isTTY) {
    throw new UsageError('message missing: pass it as an argument or on standard input');
  }
  const controller = new AbortController();
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    controller.abort(new InterruptedError(signal)),
  );
  const { signal } = controller;
  const { createClient } = await import('../client/index.js');
  await using client = createClient({
    ...(await clientOptions([endpoint], flags)),
    signal,
    reconnect: false,
  });
  await client.registered;
  if (first) return await exchange(client, first, output);
  let worst: number = exitCodes.ok.code;
  let line = 0;
  // Closing the interface releases standard input, which would keep the process alive.
  const lines = createInterface({ input: output.io.stdin, signal });
  try {
    for await (const text of lines) {
      line += 1;
      if (text.trim() === '') continue;
      const code = await exchange(client, messageFrom(text, `line ${line}`), output);
      worst = Math.max(worst, code);
    }
    signal.throwIfAborted();
  } finally {
    lines.close();
    output.io.stdin.destroy();
  }
  return worst;
}

/** @throws {UsageError} */
function messageFrom(text: string, what: string): WireMessage {
  const value = jsonObject(text, what);
  if (isWireMessage(value)) return value;
  throw new UsageError(
    `${what} is ${abridged(value)}; allowed: an object with a messageName such as {"messageName":"RequestAgentLogin"}`,
  );
}

/** A refusal is an answer too: it is printed, and the exit code is that of a refusal. */
async function exchange(client: GateClient, message: WireMessage, output: Output): Promise<number> {
  const start = performance.now();
  let answer: WireMessage;
  let code: number = exitCodes.ok.code;
  try {
    answer = await client.request(message);
  } catch (error) {
    if (!(error instanceof RequestRefusedError)) throw error;
    answer = error.reply;
    code = exitCodes.refused.code;
  }
  const elapsedMs = performance.now() - start;
  const text = `${visible(JSON.stringify(answer))}  ${output.paint.dim(duration(elapsedMs))}`;
  output.tell(text, { answer, elapsedMs: rounded(elapsedMs) });
  return code;
}
