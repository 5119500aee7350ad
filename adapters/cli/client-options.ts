/** The common options of `register` and `send`: the client and its connection. */
import { type Command, Option } from 'commander';
import * as v from 'valibot';
import { type ClientType, clientTypes } from '../../machines/registration/chart/messages.js';
import { abridged } from '../../machines/text/format.js';
import type { ClientOptions } from '../client/index.js';
import { loadTls } from '../config/index.js';
import { jsonProblem } from '../files/json-problem.js';
import type { ConnectOptions } from '../net/transports/transport.js';
import { duration, durationsAllowed, InvalidValueError } from '../runtime/quantities.js';
import { isRedactName, redactNamesAllowed } from '../runtime/redact-names.js';
import { UsageError } from './exit-codes.js';

const waiting = { min: '1ms', max: '24d' };

/** As commander gives them. */
export interface ClientFlags extends TlsFlags {
  readonly name: string;
  readonly type: ClientType;
  readonly mediaType?: string;
  readonly proxyClientId?: number;
  readonly extension?: Readonly<Record<string, unknown>>;
  readonly timeout: number;
}

export interface TlsFlags {
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: boolean;
}

export function addClientOptions(command: Command): Command {
  return addTlsOptions(
    command
      .requiredOption('--name <name>', 'clientName, 1 to 255 characters')
      .addOption(
        new Option('--type <type>', 'clientType').choices(clientTypes).makeOptionMandatory(),
      )
      .option('--media-type <text>', 'mediaType')
      .addOption(
        new Option('--proxy-client-id <number>', 'proxyClientId').argParser(
          wholeNumberFrom('--proxy-client-id', -2_147_483_648, 2_147_483_647),
        ),
      )
      .addOption(
        new Option(
          '--extension <json|key=value>',
          'extension, a JSON object or one value; may be repeated',
        ).argParser(extension),
      )
      .addOption(
        durationOption(
          '--timeout <duration>',
          'timeout of the connection, and of each answer (1ms to 24d)',
        ).default(5_000, '5s'),
      ),
  );
}

export function addTlsOptions(command: Command): Command {
  return command
    .option('--tls-ca <file>', 'PEM certificates to trust')
    .option('--tls-cert <file>', 'PEM client certificate (mutual TLS)')
    .option('--tls-key <file>', 'PEM private key of --tls-cert')
    .option('--insecure', 'acceptance of server certificates that cannot be verified');
}

/** Attributes to mask besides the usual ones. */
export function redactNamesOption(): Option {
  return new Option(
    '--redact-names <name,...>',
    'words in the names of further attributes to mask; may be repeated',
  ).argParser((text: string, before: string[] | undefined) => {
    const names = text.split(/\s*,\s*/);
    if (names.every(isRedactName)) return [...(before ?? []), ...names];
    throw new UsageError(
      `--redact-names is ${JSON.stringify(text)}; allowed: ${redactNamesAllowed}`,
    );
  });
}

/** An option with a duration in milliseconds. */
export function durationOption(flags: string, about: string): Option {
  const name = flags.replace(/ .*/, '');
  return new Option(flags, about).argParser((text: string) => {
    try {
      return duration(text, waiting);
    } catch (error) {
      if (!(error instanceof InvalidValueError)) throw error;
      const hint = error.message && `; ${error.message}`;
      throw new UsageError(
        `${name} is ${JSON.stringify(text)}; allowed: ${durationsAllowed(waiting)}${hint}`,
      );
    }
  });
}

/** The client's options. @throws {UsageError} and {ConfigError} */
export async function clientOptions(
  endpoints: readonly string[],
  flags: ClientFlags,
): Promise<ClientOptions> {
  const tls = await tlsOptions(flags);
  return {
    endpoints,
    clientName: flags.name,
    clientType: flags.type,
    mediaType: flags.mediaType,
    proxyClientId: flags.proxyClientId,
    extension: flags.extension,
    connectTimeout: flags.timeout,
    replyTimeout: flags.timeout,
    requestTimeout: flags.timeout,
    ...(tls && { tls }),
  };
}

export async function tlsOptions(flags: TlsFlags): Promise<ConnectOptions['tls']> {
  const { tlsCa, tlsCert, tlsKey, insecure } = flags;
  if (!tlsCert !== !tlsKey) throw new UsageError('--tls-cert and --tls-key require each other');
  const names = { tlsCa: '--tls-ca', tlsCert: '--tls-cert', tlsKey: '--tls-key' };
  const files = await loadTls({ tlsCa, tlsCert, tlsKey }, (key) => names[key]);
  return files || insecure ? { ...files, ...(insecure && { insecure }) } : undefined;
}

/** Parses a whole number of an option. @throws {UsageError} */
export function wholeNumberFrom(name: string, min: number, max: number) {
  const written = min < 0 ? /^-?\d+$/ : /^\d+$/;
  return (text: string): number => {
    const number = written.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new UsageError(
      `${name} is ${JSON.stringify(text)}; allowed: a whole number from ${min} to ${max}`,
    );
  };
}

function extension(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  if (text.trimStart().startsWith('{')) return { ...before, ...jsonObject(text, '--extension') };
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new UsageError(
    `--extension is ${abridged(text)}; allowed: a JSON object such as '{"key":1}', or key=value`,
  );
}

const objectSchema = v.record(v.string(), v.unknown());

/** Parses a JSON object of the command line. @throws {UsageError} */
export function jsonObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${what} is invalid JSON: ${jsonProblem(cause)}`, { cause });
  }
  if (v.is(objectSchema, value) && !Array.isArray(value)) return value;
  throw new UsageError(`${what} is ${abridged(value)}; allowed: a JSON object`);
}
