import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

interface Copy {
  readonly version: string;
  readonly folder: string;
}

/** Whether ixgate and a file of the user import the same copy of xstate. */
export function hasSameXstate(file: string): boolean {
  const other = copyFor(file);
  return other !== null && other.folder === copyFor(import.meta.url)?.folder;
}

/** The copies of xstate that ixgate and a file of the user import, as text for an error. */
export function copiesOfXstate(file: string): string {
  const [own, other] = [copyFor(import.meta.url), copyFor(file)];
  const shown = (copy: Copy | null) => (copy ? `xstate ${copy.version} in ${copy.folder}` : 'none');
  if (hasSameXstate(file))
    return `ixgate and this file import ${shown(own)}, but the machine comes from a package with another copy`;
  return `ixgate imports ${shown(own)}, and this file ${shown(other)}`;
}

function copyFor(importer: string): Copy | null {
  try {
    // A resolver that keeps symbolic links, as other programs may install, would make two copies of one.
    const path = realpathSync.native(createRequire(importer).resolve('xstate/package.json'));
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
    return { version, folder: dirname(path) };
  } catch {
    return null;
  }
}
