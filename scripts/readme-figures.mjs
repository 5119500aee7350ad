// Writes the drawings and tables of README.md, docs/reliability.md, docs/testing.md and docs/performance.md anew: npm run readme. The text is
// made in readme-blocks.ts, readme-tables.ts, reliability-tables.ts, testing-tables.ts and performance-tables.ts, which tests import too; vite
// runs them because Node 20 cannot.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const load = (name) => runnerImport(here(name), { logLevel: 'error', oxc: { target: 'node20' } });
const { module: blocks } = await load('readme-blocks.ts');
const { module: tables } = await load('readme-tables.ts');

const { module: reliability } = await load('reliability-tables.ts');
const { module: testing } = await load('testing-tables.ts');
const { module: performance } = await load('performance-tables.ts');

const proofs = await reliability.proofs(here('../test'));
const results = (name) => JSON.parse(readFileSync(here(`../bench/results/${name}.json`), 'utf8'));
const [servers, tools] = [results('servers'), results('tools')];
const drawn = Object.fromEntries(
  [...performance.drawings(servers)].map(([name, text]) => [
    `docs/performance/${name}`,
    () => text,
  ]),
);
const pages = {
  'README.md': (text) => tables.withTables(blocks.withDrawings(text)),
  'docs/reliability.md': (text) => reliability.withReliability(text, proofs),
  'docs/testing.md': (text) => testing.withStrength(text),
  'docs/performance.md': (text) => performance.withPerformance(text, servers, tools),
  ...drawn,
};
try {
  for (const [name, rewritten] of Object.entries(pages)) {
    const path = here(`../${name}`);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const after = rewritten(before);
    if (after !== before) writeFileSync(path, after);
    console.log(after === before ? `${name} is up to date` : `${name}: written anew`);
  }
} catch (error) {
  if (error?.name !== 'MissingMarkerError') throw error;
  console.error(error.message);
  process.exitCode = 1;
}
