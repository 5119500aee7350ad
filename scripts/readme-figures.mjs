// Writes the drawings and tables of README.md anew: npm run readme. The text is made in readme-blocks.ts and
// readme-tables.ts, which tests import too; vite runs them because Node 20 cannot.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const load = (name) => runnerImport(here(name), { logLevel: 'error' });
const { module: blocks } = await load('readme-blocks.ts');
const { module: tables } = await load('readme-tables.ts');

const path = here('../README.md');
const before = readFileSync(path, 'utf8');
try {
  const after = tables.withTables(blocks.withDrawings(before));
  if (after !== before) writeFileSync(path, after);
  console.log(
    after === before ? 'README.md is up to date' : 'README.md: drawings and tables written',
  );
} catch (error) {
  if (error?.name !== 'MissingMarkerError') throw error;
  console.error(error.message);
  process.exitCode = 1;
}
