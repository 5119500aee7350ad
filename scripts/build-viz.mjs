/**
 * Builds the visualizer into `dist/viz`, unless no input has changed. The stamp with the hash of the inputs is in that folder, so
 * removing the build removes the stamp. The folder gets its final name when the build is complete, so the server never
 * serves a partial build.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'dist/viz');
const stamp = '.stamp';

const inputs = await hashOfInputs();
const made = await readFile(join(target, stamp), 'utf8').catch(() => null);
if (made === inputs) console.log('dist/viz is up to date');
else await make();

async function make() {
  // Tests run with another NODE_ENV, which would build the slow development version of React.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  await mkdir(join(root, '.cache'), { recursive: true });
  const staging = await mkdtemp(join(root, '.cache/viz-'));
  try {
    for (const mode of ['production', 'machine', 'inspector', 'report', 'picture', 'view']) {
      await build({
        configFile: join(root, 'viz/vite.config.ts'),
        mode,
        logLevel: 'warn',
        build: { outDir: staging },
      });
    }
    await chmod(staging, 0o755);
    await writeFile(join(staging, stamp), inputs);
    await mkdir(dirname(target), { recursive: true });
    if (existsSync(target)) await rename(target, `${staging}.old`);
    await rename(staging, target);
    console.log('dist/viz is built');
  } finally {
    await rm(staging, { recursive: true, force: true });
    await rm(`${staging}.old`, { recursive: true, force: true });
  }
}

/** One hash of the sources, the versions of their dependencies, and the build script. */
async function hashOfInputs() {
  const files = ['package.json', 'package-lock.json', 'scripts/build-viz.mjs'];
  for (const folder of ['viz', 'machines']) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name).slice(root.length + 1);
      if (!path.split(sep).includes('node_modules')) files.push(path);
    }
  }
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}
