// Writes the public names of each subpath, with their types, to docs/api: npm run api. With --check it writes nothing, and fails
// when a report differs. Reads the declarations of the build (dist).
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs/api');
const isCheck = process.argv.includes('--check');

const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const temporary = await mkdtemp(join(tmpdir(), 'ixgate-api-'));
const differing = [];
try {
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    const name = subpath === '.' ? 'ixgate' : subpath.slice(2);
    const report = reportOf(name, join(root, target.types));
    const path = join(folder, `${name}.api.md`);
    const before = await readFile(path, 'utf8').catch(() => null);
    const after = await report;
    if (before === after) continue;
    differing.push(`docs/api/${name}.api.md`);
    if (isCheck) continue;
    await mkdir(folder, { recursive: true });
    await writeFile(path, after);
  }
} finally {
  await rm(temporary, { recursive: true });
}

if (isCheck && differing.length > 0) {
  console.error(
    `The public names changed: ${differing.join(', ')}. Run npm run api and commit the reports.`,
  );
  process.exitCode = 1;
} else
  console.log(differing.length > 0 ? `written: ${differing.join(', ')}` : 'docs/api is up to date');

async function reportOf(name, entry) {
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    strict: true,
    skipLibCheck: true,
  };
  const quiet = { default: { logLevel: 'none' } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: temporary,
        reportTempFolder: join(temporary, 'new'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      compiler: { overrideTsconfig: { compilerOptions, include: [entry] } },
      messages: {
        compilerMessageReporting: quiet,
        extractorMessageReporting: quiet,
        tsdocMessageReporting: quiet,
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === 'error') throw new Error(`${name}: ${message.text}`);
    },
  });
  return await readFile(join(temporary, `${name}.api.md`), 'utf8');
}
