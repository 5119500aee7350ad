import { resolve } from 'node:path';
import type { DirectoryOptions } from '../directory/options.js';
import { shownStore } from '../directory/store-url.js';
import { hostOf, isLoopback } from '../net/hosts.js';
import { formatEndpoint } from '../net/transports/endpoint.js';
import type { TlsFiles } from '../net/transports/transport.js';
import { IxgateError } from '../runtime/errors.js';
import { withoutPassword } from '../runtime/without-password.js';
import { addressOf } from '../web/address.js';
import { loadToken } from './admin-token.js';
import { checkSource } from './check-source.js';
import { directoryOptions } from './directory-options.js';
import { ConfigError } from './errors.js';
import { loadDirectory } from './load-directory.js';
import { fileOfSecret } from './option-file.js';
import type { OptionRow } from './option-row.js';
import { type ServeKey, type ServeValues, serveKeys, serveOptions } from './options.js';
import {
  configVariable,
  controlSource,
  defaultSource,
  environmentSource,
  type Flags,
  fileSource,
  flagSource,
  type Source,
} from './sources.js';
import { inspectTls } from './tls-files.js';

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

/** An option with the source of its value. */
export interface Effective {
  readonly key: ServeKey;
  /** The value as written; null when the option is not set. Passwords and tokens are masked. */
  readonly value: unknown;
  /** `default`, `ctl`, `--listen`, `IXGATE_LISTEN`, `ixgate.config.yaml:3`. */
  readonly from: string;
  /** The column in that line of the file, from 1; null for values that are not in a file. */
  readonly column: number | null;
}

/** The options for people and programs: a value of the file has its line and column. */
export function shownOptions(
  effective: readonly Effective[],
): { readonly key: string; readonly value: unknown; readonly from: string }[] {
  return effective.map(({ key, value, from, column }) => ({
    key,
    value,
    from: column === null ? from : `${from}:${column}`,
  }));
}

export interface LoadedConfig {
  readonly config: ServeConfig;
  /** The contents of the PEM files. */
  readonly tls: TlsFiles | undefined;
  /** The path of the configuration file, as given or found; null without a file. */
  readonly file: string | null;
  /** Absolute paths of the files to watch: the configuration file, the PEM files, the list of clients. */
  readonly files: readonly string[];
  /** The absolute path of the file with the token; undefined when the token is not in a file. */
  readonly tokenFile: string | undefined;
  /** The store of names that is shared with other gates; null without one. */
  readonly directory: DirectoryOptions | null;
  /** Every option, in the order of the help. */
  readonly effective: readonly Effective[];
}

export interface ConfigInput {
  readonly flags?: Flags | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The working directory: searched for the file, and base of relative paths in flags and variables. */
  readonly folder: string;
  /** Options that live control has set, by key: as in the configuration file, or as the text of a flag. They override flags. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
  /** The path of a configuration file that must exist. */
  readonly configFile?: string | undefined;
  /** Called with `files` as soon as they are known, also if the configuration turns out unusable because one of them is missing. */
  readonly onFiles?: ((files: readonly string[]) => void) | undefined;
}

/** A configuration with everything that is wrong with it. */
export interface InspectedConfig extends LoadedConfig {
  /** {ConfigError} and {FileError}; an option with an invalid value has the value of the next source. */
  readonly problems: readonly IxgateError[];
}

/**
 * Loads the configuration. Settings of live control override flags, flags override variables, variables override the file, the file
 * overrides defaults; lists are not merged.
 * Every source is checked, also values that are overridden.
 * @throws {ConfigError} or {FileError} with the source, the key, the value and the allowed values.
 */
export async function loadConfig(input: ConfigInput): Promise<LoadedConfig> {
  const { problems, ...loaded } = await inspectConfig(input);
  const [first] = problems;
  if (first) throw first;
  return loaded;
}

/** Loads the configuration as `loadConfig` does, and finds everything that is wrong with it. */
export async function inspectConfig(input: ConfigInput): Promise<InspectedConfig> {
  const { flags = {}, env = {}, folder, configFile, overrides = {} } = input;
  const problems: IxgateError[] = [];
  /** Adds what an action throws to the problems. */
  const tried = async <Value>(action: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof IxgateError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const named = configFile ?? (env[configVariable] || undefined);
  const file = await tried(() => fileSource(folder, named));
  const sources = [
    controlSource(overrides, folder),
    flagSource(flags, folder),
    environmentSource(env, folder),
    file ?? null,
    defaultSource,
  ].filter((source) => source !== null);
  const checked = sources.map((source) => ({ source, ...checkSource(source) }));
  problems.push(...checked.flatMap((one) => one.problems));
  const merged: Record<string, unknown> = {};
  const effective: Effective[] = [];
  for (const key of serveKeys) {
    const found = checked.find(({ values }) => values[key] !== undefined);
    if (found) merged[key] = anchored(key, found.values[key], found.source);
    effective.push({
      key,
      value: found ? shown(key, found.source) : null,
      from: found ? found.source.place([key]) : 'default',
      column: found ? found.source.columnOf([key]) : null,
    });
  }
  const config = merged as unknown as ServeConfig;
  const placeOf = (key: ServeKey) => effective.find((one) => one.key === key)?.from ?? 'default';
  const files = [file?.path, config.tlsCert, config.tlsKey, config.tlsCa, config.clients].filter(
    (path) => path !== undefined,
  );
  if (problems.length === 0) input.onFiles?.(files);
  const unknown = new Set<unknown>([
    ...checked.flatMap(({ invalid }) => invalid),
    ...(file === undefined ? serveKeys : []),
  ]);
  problems.push(...contradictions(config, placeOf, unknown));
  const written = config.adminToken;
  const adminToken = await tried(() => loadToken(written, placeOf('adminToken')));
  const directory = (await tried(() => loadDirectory(config, placeOf))) ?? null;
  const { tls, problems: tlsProblems } = await inspectTls(config, placeOf);
  problems.push(...tlsProblems);
  return {
    // Without its file the token is unknown; the name of the file must never be sent as the token.
    config: { ...config, adminToken },
    tokenFile: fileOfSecret(written),
    directory,
    effective,
    tls,
    file: file?.named ?? null,
    files,
    problems,
  };
}

/** Resolves a path against the folder of its source. */
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
  if (key === 'directory') return shownStore(value);
  return key === 'validator' ? withoutPassword(String(value)) : value;
}

