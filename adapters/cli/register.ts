import type { Command } from 'commander';
import { duration, visible } from '../../machines/text/format.js';
import type { GateClient, Registration } from '../client/index.js';
import { addClientOptions, type ClientFlags, clientOptions } from './client-options.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes, InterruptedError } from './exit-codes.js';
import { Interrupts } from './interrupts.js';
import { type Output, rounded } from './output.js';

const examples = `
Examples:
  ixgate register tcp://127.0.0.1:7004 --name desk-1 --type AgentApplication
  ixgate register tcp://127.0.0.1:7004 --name chat-1 --type MediaServer --media-type chat --extension event_properties_changed=1
  ixgate register tls://one:7006 tls://two:7006 --name desk-1 --type AgentApplication --tls-ca ca.pem --stay
  ixgate register tcp://127.0.0.1:7004 --name desk-1 --type AgentApplication --json

Several endpoints are tried in turn (warm standby).

`;

interface RegisterFlags extends ClientFlags {
  readonly stay?: boolean;
}

/** `ixgate register`: connects, registers, and prints the answer. */
export function addRegister(command: Command, { output, outcome }: CommandContext): void {
  command.argument('<endpoint...>', 'where the server listens: tcp, tls, ws or wss');
  addClientOptions(command)
    .option(
      '--stay',
      'stay registered, reconnect after a lost connection, and print events until Ctrl-C',
    )
    .option('--json', 'write JSON: one object, or with --stay one a line')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (endpoints: string[], flags: RegisterFlags) => {
      outcome.code = await register(endpoints, flags, output);
    });
}

async function register(
  endpoints: readonly string[],
  flags: RegisterFlags,
  output: Output,
): Promise<number> {
  const controller = new AbortController();
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    controller.abort(new InterruptedError(signal)),
  );
  const { createClient } = await import('../client/index.js');
  await using client = createClient({
    ...(await clientOptions(endpoints, flags)),
    signal: controller.signal,
    ...(!flags.stay && { reconnect: false }),
  });
  const stopped = new Promise<Error | null>((resolve) => client.once('stopped', resolve));
  if (flags.stay) narrate(client, output);
  const registration = await client.registered;
  if (!flags.stay) {
    output.tell(registeredText(registration, output), {
      outcome: 'registered',
      ...told(registration),
    });
    return exitCodes.ok.code;
  }
  const error = await stopped;
  if (error) throw error;
  // A signal is the normal end of --stay.
  return exitCodes.ok.code;
}

function registeredText({ endpoint, elapsedMs, ack }: Registration, { paint }: Output): string {
  const answer = visible(JSON.stringify(ack));
  return `${paint.green('registered')} at ${endpoint} in ${duration(elapsedMs)}: ${answer}`;
}

function told({ endpoint, referenceId, elapsedMs, ack }: Registration) {
  return { endpoint, referenceId, elapsedMs: rounded(elapsedMs), answer: ack };
}

/** Prints one line per event. */
function narrate(client: GateClient, output: Output): void {
  const { paint } = output;
  client.on('registered', (registration) =>
    output.tell(registeredText(registration, output), {
      event: 'registered',
      ...told(registration),
    }),
  );
  client.on('event', (message) =>
    output.tell(`event ${visible(JSON.stringify(message))}`, { event: 'event', message }),
  );
  client.on('disconnected', (reason, error) => {
    const detail = error ? `: ${visible(error.message)}` : '';
    output.tell(`${paint.yellow('disconnected')} ${reason}${detail}`, {
      event: 'disconnected',
      reason,
      error: error?.message ?? null,
    });
  });
  client.on('waiting', (delayMs, attempt) =>
    output.tell(paint.dim(`attempt ${attempt} in ${duration(delayMs)}`), {
      event: 'waiting',
      delayMs: rounded(delayMs),
      attempt,
    }),
  );
}
