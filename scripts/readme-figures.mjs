// Writes the drawings of README.md anew: npm run readme. The text is made in readme-blocks.ts, which a test imports too;
// vite runs it because Node 20 cannot.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { module } = await runnerImport(here('readme-blocks.ts'), { logLevel: 'error' });

const path = here('../README.md');
const before = readFileSync(path, 'utf8');
try {
  const after = module.withDrawings(before);
  if (after !== before) writeFileSync(path, after);
  console.log(after === before ? 'README.md is up to date' : 'README.md: drawings written');
} catch (error) {
  if (error?.name !== 'MissingMarkerError') throw error;
  console.error(error.message);
  process.exitCode = 1;
}
