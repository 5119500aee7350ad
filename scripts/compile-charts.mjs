// Generates the charts as data in machines/registration/chart/compiled: npm run charts. vite runs the generator because Node 20 cannot run
// TypeScript.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { module } = await runnerImport(here('compiled-charts.ts'), {
  logLevel: 'error',
  oxc: { target: 'node20' },
});
for (const [name, text] of module.compiledCharts()) {
  const path = here(`../${name}`);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  mkdirSync(dirname(path), { recursive: true });
  if (text !== before) writeFileSync(path, text);
  console.log(text === before ? `${name} is up to date` : `${name}: generated`);
}
