import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { flagOf, limitKeys, type OptionRow, serveOptions } from '../adapters/config/index.js';
import { deadlineKeys, seen } from './limits-seen.js';
import { code, table, withTables } from './readme-tables.js';

/** The promises are numbered from 1 to this. */
export const promises = 94;

/** For each promise that a test title names, the files of those tests, in the order of their names. */
export type Proofs = ReadonlyMap<number, readonly string[]>;

/** What stands where no test shows a promise yet. */
const toCome = 'TO COME';

/** Reads the titles of all tests: `T12: ` in one says that it shows promise 12. */
export async function proofs(folder: string): Promise<Proofs> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(test|soak)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const found = new Map<number, string[]>();
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    const numbers = new Set([...text.matchAll(/\bT(\d+): /g)].map(([, number]) => Number(number)));
    for (const number of numbers) {
      found.set(number, [...(found.get(number) ?? []), join('test', relative(folder, file))]);
    }
  }
  return found;
}

/** The command that runs these tests and no others. */
function commandFor(number: number, files: readonly string[]): string {
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  // Vitest takes -t as a pattern; the colon keeps T1 from running T10 too.
  const only = `-t T${number}:`;
  return [
    tests.length > 0 ? code(`npx vitest run ${tests.join(' ')} ${only}`) : '',
    files.length > tests.length ? code(`npm run soak -- ${only}`) : '',
  ]
    .filter(Boolean)
    .join('<br>');
}

/** A promise's row: number, what is promised, shown by, command, figure. */
export const promiseRow = /^\| T(\d+) \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$/gm;

function limitsTable(): string {
  const rows = [...deadlineKeys, ...limitKeys].map((key) => {
    const { default: byDefault, otherwise }: OptionRow = serveOptions[key];
    const { limit, tcp, ws } = seen[key];
    const without =
      otherwise?.replace(/^default /, '') ?? [byDefault].flat().map(code).join(' and ');
    return [limit, code(flagOf(key)), without, tcp, ws ?? 'the same'];
  });
  return table(['limit', 'option', 'default', 'seen on tcp and tls', 'seen on ws and wss'], rows);
}

/** docs/reliability.md with the tests, the commands and the limits as they must be now; sentences and figures are left. */
export function withReliability(page: string, found: Proofs): string {
  const proved = page.replace(promiseRow, (_row, number, promise, _shown, _command, figure) => {
    const files = found.get(Number(number)) ?? [];
    const shown = files.map(code).join('<br>') || toCome;
    const command = commandFor(Number(number), files) || toCome;
    return `| T${number} | ${promise} | ${shown} | ${command} | ${figure} |`;
  });
  return withTables(proved, new Map([['limits', limitsTable()]]), 'docs/reliability.md');
}
