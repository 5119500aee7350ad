import { resolve } from 'node:path';
import * as v from 'valibot';
import { errorCodes } from '../../machines/index.js';
import { hostOf, isLoopback } from '../net/hosts.js';
import { formatEndpoint } from '../net/transports/endpoint.js';
import type { TlsFiles } from '../net/transports/transport.js';
import { withoutPassword } from '../validators/webhook.js';
import { addressOf } from '../web/address.js';
import { loadToken, tokenAllowed } from './admin-token.js';
import { ConfigError } from './errors.js';
import { problemOf } from './issues.js';
import type { OptionRow } from './option-row.js';
import {
  type ServeKey,
  type ServeValues,
  serveKeys,
  serveOptions,
  serveSchema,
} from './options.js';
import {
  configVariable,
  defaultSource,
  environmentSource,
  type Flags,
  fileSource,
  flagSource,
  type Source,
} from './sources.js';
import { loadTls } from './tls-files.js';

type Defaulted = Exclude<
  {
    [Key in ServeKey]: (typeof serveOptions)[Key]['default'] extends null ? never : Key;
  }[ServeKey],
  never
>;

/** The options in force: durations in milliseconds, sizes in bytes, paths absolute. */
export type ServeConfig = Omit<ServeValues, Defaulted> & {
  readonly [Key in Defaulted]-?: Exclude<ServeValues[Key], undefined>;
};

/** One option with where its value came from. */
export interface Effective {
  readonly key: ServeKey;
  /** As it was written; null when it is not set. Passwords and tokens are masked. */
  readonly value: unknown;
  /** `default`, `--listen`, `IXGATE_LISTEN`, `ixgate.config.yaml:3`. */
  readonly from: string;
}

export interface LoadedConfig {
  readonly config: ServeConfig;
  /** The PEM texts that the configuration names. */
  readonly tls: TlsFiles | undefined;
  /** The configuration file, as it was named or found; null when there is none. */
  readonly file: string | null;
  /** What is to be looked at again when it changes: the configuration file, the PEM files, the list of clients. Absolute. */
  readonly files: readonly string[];
  /** Every option, in the order of the help. */
  readonly effective: readonly Effective[];
}

export interface ConfigInput {
  readonly flags?: Flags | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The working directory: where the file is looked for and relative paths of flags and variables start. */
  readonly folder: string;
  /** A file that is named; it must be there. */
  readonly configFile?: string | undefined;
  /** Hears `files` as soon as they are known: also of a configuration that then cannot be used, because one of them is missing. */
  readonly onFiles?: ((files: readonly string[]) => void) | undefined;
}

/**
 * Reads the configuration. A flag goes before a variable, a variable before the file, the file before the default; a list is
 * taken whole from one place. Every place is checked, also where another goes before it.
 * @throws {ConfigError} and {FileError} naming the place, the key, the value and what is allowed.
 */
export async function loadConfig(input: ConfigInput): Promise<LoadedConfig> {
  const { flags = {}, env = {}, folder, configFile } = input;
  const file = await fileSource(folder, configFile ?? (env[configVariable] || undefined));
  const sources = [
    flagSource(flags, folder),
    environmentSource(env, folder),
    file,
    defaultSource,
  ].filter((source) => source !== null);
  const checked = sources.map((source) => ({ source, values: check(source) }));
  const merged: Record<string, unknown> = {};
  const effective: Effective[] = [];
  for (const key of serveKeys) {
    const found = checked.find(({ values }) => values[key] !== undefined);
    if (found) merged[key] = anchored(key, found.values[key], found.source);
    effective.push({
      key,
      value: found ? shown(key, found.source) : null,
      from: found ? found.source.place([key]) : 'default',
    });
  }
  const config = merged as unknown as ServeConfig;
  const placeOf = (key: ServeKey) => effective.find((one) => one.key === key)?.from ?? 'default';
  const files = [file?.path, config.tlsCert, config.tlsKey, config.tlsCa, config.clients].filter(
    (path) => path !== undefined,
  );
  input.onFiles?.(files);
  checkTogether(config, placeOf);
  const adminToken = await loadToken(config.adminToken, placeOf('adminToken'));
  const tls = await loadTls(config, placeOf);
  return {
    config: { ...config, ...(adminToken && { adminToken }) },
    effective,
    tls,
    file: file?.named ?? null,
    files,
  };
}