/** What is wrong with options together: the options, that with the mistake first, and the end of the message. */
type Contradiction = readonly [keys: readonly [ServeKey, ...ServeKey[]], text: string];

/** @param unknown options whose values are invalid: nothing is said about the values that stand in for them */
function contradictions(
  config: ServeConfig,
  placeOf: (key: ServeKey) => string,
  unknown: ReadonlySet<unknown>,
): ConfigError[] {
  return [...allContradictions(config, placeOf)]
    .filter(([keys]) => !keys.some((key) => unknown.has(key)))
    .map(([[key], text]) => new ConfigError(`${placeOf(key)}: ${text}`));
}

/** Checks options against each other. */
function* allContradictions(
  config: ServeConfig,
  placeOf: (key: ServeKey) => string,
): Generator<Contradiction> {
  const { listen, admin, adminToken, adminPublicUrl } = config;
  const { tlsCert, tlsKey, tlsCa, certificateName } = config;
  if (config.logFile === undefined) {
    const idle = (['logSize', 'logAge', 'logKeep'] as const).find(
      (key) => placeOf(key) !== 'default',
    );
    if (idle) {
      yield [
        [idle, 'logFile'],
        `${idle} needs logFile, or there is no file to rotate (--log-file FILE)`,
      ];
    }
  }
  if (config.logFile !== undefined && config.logFile === config.auditFile) {
    yield [['auditFile', 'logFile'], 'auditFile is the same file as logFile; choose another file'];
  }
  if (config.directory === undefined) {
    const idle = Object.keys(directoryOptions).find(
      (key) => placeOf(key as ServeKey) !== 'default',
    ) as ServeKey | undefined;
    if (idle) {
      yield [
        [idle, 'directory'],
        `${idle} needs directory, the store that gates share (--directory redis://HOST:PORT)`,
      ];
    }
  }
  if (config.penaltyMax < config.penaltyMin) {
    yield [
      ['penaltyMax', 'penaltyMin'],
      `penaltyMax is ${config.penaltyMax} ms, below penaltyMin (${config.penaltyMin} ms, ${placeOf('penaltyMin')}); allowed: penaltyMin or more`,
    ];
  }
  if (admin !== null && !adminToken && !isLoopback(addressOf(admin).host)) {
    yield [
      ['admin', 'adminToken'],
      `admin is ${admin}, which other machines can reach; that needs adminToken (--admin-token TOKEN or --admin-token @FILE)`,
    ];
  }
  const needAdmin = ['adminPublicUrl', 'adminTrustProxy', 'allowInject', 'inspector'] as const;
  const withoutAdmin = admin === null ? needAdmin.find((key) => config[key]) : undefined;
  if (withoutAdmin) {
    yield [
      [withoutAdmin, 'admin'],
      `${withoutAdmin} needs admin, where viewers connect (--admin http://127.0.0.1:7080)`,
    ];
  }
  if (adminPublicUrl && !adminToken && !isLoopback(hostOf(new URL(adminPublicUrl).host) ?? '')) {
    yield [
      ['adminPublicUrl', 'adminToken'],
      `adminPublicUrl is ${adminPublicUrl}, which other machines can reach; that needs adminToken (--admin-token TOKEN or --admin-token @FILE)`,
    ];
  }
  if (config.proxyProtocol === 'required' && !config.trustProxy?.length) {
    yield [
      ['proxyProtocol', 'trustProxy'],
      'proxyProtocol is required, which needs trustProxy, or no connection is accepted (--trust-proxy ADDRESS)',
    ];
  }
  const secure = listen.find(({ scheme }) => scheme === 'tls' || scheme === 'wss');
  if (secure && !(tlsCert && tlsKey)) {
    yield [
      ['listen', 'tlsCert', 'tlsKey'],
      `listen has ${formatEndpoint(secure)}, which needs tlsCert and tlsKey (--tls-cert FILE --tls-key FILE)`,
    ];
  }
  if (tlsCert && !tlsKey) yield [['tlsCert', 'tlsKey'], 'tlsCert needs tlsKey too'];
  if (tlsKey && !tlsCert) yield [['tlsKey', 'tlsCert'], 'tlsKey needs tlsCert too'];
  if (certificateName && !tlsCa) {
    yield [
      ['certificateName', 'tlsCa'],
      'certificateName needs tlsCa, or clients are not asked for a certificate (--tls-ca FILE)',
    ];
  }
}
