import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileError } from '../../files/file-error.js';
import { namesIn, statOf } from '../../files/folder.js';
import type { LogFormat } from '../log-reader.js';
import { inputsAt, type LogInput } from './log-input.js';
import { type Recognised, recognise } from './recognise.js';
import { standardInput } from './standard-input.js';

/** A file of a folder that is not a log. */
export interface PassedOver {
  readonly file: string;
  /** The reason, to append to its name. */
  readonly reason: string;
}

export interface Listing {
  /** In the order of the paths; files of a folder by name. */
  readonly found: readonly Recognised[];
  readonly passedOver: readonly PassedOver[];
}

/**
 * Finds the logs for paths. A file that is named twice counts once.
 * @param paths files, folders of them, `-` for standard input.
 * @param stdin is read for `-`
 * @throws {FileError} for one that cannot be read or is not a log, and for a folder without any.
 */
export async function listing(
  paths: readonly string[],
  formats: readonly LogFormat[],
  stdin: NodeJS.ReadableStream = process.stdin,
): Promise<Listing> {
  const found: Recognised[] = [];
  const passedOver: PassedOver[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const key = path === '-' ? path : resolve(path);
    if (seen.has(key)) continue;
    seen.add(key);
    if (path !== '-' && (await statOf(path)).isDirectory()) {
      const inFolder = await logsIn(path, formats, seen);
      found.push(...inFolder.found);
      passedOver.push(...inFolder.passedOver);
      continue;
    }
    for (const input of await inputsOf(path, stdin)) {
      const what = await recognise(input, formats);
      if (typeof what === 'string') throw new FileError(input.file, null, what);
      found.push(what);
    }
  }
  return { found, passedOver };
}

/**
 * The logs in a folder, without subfolders.
 * @param seen paths to skip; paths that were read are added.
 */
export async function logsIn(
  folder: string,
  formats: readonly LogFormat[],
  seen: Set<string>,
): Promise<Listing> {
  const found: Recognised[] = [];
  const passedOver: PassedOver[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (seen.has(resolve(path))) continue;
    const there = await stat(path).catch(() => null);
    if (!there?.isFile()) continue;
    seen.add(resolve(path));
    try {
      for (const input of await inputsAt(path)) {
        const what = await recognise(input, formats);
        if (typeof what === 'string') passedOver.push({ file: input.file, reason: what });
        else found.push(what);
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      passedOver.push({ file: path, reason: error.message.replace(`${path}: `, '') });
    }
  }
  if (found.length > 0) return { found, passedOver };
  const many = passedOver.length;
  const others = many === 0 ? 'it is empty' : `${many} other ${many === 1 ? 'file' : 'files'}`;
  const known = formats.map(({ title }) => title).join(', ');
  throw new FileError(
    folder,
    null,
    `there is no log in this folder (${others}); known are: ${known}`,
  );
}

async function inputsOf(path: string, stdin: NodeJS.ReadableStream): Promise<LogInput[]> {
  if (path === '-') return [await standardInput(stdin)];
  const there = await statOf(path);
  if (there.isFile()) {
    const inputs = await inputsAt(path);
    if (inputs.length === 0) throw new FileError(path, null, 'there is no file in this archive');
    return inputs;
  }
  throw new FileError(path, null, 'is not a file: save it to one first, or pipe it in as -');
}
