/** The packages that ixgate can use, as they are installed. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface PackageFile {
  readonly name?: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const here = dirname(fileURLToPath(import.meta.url));

/** The package.json of ixgate. @throws {Error} when there is none */
export async function packageOfIxgate(): Promise<PackageFile> {
  for (const folder of parents(here)) {
    const file = await packageIn(folder);
    if (file?.name === 'ixgate') return file;
  }
  throw new Error('the package.json of ixgate is missing');
}

/** The version of a package as modules of ixgate find it; null when it is not installed. */
export async function findPackage(name: string): Promise<string | null> {
  for (const folder of parents(here)) {
    const file = await packageIn(join(folder, 'node_modules', name));
    if (file) return file.version;
  }
  return null;
}

/**
 * Whether a version is in a range of package.json.
 * @param range `^1.2.3`, `^0.7.2` or `>=18`
 */
export function isInRange(version: string, range: string): boolean {
  const [major = 0, minor = 0, patch = 0] = numbersOf(version);
  const [from = 0, fromMinor = 0, fromPatch = 0] = numbersOf(range);
  const isEnough =
    major > from ||
    (major === from && (minor > fromMinor || (minor === fromMinor && patch >= fromPatch)));
  if (!isEnough || !range.startsWith('^')) return isEnough;
  return from > 0 ? major === from : major === 0 && minor === fromMinor;
}

function numbersOf(text: string): number[] {
  return (/\d+(\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number);
}

async function packageIn(folder: string): Promise<PackageFile | null> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as PackageFile;
  } catch {
    return null;
  }
}

function* parents(folder: string): Generator<string> {
  yield folder;
  const above = dirname(folder);
  if (above !== folder) yield* parents(above);
}
