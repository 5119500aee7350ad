/**
 * Unpacks the Chromium of `@sparticuz/chromium`, with the shared libraries and the font it needs, so that the
 * browser tests need neither root nor a download. Prints the locations as JSON: {executable, libraries, fonts}.
 *
 * The package unpacks into the system's temporary folder and treats any existing file as complete, so test
 * files that start at the same moment would run a partial browser. This script unpacks into a separate folder, which gets its
 * final name when it is complete.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(
  await readFile(join(root, 'node_modules/@sparticuz/chromium/package.json'), 'utf8'),
);
const cache = join(root, 'node_modules/.cache');
const home = join(cache, `chromium-${version}`);
if (!existsSync(home)) await unpack();
console.log(
  JSON.stringify({
    executable: join(home, 'chromium'),
    libraries: join(home, 'al2023/lib'),
    fonts: join(home, 'fonts'),
  }),
);

async function unpack() {
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(`${home}.`);
  try {
    process.env.TMPDIR = staging;
    // Without it the package leaves its libraries (NSS, NSPR, expat) packed and relies on those of the system.
    process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x';
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
    const configuration = join(staging, 'fonts/fonts.conf');
    const text = await readFile(configuration, 'utf8');
    await writeFile(configuration, text.replaceAll('/tmp/fonts', join(home, 'fonts')));
    await rename(staging, home).catch((error) => {
      if (!existsSync(home)) throw error; // otherwise another process was faster, with the same files
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
