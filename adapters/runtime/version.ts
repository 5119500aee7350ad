import { readFileSync } from 'node:fs';

/** The version of the package this file belongs to, built (in `dist`) or not. */
export function version(): string {
  for (const root of ['../../../', '../../']) {
    try {
      const text = readFileSync(new URL(`${root}package.json`, import.meta.url), 'utf8');
      const { name, version: found } = JSON.parse(text) as { name: string; version: string };
      if (name === 'ixgate') return found;
    } catch {
      // Not this folder.
    }
  }
  return 'unknown';
}
