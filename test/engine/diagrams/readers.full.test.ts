/** PlantUML reads what is written for it. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { plantumlChart } from '../../../machines/entry/model.js';
import { registrationMachine } from '../../../machines/index.js';
import { temporaryFolder } from '../../support/folder.js';
import { corpus } from '../table/corpus.js';
import { everything } from './chart-with-everything.js';

const run = promisify(execFile);
const version = await run('plantuml', ['-version']).then(
  ({ stdout }) => /version (?:1\.)?(\d{4})/.exec(stdout)?.[1] ?? null,
  () => null,
);
// Without Graphviz it draws no charts, and exits with an error here.
if (version === null) {
  console.warn(
    'skipped: plantuml or Graphviz is not installed (apt-get install plantuml graphviz)',
  );
}

it.skipIf(version === null)('PlantUML draws every chart', { timeout: 120_000 }, async () => {
  await using folder = await temporaryFolder();
  const machines = Object.values(corpus).map(({ machine }) => machine);
  for (const [index, machine] of [...machines, everything, registrationMachine].entries()) {
    const text = plantumlChart(machine);
    // Deep history is newer than the version of some distributions.
    const isKnown = Number(version) > 2020 || !text.includes('[H*]');
    if (isKnown) await writeFile(join(folder.path, `${index}.puml`), text);
  }
  const drawn = await run('plantuml', ['-tsvg', '-failfast2', `${folder.path}/*.puml`]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  expect(`${drawn.stdout}${drawn.stderr}`).not.toMatch(/error/i);
  const files = await run('ls', [folder.path]);
  expect(files.stdout.match(/\.svg/g)?.length).toBeGreaterThan(40);
});