function check(source: Source): ServeValues {
  // To a schema an empty list is an object without keys.
  if (Array.isArray(source.values)) {
    throw new ConfigError(
      `${source.place([])}: the file is a list; allowed: an object with options`,
    );
  }
  const result = v.safeParse(serveSchema, source.values);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const nested = (issue.path ?? []).length > 1;
  const { keyPath, sentence } = problemOf(issue, nested ? Object.keys(errorCodes) : serveKeys);
  if (keyPath[0] === 'adminToken') {
    throw new ConfigError(`${source.place(keyPath)}: adminToken is ***; allowed: ${tokenAllowed}`);
  }
  const masked =
    keyPath[0] === 'validator' ||
    keyPath[0] === 'admin' ||
    keyPath[0] === 'adminPublicUrl' ||
    keyPath[0] === 'listen';
  throw new ConfigError(
    `${source.place(keyPath)}: ${masked ? sentence.replace(/\/\/[^/?#"]*@/, '//***@') : sentence}`,
  );
}

/** A path starts from where it was written. */
function anchored(key: ServeKey, value: unknown, source: Source): unknown {
  const { kind }: OptionRow = serveOptions[key];
  const text = String(value);
  if (kind === 'secret' && text.startsWith('@')) return `@${resolve(source.folder, text.slice(1))}`;
  return kind === 'path' ? resolve(source.folder, text) : value;
}

function shown(key: ServeKey, source: Source): unknown {
  const value = (source.values as Record<string, unknown>)[key];
  const { kind }: OptionRow = serveOptions[key];
  if (kind === 'secret' && !String(value).startsWith('@')) return '***';
  return key === 'validator' ? withoutPassword(String(value)) : value;
}

/** What no single option can know. */
function checkTogether(config: ServeConfig, placeOf: (key: ServeKey) => string): void {
  const { listen, admin, adminToken, adminPublicUrl } = config;
  const { tlsCert, tlsKey, tlsCa, certificateName } = config;
  if (config.penaltyMax < config.penaltyMin) {
    throw new ConfigError(
      `${placeOf('penaltyMax')}: penaltyMax is ${config.penaltyMax} ms, below penaltyMin (${config.penaltyMin} ms, ${placeOf('penaltyMin')}); allowed: penaltyMin or more`,
    );
  }
  if (admin !== null && !adminToken && !isLoopback(addressOf(admin).host)) {
    throw new ConfigError(
      `${placeOf('admin')}: admin is ${admin}, which other machines can reach; that needs adminToken (--admin-token TOKEN or --admin-token @FILE)`,
    );
  }
  const needAdmin = ['adminPublicUrl', 'adminTrustProxy', 'allowInject'] as const;
  const withoutAdmin = admin === null ? needAdmin.find((key) => config[key]) : undefined;
  if (withoutAdmin) {
    throw new ConfigError(
      `${placeOf(withoutAdmin)}: ${withoutAdmin} needs admin, where viewers connect (--admin http://127.0.0.1:7080)`,
    );
  }
  if (adminPublicUrl && !adminToken && !isLoopback(hostOf(new URL(adminPublicUrl).host) ?? '')) {
    throw new ConfigError(
      `${placeOf('adminPublicUrl')}: adminPublicUrl is ${adminPublicUrl}, which other machines can reach; that needs adminToken (--admin-token TOKEN or --admin-token @FILE)`,
    );
  }
  const secure = listen.find(({ scheme }) => scheme === 'tls' || scheme === 'wss');
  if (secure && !(tlsCert && tlsKey)) {
    throw new ConfigError(
      `${placeOf('listen')}: listen has ${formatEndpoint(secure)}, which needs tlsCert and tlsKey (--tls-cert FILE --tls-key FILE)`,
    );
  }
  if (tlsCert && !tlsKey) throw new ConfigError(`${placeOf('tlsCert')}: tlsCert needs tlsKey too`);
  if (tlsKey && !tlsCert) throw new ConfigError(`${placeOf('tlsKey')}: tlsKey needs tlsCert too`);
  if (certificateName && !tlsCa) {
    throw new ConfigError(
      `${placeOf('certificateName')}: certificateName needs tlsCa, or clients are not asked for a certificate (--tls-ca FILE)`,
    );
  }
}
