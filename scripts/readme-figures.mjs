// Generates the drawings and tables of README.md and docs/: npm run readme. Tests import the modules that generate them; vite runs
// them because Node 20 cannot run TypeScript.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const load = (name) => runnerImport(here(name), { logLevel: 'error', oxc: { target: 'node20' } });
const { module: tables } = await load('readme-tables.ts');

const { module: reliability } = await load('reliability-tables.ts');
const { module: testing } = await load('testing-tables.ts');
const { module: logs } = await load('log-tables.ts');
const { module: metrics } = await load('metrics-tables.ts');
const { module: protocols } = await load('protocol-tables.ts');
const { module: performance } = await load('performance-tables.ts');
const { manual } = (await load('man-page.ts')).module;

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
  ...tables.generatedPages,
  ...logs.logPages,
  'docs/operate.md': (text) =>
    [tables.generatedPages, logs.logPages, { 'docs/operate.md': metrics.withMetrics }].reduce(
      (page, generated) => generated['docs/operate.md'](page),
      text,
    ),
  'README.md': (text) => performance.withCost(text, servers),
  'docs/reliability.md': (text) => reliability.withReliability(text, proofs),
  'docs/testing.md': (text) => testing.withStrength(text),
  'docs/protocols.md': (text) => protocols.withStatements(text),
  'docs/performance.md': (text) => performance.withPerformance(text, servers, tools),
  'man/ixgate.1': () => manual,
  ...drawn,
};
try {
  for (const [name, rewritten] of Object.entries(pages)) {
    const path = here(`../${name}`);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const after = rewritten(before);
    if (after !== before) writeFileSync(path, after);
    console.log(after === before ? `${name} is up to date` : `${name}: generated`);
  }
} catch (error) {
  if (error?.name !== 'MissingMarkerError') throw error;
  console.error(error.message);
  process.exitCode = 1;
}
