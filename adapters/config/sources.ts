/** The places an option can come from, each read into the shape that the schema checks. */
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readRegular } from '../files/regular-file.js';
import { type KeyPath, parseStructured } from '../files/structured-file.js';
import { editDistance } from '../runtime/nearest.js';
import { ConfigError } from './errors.js';
import type { OptionRow } from './option-row.js';
import { flagOf, type ServeKey, serveKeys, serveOptions, variableOf } from './options.js';

/** One place with all that it says. */
export interface Source {
  readonly from: 'flag' | 'environment' | 'file' | 'default';
  /** Not checked yet; of a file it may be anything. */
  readonly values: unknown;
  /** Where a value stands, fit for the start of an error text: `--listen`, `IXGATE_LISTEN`, `ixgate.config.yaml:3`. */
  place(keyPath: KeyPath): string;
  /** Folder that relative paths start from. */
  readonly folder: string;
}

/** What the parser of the command line gives, by key: text, a switch, or the texts of an option that repeats. */
export type Flags = Readonly<Partial<Record<ServeKey, string | boolean | readonly string[]>>>;

/** What the command line says. */
export function flagSource(flags: Flags, folder: string): Source {
  const place = (keyPath: KeyPath) => flagOf(keyPath[0] as ServeKey);
  return { from: 'flag', folder, place, values: fromTexts((key) => flags[key], flagOf) };
}

/** The variable that names the configuration file. */
export const configVariable = 'IXGATE_CONFIG';

/**
 * What the environment says. An empty variable is as good as none.
 * @throws {ConfigError} for a variable whose name is nearly one of ours. Others may have the prefix: beside a service called
 *   ixgate Kubernetes sets IXGATE_PORT and more.
 */
export function environmentSource(env: NodeJS.ProcessEnv, folder: string): Source {
  const known = [...serveKeys.map(variableOf), configVariable];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('IXGATE_') || known.includes(name)) continue;
    const near = known.find((candidate) => editDistance(candidate, name) <= 2);
    if (near) throw new ConfigError(`${name} is no known variable. Did you mean ${near}?`);
  }
  const place = (keyPath: KeyPath) => variableOf(keyPath[0] as ServeKey);
  const values = fromTexts((key) => env[variableOf(key)] || undefined, variableOf);
  return { from: 'environment', folder, place, values };
}

/** The names a configuration file in the working directory may have. */
export const configNames = ['ixgate.config.json', 'ixgate.config.yaml', 'ixgate.config.yml'];

/**
 * What the configuration file says: the one that is named, else the one in the folder, else null. `path` is absolute.
 * @throws {FileError} when it cannot be read; {ConfigError} when several lie there.
 */
export async function fileSource(
  folder: string,
  named: string | undefined,
): Promise<(Source & { readonly named: string; readonly path: string }) | null> {
  const path = named ?? (await findConfig(folder));
  if (path === null) return null;
  const file = parseStructured(path, (await readRegular(path, folder)).toString());
  const absolute = resolve(folder, path);
  return {
    from: 'file',
    named: path,
    path: absolute,
    folder: dirname(absolute),
    values: file.value,
    place(keyPath) {
      const line = file.lineOf(keyPath);
      return line === null ? path : `${path}:${line}`;
    },
  };
}

async function findConfig(folder: string): Promise<string | null> {
  const there: string[] = [];
  for (const name of configNames) {
    const found = await access(resolve(folder, name)).then(
      () => true,
      () => false,
    );
    if (found) there.push(name);
  }
  if (there.length > 1) {
    throw new ConfigError(`there are ${there.join(' and ')}; keep one, or name one with --config`);
  }
  return there[0] ?? null;
}

/** What holds where nothing else is said. */
export const defaultSource: Source = {
  from: 'default',
  folder: '',
  place: () => 'default',
  values: Object.fromEntries(
    serveKeys
      .map((key) => [key, (serveOptions[key] as OptionRow).default] as const)
      .filter(([, value]) => value !== null),
  ),
};

type Text = string | boolean | readonly string[] | undefined;

/** Turns texts into what would stand in the file: lists at commas, true and false, names with numbers. */
function fromTexts(
  textOf: (key: ServeKey) => Text,
  placeOf: (key: ServeKey) => string,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of serveKeys) {
    const text = textOf(key);
    if (text !== undefined) values[key] = fromText(serveOptions[key], text, placeOf(key));
  }
  return values;
}

function fromText(row: OptionRow, text: Exclude<Text, undefined>, place: string): unknown {
  switch (row.kind) {
    case 'list':
      return items(text);
    case 'switch':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'numbers':
      return Object.fromEntries(items(text).map((item) => named(item, place)));
    default:
      return text;
  }
}

function items(text: Exclude<Text, undefined>): string[] {
  if (typeof text === 'object') return [...text];
  return String(text)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function named(item: string, place: string): [string, unknown] {
  const [, name, number] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(item) ?? [];
  if (name === undefined || number === undefined) {
    throw new ConfigError(
      `${place}: ${JSON.stringify(item)} is no name=number, e.g. invalid-client=102`,
    );
  }
  return [name, /^-?\d+$/.test(number) ? Number(number) : number];
}
