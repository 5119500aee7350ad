/** The sources of options, each read into the shape that the schema checks. */
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { KeyPath } from '../files/json-positions.js';
import { readRegular } from '../files/regular-file.js';
import { parseStructured } from '../files/structured-file.js';
import { editDistance } from '../runtime/nearest.js';
import { configNames } from './config-names.js';
import { ConfigError } from './errors.js';
import type { OptionRow } from './option-row.js';
import { flagOf, type ServeKey, serveKeys, serveOptions, variableOf } from './options.js';

/** One source with all its values. */
export interface Source {
  readonly from: 'ctl' | 'flag' | 'environment' | 'file' | 'default';
  /** Unchecked; the content of a file may be anything. */
  readonly values: unknown;
  /** The position of a value for the start of an error message: `--listen`, `IXGATE_LISTEN`, `ixgate.config.yaml:3`. */
  place(keyPath: KeyPath): string;
  /** The column of a value in the line of its place; null outside of files. */
  columnOf(keyPath: KeyPath): number | null;
  /** Base folder of relative paths. */
  readonly folder: string;
  /** What is wrong with the texts that have no value because of it. */
  readonly problems: readonly ConfigError[];
}

/** The parsed command line by key: text, a switch, or the texts of a repeated option. */
export type Flags = Readonly<Partial<Record<ServeKey, string | boolean | readonly string[]>>>;

/** Outside of files there are no columns. */
const columnOf = () => null;

/** The options of the command line. */
export function flagSource(flags: Flags, folder: string): Source {
  const place = (keyPath: KeyPath) => flagOf(keyPath[0] as ServeKey);
  return { from: 'flag', folder, place, columnOf, ...fromTexts((key) => flags[key], flagOf) };
}

/** The options that live control has set. A text is read like that of a flag. */
export function controlSource(
  overrides: Readonly<Record<string, unknown>>,
  folder: string,
): Source {
  const values = Object.fromEntries(
    Object.entries(overrides).map(([key, value]) => {
      const row = Object.hasOwn(serveOptions, key) ? serveOptions[key as ServeKey] : undefined;
      return [key, row && typeof value === 'string' ? fromText(row, value, 'ctl') : value];
    }),
  );
  return { from: 'ctl', folder, place: () => 'ctl', columnOf, values, problems: [] };
}

/** The variable that names the configuration file. */
export const configVariable = 'IXGATE_CONFIG';

/**
 * The options of the environment. Empty variables are ignored. A variable whose name is similar to a known one is a problem. Other
 * variables may have the prefix: for a service called ixgate, Kubernetes sets IXGATE_PORT and more.
 */
export function environmentSource(env: NodeJS.ProcessEnv, folder: string): Source {
  const known = [...serveKeys.map(variableOf), configVariable];
  const unknown: ConfigError[] = [];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('IXGATE_') || known.includes(name)) continue;
    const near = known.find((candidate) => editDistance(candidate, name) <= 2);
    if (near) unknown.push(new ConfigError(`unknown variable ${name}. Did you mean ${near}?`));
  }
  const place = (keyPath: KeyPath) => variableOf(keyPath[0] as ServeKey);
  const { values, problems } = fromTexts((key) => env[variableOf(key)] || undefined, variableOf);
  return {
    from: 'environment',
    folder,
    place,
    columnOf,
    values,
    problems: [...unknown, ...problems],
  };
}

/**
 * The options of the configuration file: the given file, or the one in the folder, or null. `path` is absolute.
 * @throws {FileError} when it cannot be read; {ConfigError} when the folder has several.
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
    problems: [],
    columnOf: (keyPath) => file.positionOf(keyPath)?.column ?? null,
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

/** The defaults. */
export const defaultSource: Source = {
  from: 'default',
  folder: '',
  place: () => 'default',
  columnOf,
  problems: [],
  values: Object.fromEntries(
    serveKeys
      .map((key) => [key, (serveOptions[key] as OptionRow).default] as const)
      .filter(([, value]) => value !== null),
  ),
};

type Text = string | boolean | readonly string[] | undefined;

/** Converts texts to values as in the file: lists separated by commas, true and false, names with numbers. */
function fromTexts(
  textOf: (key: ServeKey) => Text,
  placeOf: (key: ServeKey) => string,
): Pick<Source, 'values' | 'problems'> {
  const values: Record<string, unknown> = {};
  const problems: ConfigError[] = [];
  for (const key of serveKeys) {
    const text = textOf(key);
    if (text === undefined) continue;
    try {
      values[key] = fromText(serveOptions[key], text, placeOf(key));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(error);
    }
  }
  return { values, problems };
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
      `${place}: invalid ${JSON.stringify(item)}: expected name=number, e.g. invalid-client=102`,
    );
  }
  return [name, /^-?\d+$/.test(number) ? Number(number) : number];
}
