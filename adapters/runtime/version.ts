import { readFileSync } from 'node:fs';

/** The version of this package, also from the built file in `dist`; `unknown` without a package.json. */
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
